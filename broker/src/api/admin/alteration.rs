//! What both ways to change settings share.

use std::collections::{HashMap, HashSet};

use ottla_metadata::{ConfigChanges, ConfigOp, ConfigResource, Refusal, resource_type};
use ottla_types::{ErrorCode, Str};

use super::cleaner_threads;
use crate::{api::cluster::view::stopped, call::Call};

/// One resource of a request.
pub(super) struct Change {
    pub(super) at: ConfigResource,
    /// The settings it names.
    pub(super) names: Vec<Str>,
    /// What is to happen, or what is wrong with the request.
    pub(super) what: Result<ConfigChanges, Refusal>,
}

/// The refusal of settings without a value, which only deleting does without.
pub(super) fn without_value(names: &[Str]) -> Refusal {
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    let text = format!("Null value not supported for : {}", names.join(", "));
    Refusal::new(ErrorCode::INVALID_REQUEST, text)
}

/// One resource of the answer.
pub(super) struct Altered {
    pub(super) resource: ConfigResource,
    pub(super) code: ErrorCode,
    pub(super) message: Option<Str>,
}

/// Has the controller change what can be changed; the answer is in the order of the request.
pub(super) async fn alter(
    call: &Call,
    changes: Vec<Change>,
    validate_only: bool,
) -> Result<Vec<Altered>, ErrorCode> {
    let mut counts: HashMap<ConfigResource, usize> = HashMap::new();
    changes.iter().for_each(|change| *counts.entry(change.at.clone()).or_default() += 1);
    let mut answers = Vec::with_capacity(changes.len());
    let mut accepted = Vec::new();
    for change in changes {
        let refusal = refusal(call, &change, counts[&change.at] > 1);
        match (refusal, change.what) {
            // Nothing is to happen to a logger, or it would have been refused.
            (None, Ok(_)) if change.at.kind == resource_type::BROKER_LOGGER => {
                answers.push(altered(change.at, ErrorCode::NONE, None));
            }
            (None, Ok(what)) => {
                answers.push(altered(change.at.clone(), ErrorCode::NONE, None));
                accepted.push((change.at, what));
            }
            (Some(refusal), _) | (None, Err(refusal)) => {
                answers.push(altered(change.at, refusal.code, refusal.message));
            }
        }
    }
    let results = call.broker.metadata.alter_configs(accepted, validate_only).await.map_err(stopped)?;
    for (resource, result) in results {
        if let Err(refusal) = result
            && let Some(answer) = answers.iter_mut().find(|answer| answer.resource == resource)
        {
            answer.code = refusal.code;
            answer.message = refusal.message;
        }
    }
    Ok(answers)
}

fn altered(resource: ConfigResource, code: ErrorCode, message: Option<Str>) -> Altered {
    Altered { resource, code, message }
}

/// What is wrong with a resource of a request before its settings are looked at.
fn refusal(call: &Call, change: &Change, repeated: bool) -> Option<Refusal> {
    let invalid = |text: String| Some(Refusal::new(ErrorCode::INVALID_REQUEST, text));
    if repeated {
        return invalid("Each resource must appear at most once.".into());
    }
    let unique: HashSet<&Str> = change.names.iter().collect();
    if unique.len() < change.names.len() {
        return invalid("Error due to duplicate config keys".into());
    }
    if let Err(refusal) = &change.what {
        return Some(refusal.clone());
    }
    let (name, node): (&str, i32) = (&change.at.name, call.broker.node_id());
    match change.at.kind {
        resource_type::TOPIC if name.is_empty() => invalid("Default topic resources are not allowed.".into()),
        resource_type::GROUP if name.is_empty() => invalid("Default group resources are not allowed.".into()),
        resource_type::CLIENT_METRICS if name.is_empty() => {
            invalid("Subscription name can't be empty".into())
        }
        resource_type::BROKER if name.is_empty() => cleaner_threads::refusal(call, change),
        resource_type::BROKER_LOGGER if matches!(change.what, Ok(ConfigChanges::Replace(_))) => {
            invalid(format!("Unknown resource type {}", change.at.kind))
        }
        resource_type::BROKER | resource_type::BROKER_LOGGER => match name.parse::<i32>() {
            Err(_) => invalid(format!("Node id must be an integer, but it is: {name}")),
            Ok(id) if id == node && change.at.kind == resource_type::BROKER => {
                cleaner_threads::refusal(call, change)
            }
            Ok(id) if id == node => logger(change),
            Ok(id) if change.at.kind == resource_type::BROKER => {
                invalid(format!("Unexpected broker id, expected {node}, but received {id}"))
            }
            Ok(id) => invalid(format!("Unexpected node id. Expected {node}, but received {id}")),
        },
        _ => None,
    }
}

/// Log levels are set by the environment (`RUST_LOG`), not through this API: there is no logger to change.
fn logger(change: &Change) -> Option<Refusal> {
    let Ok(ConfigChanges::Incremental(operations)) = &change.what else { return None };
    let (name, operation, _) = operations.first()?;
    let listed = match operation {
        ConfigOp::Append => Some("APPEND"),
        ConfigOp::Subtract => Some("SUBTRACT"),
        ConfigOp::Set | ConfigOp::Delete => None,
    };
    if let Some(operation) = listed {
        let text = format!("{operation} operation is not allowed for the BROKER_LOGGER resource");
        return Some(Refusal::new(ErrorCode::INVALID_REQUEST, text));
    }
    Some(Refusal::new(ErrorCode::INVALID_CONFIG, format!("Logger {name} does not exist!")))
}
