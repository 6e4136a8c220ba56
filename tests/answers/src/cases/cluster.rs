//! Metadata, DescribeCluster, DescribeTopicPartitions, FindCoordinator.

use ottla_types::{Str, Uuid};
use ottla_wire::messages::{
    describe_cluster_request::DescribeClusterRequest,
    describe_topic_partitions_request::{Cursor, DescribeTopicPartitionsRequest, TopicRequest},
    find_coordinator_request::FindCoordinatorRequest,
    metadata_request::{MetadataRequest, MetadataRequestTopic},
};

use super::{UNKNOWN_ID, unknown};
use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    metadata(cases);
    metadata_errors(cases);
    describe_cluster(cases);
    describe_topic_partitions(cases);
    find_coordinator(cases);
}

fn named(names: &[&str]) -> Option<Vec<MetadataRequestTopic>> {
    let topic = |name: &&str| MetadataRequestTopic { name: Some((*name).into()), ..Default::default() };
    Some(names.iter().map(topic).collect())
}

fn of(names: &[&str]) -> MetadataRequest {
    MetadataRequest { topics: named(names), allow_auto_topic_creation: false, ..Default::default() }
}

fn metadata(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 4, 5, 7, 8, 9, 10, 12, 13], "metadata-of-a-topic", |run, version| {
        let topic = run.topic(3)?;
        // Before version 4 every request may create topics.
        let allow = version < 4;
        run.ask(version, MetadataRequest { allow_auto_topic_creation: allow, ..of(&[&topic.name]) }).map(drop)
    });
    cases.at(&[1, 4, 13], "metadata-of-no-topics", |run, version| {
        run.ask(version, MetadataRequest { allow_auto_topic_creation: true, ..of(&[]) }).map(drop)
    });
    cases.at(&[8, 10], "metadata-with-operations", |run, version| {
        let topic = run.topic(1)?;
        let request = MetadataRequest {
            include_cluster_authorized_operations: true,
            include_topic_authorized_operations: true,
            ..of(&[&topic.name])
        };
        run.ask(version, request).map(drop)
    });
    cases.add("metadata-of-all-topics", |run| {
        let topic = run.topic(2)?;
        for version in [1, 12] {
            let allow_auto_topic_creation = version < 4;
            let everything = MetadataRequest { topics: None, allow_auto_topic_creation, ..of(&[]) };
            let mut answer = run.ask_quietly(version, &everything)?;
            answer.topics.retain(|found| found.name.as_ref() == Some(&topic.name));
            run.note(&format!(
                "v{version}: {} of them ours, {} brokers",
                answer.topics.len(),
                answer.brokers.len()
            ));
        }
        let none = MetadataRequest { topics: Some(vec![]), ..of(&[]) };
        let old = run.ask_quietly(0, &MetadataRequest { allow_auto_topic_creation: true, ..none })?;
        run.note(&format!("v0, an empty list means all: {}", !old.topics.is_empty()));
        Ok(())
    });
    cases.add("metadata-of-internal-topics", |run| run.ask(12, of(&["__consumer_offsets"])).map(drop));
    cases.at(&[10, 12, 13], "metadata-by-id", |run, version| {
        let topic = run.topic(1)?;
        let by_id = |topic_id| MetadataRequest {
            topics: Some(vec![MetadataRequestTopic { topic_id, name: None }]),
            ..of(&[])
        };
        run.ask(version, by_id(topic.id))?;
        run.ask(version, by_id(UNKNOWN_ID))?;
        run.ask(version, by_id(Uuid::ZERO)).map(drop)
    });
    cases.add("metadata-by-id-and-name", |run| {
        let topic = run.topic(1)?;
        let one = |topic_id, name: &str| MetadataRequestTopic { topic_id, name: Some(name.into()) };
        for topics in [
            vec![one(topic.id, &topic.name)],
            vec![one(topic.id, "other-name")],
            vec![one(Uuid::ZERO, &topic.name), MetadataRequestTopic { topic_id: topic.id, name: None }],
            vec![MetadataRequestTopic { topic_id: topic.id, name: None }; 2],
        ] {
            run.try_ask(12, MetadataRequest { topics: Some(topics), ..of(&[]) })?;
        }
        Ok(())
    });
}

fn metadata_errors(cases: &mut Cases) {
    cases.at(&[4, 8, 12, 13], "metadata-unknown-topic", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, of(&["no-such-thing", &topic.name])).map(drop)
    });
    cases.at(&[4, 12], "metadata-bad-names", |run, version| {
        let long = "x".repeat(250);
        for name in ["", ".", "..", "a b", "a/b", "ä", &long] {
            run.ask(version, of(&[name]))?;
            run.ask(version, MetadataRequest { allow_auto_topic_creation: true, ..of(&[name]) })?;
        }
        Ok(())
    });
    cases.add("metadata-twice-the-same", |run| {
        let topic = run.topic(1)?;
        run.ask(12, of(&[&topic.name, &topic.name, "no-such-thing", "no-such-thing"])).map(drop)
    });
    cases.at(&[0, 4, 12], "metadata-creates-topics", |run, version| {
        let name = run.name("auto");
        let request = MetadataRequest { allow_auto_topic_creation: true, ..of(&[&name]) };
        run.ask(version, request)?;
        run.wait_for_topic(&name, 1)?;
        run.ask(12, of(&[&name])).map(drop)
    });
    cases.add("metadata-creates-no-colliding-topic", |run| {
        let topic = run.topic_named("a.b", 1, &[])?;
        let other = topic.name.replace("a.b", "a_b");
        run.ask(9, MetadataRequest { allow_auto_topic_creation: true, ..of(&[&other]) }).map(drop)
    });
}

