use std::collections::HashMap;

use super::Anomaly;
use crate::{Analysis, Finding, Outcome, analysis::sends};

/// What a producer sent later to a key stands before what it sent earlier, within one operation or across operations in
/// the order they were asked. Producers may have many operations under way: their order is that of asking, not of ending.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    // By process and key: the first place of the last value with a known one, and its operation.
    let mut last: HashMap<(u64, &str), (usize, usize)> = HashMap::new();
    let mut found = Vec::new();
    for (at, op) in analysis.history.ops.iter().enumerate() {
        let is_given_up = op.outcome == Outcome::Info && analysis.history.may_be_late.contains(&op.process);
        if op.outcome == Outcome::Fail || is_given_up {
            continue;
        }
        for (key, value, _) in sends(op) {
            let log = &analysis.keys[key];
            // Nobody saw where it stands: no order to break.
            let Some((first, _)) = log.places.get(&value).copied() else { continue };
            if let Some((before, its_op)) = last.insert((op.process, key), (first, at))
                && first <= before
            {
                let anomaly =
                    if its_op == at { Anomaly::IntNonmonotonicSend } else { Anomaly::NonmonotonicSend };
                let (here, there) = (log.offsets[first], log.offsets[before]);
                let what = format!("process {} got offset {here} for {value} after {there}", op.process);
                found.push(Finding::new(anomaly, key, what));
            }
        }
    }
    found
}
