use super::Anomaly;
use crate::{Analysis, Finding};

/// Whoever has read a value must be able to read everything committed before it. The bound is the furthest first place
/// of a value that was read: a value that stands twice proves only its first place.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, log) in &analysis.keys {
        let first = |value: &u64| log.places.get(value).map(|(first, _)| *first);
        let Some(bound) = log.read.iter().filter_map(first).max() else { continue };
        let mut lost: Vec<_> = log
            .places
            .iter()
            .filter(|(value, (_, last))| *last <= bound && !log.read.contains(value))
            .filter(|(value, _)| analysis.writer(log, **value).is_some_and(|op| analysis.is_committed(op)))
            .map(|(value, (first, _))| (*first, *value))
            .collect();
        lost.sort_unstable();
        for (index, value) in lost {
            let what = format!("value {value} at offset {} is committed and gone", log.offsets[index]);
            found.push(Finding::new(Anomaly::LostWrite, key, what));
        }
    }
    found
}
