//! The conditions without which acknowledged records are lost, one function each, named as in the specification of
//! KIP-966 (`kafka_replication_kip_966.tla`). Each is also a mutant: turned off, a test must fail.

use super::FollowerState;

/// Joining the in-sync replicas needs a fetch in this leader epoch: what an earlier leader knew says nothing.
pub(super) fn guard_leo_known(follower: &FollowerState) -> Option<i64> {
    follower.log_end
}

/// … and everything this leader may have acknowledged.
pub(super) fn guard_leo_hw(log_end: i64, high_watermark: i64) -> bool {
    log_end >= high_watermark
}

/// … and everything earlier leaders may have acknowledged: a new leader's own high watermark can lag behind theirs, but
/// never beyond the start of its epoch.
pub(super) fn guard_leo_leso(log_end: i64, epoch_start: i64) -> bool {
    log_end >= epoch_start
}

/// The high watermark stands still while fewer than the minimum are in sync (KIP-966): what moves it must be on as many
/// disks as were promised.
pub(super) fn guard_min_isr(in_sync: usize, min_in_sync: usize) -> bool {
    in_sync >= min_in_sync
}
