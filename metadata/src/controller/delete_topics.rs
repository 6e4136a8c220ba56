use super::{Controller, Refusal, draft::Draft};
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::{
    log_records::metadata::remove_topic_record::RemoveTopicRecord,
    messages::{
        delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
        delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse},
    },
};
use std::collections::{BTreeMap, BTreeSet};

impl Controller {
    /// Deletes by name or by id, each topic on its own.
    pub(super) fn delete_topics(
        &self,
        draft: &mut Draft,
        request: DeleteTopicsRequest,
    ) -> DeleteTopicsResponse {
        let by_name = request.topic_names.into_iter();
        let by_name = by_name.map(|name| DeleteTopicState { name: Some(name), topic_id: Uuid::ZERO });
        let asked: Vec<DeleteTopicState> = by_name.chain(request.topics).collect();
        let mut times: BTreeMap<(Option<Str>, Uuid), usize> = BTreeMap::new();
        for topic in &asked {
            *times.entry((topic.name.clone(), topic.topic_id)).or_default() += 1;
        }
        let image = draft.image.clone();
        let id_of = |topic: &DeleteTopicState| {
            let name = topic.name.as_ref().filter(|_| topic.topic_id.is_zero())?;
            image.topics.by_name(name).map(|topic| topic.id)
        };
        let named: BTreeSet<Uuid> = asked.iter().filter_map(id_of).collect();
        let mut responses = Vec::with_capacity(asked.len());
        for topic in asked {
            // A topic named twice is refused once; named and given by id, it is refused where it is named.
            if topic.name.is_none() && named.contains(&topic.topic_id) {
                continue;
            }
            let also_by_id = id_of(&topic).filter(|id| times.contains_key(&(None, *id)));
            let Some(times) = times.remove(&(topic.name.clone(), topic.topic_id)) else { continue };
            if let Some(topic_id) = also_by_id {
                responses.push(also_given_by_id(topic, topic_id));
                continue;
            }
            let result = if times > 1 { Err(duplicate(&topic)) } else { self.delete_topic(draft, &topic) };
            responses.push(match result {
                Ok((name, topic_id)) => {
                    DeletableTopicResult { name: Some(name), topic_id, ..DeletableTopicResult::default() }
                }
                Err(refusal) => DeletableTopicResult {
                    name: topic.name,
                    topic_id: topic.topic_id,
                    error_code: refusal.code,
                    error_message: refusal.message,
                },
            });
        }
        DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() }
    }

    fn delete_topic(&self, draft: &mut Draft, asked: &DeleteTopicState) -> Result<(Str, Uuid), Refusal> {
        let invalid = |text: &str| Err(Refusal::new(ErrorCode::INVALID_REQUEST, text));
        if !self.options.delete_topic_enable {
            return Err(Refusal::new(ErrorCode::TOPIC_DELETION_DISABLED, "Topic deletion is disabled."));
        }
        let known = match (&asked.name, asked.topic_id) {
            (None, id) if id.is_zero() => return invalid("Neither topic name nor id were specified."),
            (Some(_), id) if !id.is_zero() => {
                return invalid("You may not specify both topic name and topic id.");
            }
            (Some(name), _) => draft.image.topics.by_name(name),
            (None, id) => draft.image.topics.by_id(id),
        };
        let Some((name, id)) = known.map(|topic| (topic.name.clone(), topic.id)) else {
            return Err(if asked.name.is_some() {
                let text = "This server does not host this topic-partition.";
                Refusal::new(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, text)
            } else {
                Refusal::new(ErrorCode::UNKNOWN_TOPIC_ID, "This server does not host this topic ID.")
            });
        };
        draft.push(RemoveTopicRecord { topic_id: id });
        Ok((name, id))
    }
}

fn also_given_by_id(topic: DeleteTopicState, topic_id: Uuid) -> DeletableTopicResult {
    let text = "The provided topic name maps to an ID that was already supplied.";
    DeletableTopicResult {
        name: topic.name,
        topic_id,
        error_code: ErrorCode::INVALID_REQUEST,
        error_message: Some(Str::from_static(text)),
    }
}

fn duplicate(topic: &DeleteTopicState) -> Refusal {
    let text = if topic.topic_id.is_zero() { "Duplicate topic name." } else { "Duplicate topic id." };
    Refusal::new(ErrorCode::INVALID_REQUEST, text)
}
