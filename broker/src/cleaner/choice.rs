//! Which log is compacted next.

use std::sync::Arc;

use ottla_log::Cleanable;
use ottla_types::Millis;

use crate::partition::Partition;

/// A log that could be compacted.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) partition: Arc<Partition>,
    /// Up to where it was before.
    pub(crate) cleaned: i64,
    cleanable: Cleanable,
    /// `min.cleanable.dirty.ratio`.
    min_dirty_ratio: f64,
    /// How much longer than `max.compaction.lag.ms` its oldest dirty record has waited; 0 when it has not.
    delay_ms: i64,
}

/// What was seen on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Survey {
    pub(crate) max_dirty_ratio: f64,
    pub(crate) max_delay_ms: i64,
}

impl Choice {
    /// `None` when the partition is not to be compacted, or empty.
    pub(crate) fn new(partition: Arc<Partition>, cleaned: Option<i64>, now: Millis) -> Option<Self> {
        let config = partition.config();
        if !config.cleanup_policy.compact {
            return None;
        }
        let (cleaned, cleanable) = partition.inspect(|log, leader| {
            let cleaned = cleaned.unwrap_or_else(|| log.log_start());
            let bound = leader.high_watermark().min(leader.last_stable_offset());
            (cleaned, log.cleanable(cleaned, bound, now))
        });
        if cleanable.clean_bytes + cleanable.dirty_bytes == 0 {
            return None;
        }
        let due = now.0.saturating_sub(config.max_compaction_lag_ms.max(0));
        let delay_ms = cleanable.oldest_dirty.map_or(0, |oldest| due.saturating_sub(oldest).max(0));
        Some(Self {
            partition,
            cleaned,
            cleanable,
            min_dirty_ratio: config.min_cleanable_dirty_ratio,
            delay_ms,
        })
    }

    /// Whether compacting it is worth while, or cannot wait.
    fn is_worth_it(&self) -> bool {
        worth_it(&self.cleanable, self.min_dirty_ratio, self.delay_ms)
    }
}

fn worth_it(cleanable: &Cleanable, min_dirty_ratio: f64, delay_ms: i64) -> bool {
    cleanable.dirty_bytes > 0 && (delay_ms > 0 || cleanable.dirty_ratio() > min_dirty_ratio)
}

/// The dirtiest of those that are worth it.
pub(crate) fn dirtiest(candidates: impl Iterator<Item = Choice>) -> (Option<Choice>, Survey) {
    let mut survey = Survey::default();
    let mut dirtiest: Option<Choice> = None;
    for one in candidates {
        let ratio = one.cleanable.dirty_ratio();
        survey.max_dirty_ratio = survey.max_dirty_ratio.max(ratio);
        survey.max_delay_ms = survey.max_delay_ms.max(one.delay_ms);
        if one.is_worth_it() && dirtiest.as_ref().is_none_or(|known| ratio > known.cleanable.dirty_ratio()) {
            dirtiest = Some(one);
        }
    }
    (dirtiest, survey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_compacted_once_enough_of_it_is_dirty_or_it_has_waited_too_long() {
        let of = |clean_bytes, dirty_bytes| Cleanable {
            first_dirty: 0,
            end: 1,
            clean_bytes,
            dirty_bytes,
            oldest_dirty: None,
        };
        assert!(worth_it(&of(40, 60), 0.5, 0));
        assert!(!worth_it(&of(50, 50), 0.5, 0), "the ratio must be exceeded");
        assert!(worth_it(&of(99, 1), 0.5, 1));
        assert!(!worth_it(&of(99, 0), 0.0, 1), "there is nothing to do");
        assert!(worth_it(&of(0, 1), 0.99, 0));
    }
}
