//! Metadata (key 3), versions 0–13. Brokers, topics and who leads what, from one image. Topics by name, from version 12
//! by id; null (in version 0: none) asks for all. Missing topics may be created on the way, which the client learns by
//! asking again.

use std::{collections::BTreeSet, sync::Arc};

use ottla_metadata::{Image, Partition, Topic};
use ottla_types::{ErrorCode, Str, Uuid, check_topic_name};
use ottla_wire::messages::{
    create_topics_request::CreateTopicsRequest,
    metadata_request::{MetadataRequest, MetadataRequestTopic},
    metadata_response::{
        MetadataResponse, MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
    },
};

use super::{
    auto_topics,
    view::{View, is_internal},
};
use crate::{
    authorized_operations,
    call::{Answer, Call},
    settings::OwnedLayers,
};

pub(crate) async fn handle(
    call: &Call,
    request: MetadataRequest,
) -> Result<Answer<MetadataResponse>, ErrorCode> {
    if let Some(code) = misuse(call.version, request.topics.as_deref().unwrap_or_default()) {
        return Ok(refuse(call.version, code, request.topics.unwrap_or_default()).into());
    }
    let image = call.broker.image();
    let view = View::new(&image, call.connection.listener());
    let answer = Answering {
        view,
        version: call.version,
        topic_operations: request.include_topic_authorized_operations && call.version >= 8,
    };
    let (topics, missing) = answer.topics(request.topics);
    let auto_create = request.allow_auto_topic_creation && call.broker.config.auto_create_topics_enable;
    let (creatable, unknown): (Vec<Str>, Vec<Str>) =
        missing.into_iter().partition(|name| auto_create && check_topic_name(name).is_ok());
    let unknown = unknown.iter().map(|name| answer.unknown(name));
    let created = creatable.iter().map(|name| answer.unknown(name));
    let topics = topics.into_iter().chain(unknown).chain(created).collect();
    create(call, &creatable, &image);
    let brokers = view.brokers(false).map(|(broker, listener)| MetadataResponseBroker {
        node_id: broker.id,
        host: listener.host.clone(),
        port: i32::from(listener.port),
        rack: broker.rack.clone(),
    });
    let mut response = MetadataResponse {
        brokers: brokers.collect(),
        cluster_id: Some(call.broker.cluster_id.clone()),
        controller_id: view.controller_id(),
        topics,
        ..MetadataResponse::default()
    };
    if request.include_cluster_authorized_operations && (8..=10).contains(&call.version) {
        response.cluster_authorized_operations = authorized_operations::CLUSTER;
    }
    Ok(response.into())
}

/// What is wrong with the request as a whole.
fn misuse(version: i16, topics: &[MetadataRequestTopic]) -> Option<ErrorCode> {
    let nameless = |topic: &MetadataRequestTopic| topic.name.is_none();
    let by_id = |topic: &MetadataRequestTopic| !topic.topic_id.is_zero();
    if version < 12 {
        return topics.iter().any(|t| nameless(t) || by_id(t)).then_some(ErrorCode::INVALID_REQUEST);
    }
    // Neither name nor id: Kafka trips over it, and says so.
    let neither = topics.iter().any(nameless) && !topics.iter().any(by_id);
    neither.then_some(ErrorCode::UNKNOWN_SERVER_ERROR)
}

fn refuse(version: i16, code: ErrorCode, topics: Vec<MetadataRequestTopic>) -> MetadataResponse {
    let topic = |asked: MetadataRequestTopic| MetadataResponseTopic {
        error_code: code,
        name: Some(asked.name.unwrap_or_default()),
        topic_id: asked.topic_id,
        ..MetadataResponseTopic::default()
    };
    MetadataResponse {
        topics: topics.into_iter().map(topic).collect(),
        error_code: if version >= 13 { code } else { ErrorCode::NONE },
        ..MetadataResponse::default()
    }
}

