//! Topics, partitions, settings, log directories, the quorum.

use ottla_types::ErrorCode;
use ottla_wire::messages::delete_topics_request::DeleteTopicsRequest;

use crate::{Cases, Run, Stop, Topic};

pub(super) fn add(_cases: &mut Cases) {}

/// Removes a topic without recording it.
pub(super) fn delete(run: &mut Run, topic: &Topic) -> Result<(), Stop> {
    let request =
        DeleteTopicsRequest { topic_names: vec![topic.name.clone()], timeout_ms: 5000, ..Default::default() };
    let answer = run.ask_quietly(5, &request)?;
    match answer.responses.first() {
        Some(topic) if topic.error_code == ErrorCode::NONE => {
            run.note("the topic is deleted");
            Ok(())
        }
        other => Err(Stop::Broken(format!("delete: {other:?}"))),
    }
}
