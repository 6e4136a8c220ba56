use super::Anomaly;
use crate::{Analysis, Finding};

/// A value came out that nobody put in.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, log) in &analysis.keys {
        for (offset, values) in &log.seen {
            for value in values.iter().filter(|value| !log.writers.contains_key(value)) {
                let what = format!("value {value} at offset {offset} was sent by nobody");
                found.push(Finding::new(Anomaly::Phantom, key, what));
            }
        }
    }
    found
}