/// Has the controller create the topics; nobody waits for it, the client will ask again.
fn create(call: &Call, names: &[Str], image: &Image) {
    if names.is_empty() {
        return;
    }
    let layers = OwnedLayers::read(&call.broker.config, image);
    let creatable = |name: &Str| auto_topics::creatable(name, layers.view(), image.brokers().len());
    let topics = names.iter().map(creatable).collect();
    let request = CreateTopicsRequest { topics, ..CreateTopicsRequest::default() };
    let metadata = Arc::clone(&call.broker.metadata);
    tokio::spawn(async move {
        // A failed one is reported by the next request for it; a stopping controller creates nothing.
        let Ok(response) = metadata.create_topics(request).await else { return };
        for topic in response.topics.iter().filter(|topic| !topic.error_code.is_ok()) {
            tracing::info!(topic = %topic.name, code = %topic.error_code, message = ?topic.error_message, "a topic could not be created on first use");
        }
    });
}

#[derive(Clone, Copy)]
struct Answering<'a> {
    view: View<'a>,
    version: i16,
    topic_operations: bool,
}

impl Answering<'_> {
    /// The topics that exist and the ids that do not, and the names that do not.
    fn topics(self, asked: Option<Vec<MetadataRequestTopic>>) -> (Vec<MetadataResponseTopic>, Vec<Str>) {
        let image = self.view.image;
        let asked = match asked {
            Some(asked) if self.version > 0 || !asked.is_empty() => asked,
            _ => return (image.topics.iter().map(|topic| self.topic(topic)).collect(), Vec::new()),
        };
        let (mut found, mut unknown_ids, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        if asked.iter().any(|topic| !topic.topic_id.is_zero()) {
            // Whoever names one topic by its id names all of them so: entries without an id are not looked at.
            let ids = asked.iter().map(|topic| topic.topic_id).filter(|id| !id.is_zero());
            for id in ids.collect::<BTreeSet<_>>() {
                match image.topics.by_id(id) {
                    Some(topic) => found.push(self.topic(topic)),
                    None => unknown_ids.push(unknown_id(id)),
                }
            }
            unknown_ids.extend(found);
            return (unknown_ids, missing);
        }
        let mut seen = BTreeSet::new();
        for name in asked.into_iter().filter_map(|topic| topic.name) {
            if !seen.insert(name.clone()) {
                continue;
            }
            match image.topics.by_name(&name) {
                Some(topic) => found.push(self.topic(topic)),
                None => missing.push(name),
            }
        }
        (found, missing)
    }

    fn topic(self, topic: &Arc<Topic>) -> MetadataResponseTopic {
        let partitions = topic.partitions.iter();
        let mut answer = MetadataResponseTopic {
            name: Some(topic.name.clone()),
            topic_id: topic.id,
            is_internal: is_internal(&topic.name),
            partitions: partitions.map(|(number, partition)| self.partition(*number, partition)).collect(),
            ..MetadataResponseTopic::default()
        };
        if self.topic_operations {
            answer.topic_authorized_operations = authorized_operations::TOPIC;
        }
        answer
    }

    fn partition(self, partition_index: i32, partition: &Partition) -> MetadataResponsePartition {
        let (mut error_code, leader_id) = self.view.leader(partition, self.version >= 6);
        let mut answer = MetadataResponsePartition {
            partition_index,
            leader_id,
            leader_epoch: partition.leader_epoch,
            replica_nodes: partition.replicas.clone(),
            isr_nodes: partition.isr.clone(),
            offline_replicas: self.view.offline(partition),
            ..MetadataResponsePartition::default()
        };
        if self.version == 0 {
            // The first clients knew only brokers that are listed, and wanted an error for the others.
            answer.replica_nodes = self.view.reachable(&partition.replicas);
            answer.isr_nodes = self.view.reachable(&partition.isr);
            let all = answer.replica_nodes.len() == partition.replicas.len()
                && answer.isr_nodes.len() == partition.isr.len();
            if error_code.is_ok() && !all {
                error_code = ErrorCode::REPLICA_NOT_AVAILABLE;
            }
        }
        answer.error_code = error_code;
        answer
    }

    fn unknown(self, name: &Str) -> MetadataResponseTopic {
        let error_code = match check_topic_name(name) {
            Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Err(_) => ErrorCode::INVALID_TOPIC_EXCEPTION,
        };
        let mut answer = MetadataResponseTopic {
            error_code,
            name: Some(name.clone()),
            is_internal: is_internal(name),
            ..MetadataResponseTopic::default()
        };
        if self.topic_operations {
            answer.topic_authorized_operations = authorized_operations::TOPIC;
        }
        answer
    }
}