fn describe_cluster(cases: &mut Cases) {
    cases.at(&[0, 1, 2], "describe-cluster", |run, version| {
        run.ask(version, DescribeClusterRequest::default())?;
        let operations =
            DescribeClusterRequest { include_cluster_authorized_operations: true, ..Default::default() };
        run.ask(version, operations).map(drop)
    });
    cases.add("describe-cluster-controllers", |run| {
        for endpoint_type in [2, 0, 3, -1] {
            run.ask(1, DescribeClusterRequest { endpoint_type, ..Default::default() })?;
        }
        Ok(())
    });
    cases.add("describe-cluster-fenced", |run| {
        run.ask(2, DescribeClusterRequest { include_fenced_brokers: true, ..Default::default() }).map(drop)
    });
}

fn describe_topic_partitions(cases: &mut Cases) {
    let of = |names: &[&Str], response_partition_limit| DescribeTopicPartitionsRequest {
        topics: names.iter().map(|name| TopicRequest { name: (*name).clone() }).collect(),
        response_partition_limit,
        cursor: None,
    };
    cases.add("describe-topic-partitions", move |run| {
        let topic = run.topic(2)?;
        run.ask(0, of(&[&topic.name], 2000)).map(drop)
    });
    cases.add("describe-topic-partitions-unknown", move |run| {
        let topic = run.topic(1)?;
        run.ask(0, of(&[&unknown(), &topic.name], 2000)).map(drop)
    });
    cases.add("describe-topic-partitions-bad-names", move |run| {
        run.ask(0, of(&[&Str::new()], 2000))?;
        run.ask(0, of(&[&Str::from_static("a b")], 2000)).map(drop)
    });
    cases.add("describe-topic-partitions-in-pages", move |run| {
        let (one, other) = (run.topic_named("a", 3, &[])?, run.topic_named("b", 2, &[])?);
        let names = [&other.name, &one.name];
        let page = run.ask(0, of(&names, 2))?;
        let mut cursor = page.next_cursor;
        while let Some(next) = cursor {
            let at = Cursor { topic_name: next.topic_name, partition_index: next.partition_index };
            cursor =
                run.ask(0, DescribeTopicPartitionsRequest { cursor: Some(at), ..of(&names, 2) })?.next_cursor;
        }
        Ok(())
    });
    cases.add("describe-topic-partitions-odd-cursors", move |run| {
        let (one, other) = (run.topic_named("a", 2, &[])?, run.topic_named("c", 1, &[])?);
        let between = run.name("b");
        for (topic_name, partition_index) in [
            (&one.name, 1),
            (&one.name, 7),
            (&between, 0),
            (&other.name, 0),
            (&unknown(), 0),
            (&one.name, -1),
        ] {
            let at = Cursor { topic_name: topic_name.clone(), partition_index };
            let request =
                DescribeTopicPartitionsRequest { cursor: Some(at), ..of(&[&one.name, &other.name], 10) };
            run.try_ask(0, request)?;
        }
        Ok(())
    });
    cases.add("describe-topic-partitions-limits", move |run| {
        let topic = run.topic(3)?;
        for limit in [1, 0, -1, 3] {
            run.try_ask(0, of(&[&topic.name], limit))?;
        }
        Ok(())
    });
    cases.add("describe-topic-partitions-twice-the-same", move |run| {
        let topic = run.topic(1)?;
        run.ask(0, of(&[&topic.name, &topic.name], 10)).map(drop)
    });
}

fn find_coordinator(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3], "find-coordinator", |run, version| {
        run.ask(version, FindCoordinatorRequest { key: run.name("g"), ..Default::default() }).map(drop)
    });
    cases.at(&[4, 5, 6], "find-coordinator", |run, version| {
        let coordinator_keys = vec![run.name("g"), run.name("h"), run.name("g")];
        run.ask(version, FindCoordinatorRequest { coordinator_keys, ..Default::default() }).map(drop)
    });
    cases.add("find-coordinator-of-nothing", |run| {
        run.ask(3, FindCoordinatorRequest::default())?;
        run.ask(4, FindCoordinatorRequest::default())?;
        let empty = FindCoordinatorRequest { coordinator_keys: vec![Str::new()], ..Default::default() };
        run.ask(4, empty).map(drop)
    });
    cases.add("find-coordinator-bad-type", |run| {
        for key_type in [3, -1, 127] {
            run.try_ask(1, FindCoordinatorRequest { key: run.name("g"), key_type, ..Default::default() })?;
            let coordinator_keys = vec![run.name("g")];
            run.try_ask(4, FindCoordinatorRequest { key_type, coordinator_keys, ..Default::default() })?;
        }
        Ok(())
    });
    cases.add("find-coordinator-share", |run| {
        for key in ["g", "g:AAAAAAAAAAAAAAAAAAAAAQ", "g:notanid:0", "g:AAAAAAAAAAAAAAAAAAAAAQ:x"] {
            for version in [5, 6] {
                let coordinator_keys = vec![key.into()];
                let request = FindCoordinatorRequest { key_type: 2, coordinator_keys, ..Default::default() };
                run.try_ask(version, request)?;
            }
        }
        Ok(())
    });
}
