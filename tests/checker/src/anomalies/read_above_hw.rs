use super::Anomaly;
use crate::{Analysis, Finding, analysis::polls};

/// A record was returned that is not in the final log at its offset: it was shown before it was safe.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for op in analysis.history.ops.iter().filter(|op| !op.is_final) {
        for (key, reads) in polls(op) {
            let log = &analysis.keys[key];
            let Some(from) = log.last_from else { continue };
            for (offset, value) in reads.iter().filter(|(offset, _)| *offset >= from) {
                let stands = log.last.get(offset);
                if stands != Some(value) {
                    let what = format!("offset {offset} was read as {value}, in the end it is {stands:?}");
                    found.push(Finding::new(Anomaly::ReadAboveHw, key, what));
                }
            }
        }
    }
    found
}
