//! What both ways to change settings share.

use std::collections::{HashMap, HashSet};

use ottla_metadata::{ConfigChanges, ConfigResource, resource_type};
use ottla_types::{ErrorCode, Str};

use crate::{api::cluster::view::stopped, call::Call};

/// One resource of a request.
pub(super) struct Change {
    pub(super) at: ConfigResource,
    /// The settings it names.
    pub(super) names: Vec<Str>,
    /// What is to happen, or what is wrong with the request.
    pub(super) what: Result<ConfigChanges, String>,
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
            (None, Ok(what)) => {
                answers.push(altered(change.at.clone(), ErrorCode::NONE, None));
                accepted.push((change.at, what));
            }
            (Some(why), _) | (None, Err(why)) => {
                answers.push(altered(change.at, ErrorCode::INVALID_REQUEST, Some(why.into())));
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
fn refusal(call: &Call, change: &Change, repeated: bool) -> Option<String> {
    if repeated {
        return Some("Each resource must appear at most once.".into());
    }
    let unique: HashSet<&Str> = change.names.iter().collect();
    if unique.len() < change.names.len() {
        return Some("Error due to duplicate config keys".into());
    }
    let own = call.broker.node_id().to_string();
    let foreign =
        change.at.kind == resource_type::BROKER && !change.at.name.is_empty() && change.at.name != own;
    foreign.then(|| {
        format!("Unexpected broker id, expected {own} or empty string, but received {}", change.at.name)
    })
}
