use super::Anomaly;
use crate::{Analysis, Finding, Outcome};

/// Somebody read a value whose writer had been told that nothing happened.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, log) in &analysis.keys {
        for value in &log.read {
            if analysis.writer(log, *value).is_some_and(|op| op.outcome == Outcome::Fail) {
                let what = format!("value {value} was read, but its writer was told that it failed");
                found.push(Finding::new(Anomaly::G1a, key, what));
            }
        }
    }
    found
}
