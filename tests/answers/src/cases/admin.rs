//! Topics, partitions, settings, log directories, the quorum.

mod alter_configs;
mod alter_resources;
mod config_values;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod describe_configs;
mod new_topics_refused;
mod nodes;

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
    create_topics_response::CreateTopicsResponse,
    delete_topics_request::DeleteTopicsRequest,
};

use crate::{Cases, Run, Stop, Topic};

/// Where a value comes from when nobody set it.
const DEFAULT_SOURCE: i8 = 5;

pub(super) fn add(cases: &mut Cases) {
    create_topics::add(cases);
    new_topics_refused::add(cases);
    delete_topics::add(cases);
    create_partitions::add(cases);
    describe_configs::add(cases);
    alter_configs::add(cases);
    alter_resources::add(cases);
    config_values::add(cases);
    nodes::add(cases);
}

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

/// A topic that is asked for.
fn creatable(name: impl Into<Str>, num_partitions: i32, replication_factor: i16) -> CreatableTopic {
    CreatableTopic { name: name.into(), num_partitions, replication_factor, ..Default::default() }
}

/// A topic of one partition with settings.
fn with_configs(name: &Str, configs: &[(&'static str, Option<&str>)]) -> CreatableTopic {
    let config = |&(name, value): &(&'static str, Option<&str>)| CreatableTopicConfig {
        name: Str::from_static(name),
        value: value.map(Str::from),
    };
    CreatableTopic { configs: configs.iter().map(config).collect(), ..creatable(name.clone(), 1, 1) }
}

fn creation(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { topics, timeout_ms: 10_000, validate_only: false }
}

fn validation(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { validate_only: true, ..creation(topics) }
}

/// Asks for topics; of the settings of each only those are recorded that somebody has set.
fn create(run: &mut Run, version: i16, request: CreateTopicsRequest) -> Result<CreateTopicsResponse, Stop> {
    let mut answer = run.ask_quietly(version, &request)?;
    let own = answer.clone();
    for configs in answer.topics.iter_mut().filter_map(|topic| topic.configs.as_mut()) {
        configs.retain(|config| config.config_source != DEFAULT_SOURCE);
    }
    run.record(version, &request, &answer);
    Ok(own)
}
