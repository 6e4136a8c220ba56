use super::Anomaly;
use crate::{Analysis, Finding, Outcome, analysis::sends};

/// A value was acknowledged and nobody has read it, not even in the last reading.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for op in analysis.history.ops.iter().filter(|op| op.outcome == Outcome::Ok) {
        for (key, value, offset) in sends(op) {
            if analysis.keys.get(key).is_none_or(|log| !log.read.contains(&value)) {
                let what = format!("value {value} of process {} was acknowledged at {offset:?}", op.process);
                found.push(Finding::new(Anomaly::Unseen, key, what));
            }
        }
    }
    found
}