fn unknown_id(topic_id: Uuid) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: ErrorCode::UNKNOWN_TOPIC_ID,
        name: None,
        topic_id,
        ..MetadataResponseTopic::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::cluster::view::tests::{LISTENER, TWO, image};

    fn named(name: &str) -> MetadataRequestTopic {
        MetadataRequestTopic { name: Some(name.into()), topic_id: Uuid::ZERO }
    }

    fn by_id(topic_id: Uuid) -> MetadataRequestTopic {
        MetadataRequestTopic { name: None, topic_id }
    }

    fn ask(
        version: i16,
        topics: Option<Vec<MetadataRequestTopic>>,
    ) -> (Vec<MetadataResponseTopic>, Vec<Str>) {
        let image = image();
        Answering { view: View::new(&image, LISTENER), version, topic_operations: false }.topics(topics)
    }

    fn names(topics: &[MetadataResponseTopic]) -> Vec<&str> {
        topics.iter().map(|topic| topic.name.as_deref().unwrap_or("-")).collect()
    }

    #[test]
    fn null_is_all_and_empty_is_none_except_in_version_0() {
        assert_eq!(ask(1, None).0.len(), 2);
        assert_eq!(ask(1, Some(Vec::new())).0.len(), 0);
        assert_eq!(ask(0, Some(Vec::new())).0.len(), 2);
    }

    #[test]
    fn names_are_answered_once_and_missing_ones_left_to_be_created() {
        let (topics, missing) =
            ask(9, Some(vec![named("two"), named("x"), named("two"), named("x"), named("three")]));
        assert_eq!(names(&topics), ["two", "three"]);
        assert_eq!(missing, ["x"]);
    }

    #[test]
    fn ids_are_never_mistaken_for_names() {
        let (topics, missing) =
            ask(12, Some(vec![by_id(TWO), by_id(Uuid::from_u128(9_999)), named("three")]));
        assert!(missing.is_empty());
        let unknown: Vec<_> = topics.iter().filter(|t| t.error_code == ErrorCode::UNKNOWN_TOPIC_ID).collect();
        assert!(unknown.iter().all(|topic| topic.name.is_none()));
        assert_eq!(
            topics.iter().filter(|topic| topic.topic_id == TWO && topic.error_code.is_ok()).count(),
            1
        );
        assert_eq!(names(&topics).iter().filter(|name| **name == "three").count(), 0);
    }

    #[test]
    fn version_0_lists_only_replicas_it_also_lists_as_brokers() {
        let (topics, _) = ask(0, Some(vec![named("three")]));
        let partition = &topics[0].partitions[0];
        assert_eq!(
            (&partition.replica_nodes[..], partition.error_code),
            (&[1][..], ErrorCode::REPLICA_NOT_AVAILABLE)
        );
        let (topics, _) = ask(1, Some(vec![named("three")]));
        let partition = &topics[0].partitions[0];
        assert_eq!((&partition.replica_nodes[..], partition.error_code), (&[1, 2, 3][..], ErrorCode::NONE));
        assert_eq!(partition.offline_replicas, [2]);
    }

    #[test]
    fn misuse_is_refused_for_the_request_as_a_whole() {
        assert_eq!(misuse(11, &[by_id(TWO)]), Some(ErrorCode::INVALID_REQUEST));
        assert_eq!(misuse(12, &[by_id(TWO)]), None);
        assert_eq!(misuse(10, &[named("a"), by_id(Uuid::ZERO)]), Some(ErrorCode::INVALID_REQUEST));
        assert_eq!(misuse(12, &[named("a"), by_id(Uuid::ZERO)]), Some(ErrorCode::UNKNOWN_SERVER_ERROR));
        let refused = refuse(13, ErrorCode::UNKNOWN_SERVER_ERROR, vec![by_id(Uuid::ZERO)]);
        assert_eq!((refused.error_code, refused.topics[0].name.as_deref()), (ErrorCode(-1), Some("")));
        assert_eq!((refused.controller_id, refused.cluster_id), (-1, None));
    }
}
