use std::collections::{BTreeSet, HashSet};

use super::Anomaly;
use crate::{Analysis, Finding, Outcome, analysis::KeyLog};

/// Whoever has read a value must be able to read everything committed before it. And what the broker acknowledged must
/// be there in the last reading, even if somebody has read it before it was lost.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, log) in &analysis.keys {
        let lost: BTreeSet<_> =
            passed_over(analysis, log).into_iter().chain(gone_in_the_end(analysis, log)).collect();
        for (index, value) in lost {
            let what = format!("value {value} at offset {} is committed and gone", log.offsets[index]);
            found.push(Finding::new(Anomaly::LostWrite, key, what));
        }
    }
    found
}

/// Jepsen's definition. The bound is the furthest first place of a value that was read: a value that stands twice proves
/// only its first place.
fn passed_over(analysis: &Analysis<'_>, log: &KeyLog) -> Vec<(usize, u64)> {
    let first = |value: &u64| log.places.get(value).map(|(first, _)| *first);
    let Some(bound) = log.read.iter().filter_map(first).max() else { return Vec::new() };
    let places = log.places.iter().filter(|(value, (_, last))| *last <= bound && !log.read.contains(value));
    let committed =
        places.filter(|(value, _)| analysis.writer(log, **value).is_some_and(|op| analysis.is_committed(op)));
    committed.map(|(value, (first, _))| (*first, *value)).collect()
}

/// What lies before the last reading was deleted on purpose.
fn gone_in_the_end(analysis: &Analysis<'_>, log: &KeyLog) -> Vec<(usize, u64)> {
    let Some(from) = log.last_from else { return Vec::new() };
    let there: HashSet<u64> = log.last.values().copied().collect();
    let gone = log.places.iter().filter(|(value, (first, _))| {
        log.offsets[*first] >= from
            && !there.contains(value)
            && analysis.writer(log, **value).is_some_and(|op| op.outcome == Outcome::Ok)
    });
    gone.map(|(value, (first, _))| (*first, *value)).collect()
}
