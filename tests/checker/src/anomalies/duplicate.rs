use std::collections::BTreeMap;

use super::Anomaly;
use crate::{Analysis, Finding};

/// One value at two offsets of its key, unless its writer may send again without idempotence.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, log) in &analysis.keys {
        let mut offsets: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
        for (offset, values) in &log.seen {
            for value in values {
                offsets.entry(*value).or_default().push(*offset);
            }
        }
        for (value, offsets) in offsets.into_iter().filter(|(_, offsets)| offsets.len() > 1) {
            let writer = analysis.writer(log, value);
            if writer.is_some_and(|op| analysis.history.may_duplicate.contains(&op.process)) {
                continue;
            }
            let what = format!("value {value} stands at the offsets {offsets:?}");
            found.push(Finding::new(Anomaly::Duplicate, key, what));
        }
    }
    found
}
