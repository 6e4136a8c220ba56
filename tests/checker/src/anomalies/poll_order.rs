use std::collections::HashMap;

use super::Anomaly;
use crate::{Analysis, Finding, Micro, Op, Outcome, analysis::polls};

/// What a consumer remembers between its operations.
#[derive(Debug, Default)]
struct Reader<'a> {
    /// The last index read, by key.
    last: HashMap<&'a str, usize>,
    /// It shares a group: between two polls the group may have moved it.
    in_group: bool,
}

/// Records left out and going back, within one operation and between the good operations of one process.
///
/// The group moves a consumer at a rebalance, so what happens across one is no anomaly.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut readers: HashMap<u64, Reader<'_>> = HashMap::new();
    let mut found = Vec::new();
    for op in &analysis.history.ops {
        let rebalanced = op.micro.iter().any(|micro| matches!(micro, Micro::Rebalance { .. }));
        if !rebalanced {
            within(analysis, op, &mut found);
        }
        if op.outcome == Outcome::Ok {
            between(analysis, op, readers.entry(op.process).or_default(), &mut found);
        }
    }
    found
}

fn within(analysis: &Analysis<'_>, op: &Op, found: &mut Vec<Finding>) {
    let mut last: HashMap<&str, usize> = HashMap::new();
    for (key, reads) in polls(op) {
        for (offset, _) in reads {
            let Some(index) = analysis.keys[key].index(*offset) else { continue };
            if let Some(before) = last.insert(key, index) {
                let names = (Anomaly::IntPollSkip, Anomaly::IntNonmonotonicPoll);
                found.extend(step(analysis, op, key, (before, index), names));
            }
        }
    }
}

fn between<'a>(analysis: &Analysis<'a>, op: &'a Op, reader: &mut Reader<'a>, found: &mut Vec<Finding>) {
    let mut begun: Vec<&str> = Vec::new();
    for micro in &op.micro {
        match micro {
            Micro::Assign { keys } => {
                reader.in_group = false;
                reader.last.retain(|key, _| keys.iter().any(|assigned| assigned == key));
            }
            Micro::Rebalance { .. } => {
                reader.in_group = true;
                reader.last.clear();
            }
            Micro::Seek { k } => {
                reader.last.remove(k.as_str());
            }
            Micro::Poll { k, reads, .. } => {
                let log = &analysis.keys[k.as_str()];
                let indexes = || reads.iter().filter_map(|(offset, _)| log.index(*offset));
                let (Some(first), Some(last)) = (indexes().next(), indexes().next_back()) else { continue };
                let before = reader.last.insert(k, last);
                if let Some(before) = before.filter(|_| !reader.in_group && !begun.contains(&k.as_str())) {
                    let names = (Anomaly::PollSkip, Anomaly::NonmonotonicPoll);
                    found.extend(step(analysis, op, k, (before, first), names));
                }
                begun.push(k);
            }
            _ => {}
        }
    }
}

/// What is wrong with going from one index to another: `names` are those of a step too far and of one back.
fn step(
    analysis: &Analysis<'_>,
    op: &Op,
    key: &str,
    (before, index): (usize, usize),
    (too_far, back): (Anomaly, Anomaly),
) -> Option<Finding> {
    let anomaly = match index {
        index if index <= before => back,
        index if index > before + 1 => too_far,
        _ => return None,
    };
    let offsets = &analysis.keys[key].offsets;
    let what = format!("process {} read offset {} after {}", op.process, offsets[index], offsets[before]);
    Some(Finding::new(anomaly, key, what))
}
