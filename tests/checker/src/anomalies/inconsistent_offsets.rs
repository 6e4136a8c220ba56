use super::Anomaly;
use crate::{Analysis, Finding};

/// Some offset of a key has had two values or more.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, log) in &analysis.keys {
        for (offset, values) in log.seen.iter().filter(|(_, values)| values.len() > 1) {
            let what = format!("offset {offset} has had the values {values:?}");
            found.push(Finding::new(Anomaly::InconsistentOffsets, key, what));
        }
    }
    found
}
