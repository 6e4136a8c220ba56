use std::collections::BTreeMap;

use ottla_mutant::mutant;
use ottla_types::Millis;

use super::guards::{guard_leo_hw, guard_leo_known, guard_leo_leso, guard_min_isr};
use super::{FollowerFetch, FollowerState};

/// When a record counts as held by a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Once it is flushed (`flush.messages=1`): survives power loss.
    Synced,
    /// Once it is in the page cache, as Kafka does by default: survives a kill.
    PageCache,
}

/// What a producer waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acks {
    /// Nothing (0).
    None,
    /// The leader (1).
    Leader,
    /// All in-sync replicas (−1).
    All,
}

impl Acks {
    /// Reads the field of a Produce request; `None` for a number Kafka does not know (INVALID_REQUIRED_ACKS).
    #[must_use]
    pub const fn from_wire(acks: i16) -> Option<Self> {
        match acks {
            0 => Some(Self::None),
            1 => Some(Self::Leader),
            -1 => Some(Self::All),
            _ => None,
        }
    }
}

/// Whether a produce can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// Answer success.
    Ready,
    /// Ask again after the next flush or watermark move.
    Wait,
    /// NOT_ENOUGH_REPLICAS_AFTER_APPEND (20): replicated, but the in-sync replicas fell below the minimum meanwhile.
    NotEnoughReplicas,
}

/// NOT_ENOUGH_REPLICAS (19): acks=all with fewer in-sync replicas than `min.insync.replicas`; nothing was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "The size of the current ISR {in_sync} is insufficient to satisfy the min.isr requirement of {min_in_sync}"
)]
pub struct NotEnoughReplicas {
    /// How many are in sync.
    pub in_sync: usize,
    /// How many must be.
    pub min_in_sync: usize,
}

/// What a broker knows when it becomes the leader of a partition, or stays it in a new epoch.
#[derive(Debug, Clone)]
pub struct NewLeader {
    /// This broker.
    pub node: i32,
    /// The leader epoch, from the controller.
    pub epoch: i32,
    /// All replicas, this broker among them.
    pub replicas: Vec<i32>,
    /// The in-sync replicas, this broker among them.
    pub isr: Vec<i32>,
    /// `min.insync.replicas`.
    pub min_in_sync: usize,
    /// The log's first offset.
    pub log_start: i64,
    /// One past the last appended offset: the new epoch starts here.
    pub log_end: i64,
    /// Everything below is flushed.
    pub flushed: i64,
    /// The high watermark this replica knew so far.
    pub high_watermark: i64,
    /// By `flush.messages`.
    pub durability: Durability,
    /// When.
    pub now: Millis,
}

/// One partition's leader.
///
/// Always: `log_start ≤ high_watermark ≤ log_end`, `flushed ≤ log_end`, and the high watermark never goes back.
#[derive(Debug, Clone)]
pub struct Leader {
    node: i32,
    epoch: i32,
    epoch_start: i64,
    followers: BTreeMap<i32, FollowerState>,
    isr: Vec<i32>,
    /// In-sync replicas proposed to the controller and not answered yet: they hold the watermark back already.
    proposed_isr: Vec<i32>,
    min_in_sync: usize,
    log_start: i64,
    log_end: i64,
    flushed: i64,
    high_watermark: i64,
    first_unstable: Option<i64>,
    durability: Durability,
}

impl Leader {
    /// Takes the lead. Offsets that contradict each other (a checkpoint older than a truncation) are clamped.
    #[must_use]
    pub fn new(start: NewLeader) -> Self {
        let log_end = start.log_end.max(start.log_start);
        let followers = start.replicas.iter().filter(|replica| **replica != start.node);
        let mut leader = Self {
            node: start.node,
            epoch: start.epoch,
            epoch_start: log_end,
            // guard_follower_reset: whatever was known of followers in an earlier epoch is forgotten.
            followers: followers
                .map(|replica| {
                    (*replica, FollowerState { caught_up_at: start.now, ..FollowerState::UNKNOWN })
                })
                .collect(),
            isr: start.isr,
            proposed_isr: Vec::new(),
            min_in_sync: start.min_in_sync,
            log_start: start.log_start,
            log_end,
            flushed: start.flushed.clamp(start.log_start, log_end),
            high_watermark: start.high_watermark.clamp(start.log_start, log_end),
            first_unstable: None,
            durability: start.durability,
        };
        leader.move_high_watermark();
        leader
    }

    /// Whether a produce with `acks` may be appended now.
    ///
    /// # Errors
    /// acks=all and too few in-sync replicas.
    pub fn may_append(&self, acks: Acks) -> Result<(), NotEnoughReplicas> {
        let (in_sync, min_in_sync) = (self.isr.len(), self.effective_min_in_sync());
        if acks == Acks::All && in_sync < min_in_sync {
            return Err(NotEnoughReplicas { in_sync, min_in_sync });
        }
        Ok(())
    }

    /// The log now ends at `log_end`. True when the high watermark moved.
    pub fn on_appended(&mut self, log_end: i64) -> bool {
        self.log_end = self.log_end.max(log_end);
        self.move_high_watermark()
    }

    /// Everything below `offset` is on disk. True when the high watermark moved.
    pub fn on_flushed(&mut self, offset: i64) -> bool {
        self.flushed = self.flushed.max(offset.min(self.log_end));
        self.move_high_watermark()
    }

    /// A follower fetched. True when the high watermark moved. A replica that is not assigned here changes nothing.
    pub fn on_follower_fetch(&mut self, fetch: FollowerFetch) -> bool {
        let log_end = self.log_end;
        let Some(follower) = self.followers.get_mut(&fetch.replica) else { return false };
        follower.log_end = Some(fetch.fetch_offset.clamp(0, log_end));
        follower.broker_epoch = fetch.broker_epoch;
        if fetch.fetch_offset >= log_end {
            follower.caught_up_at = fetch.now;
        }
        self.move_high_watermark()
    }

    /// The log now starts at `offset` (retention, DeleteRecords); never goes back and never passes the high watermark.
    pub fn on_log_start(&mut self, offset: i64) {
        self.log_start = self.log_start.max(offset.min(self.high_watermark));
    }

    /// The oldest undecided transaction begins at `offset`, or there is none.
    pub fn set_first_unstable(&mut self, offset: Option<i64>) {
        self.first_unstable = offset;
    }

    /// `min.insync.replicas` changed. True when the high watermark moved.
    pub fn set_min_in_sync(&mut self, min_in_sync: usize) -> bool {
        self.min_in_sync = min_in_sync;
        self.move_high_watermark()
    }

    /// `flush.messages` changed. True when the high watermark moved.
    pub fn set_durability(&mut self, durability: Durability) -> bool {
        self.durability = durability;
        self.move_high_watermark()
    }

    /// In-sync replicas proposed to the controller: until it answers, the watermark waits for these as well. True when
    /// the high watermark moved, which only a narrower proposal in place of a wider one can do.
    pub fn propose_isr(&mut self, isr: Vec<i32>) -> bool {
        self.proposed_isr = isr;
        self.move_high_watermark()
    }

    /// The controller's answer, or its rejection (then `isr` is the last committed one). True when the high watermark
    /// moved (KAFKA-13091: after a shrink nothing else would move it).
    pub fn on_isr(&mut self, isr: Vec<i32>) -> bool {
        self.isr = isr;
        self.proposed_isr.clear();
        self.move_high_watermark()
    }

    /// Whether `replica` may be proposed for the in-sync replicas.
    #[must_use]
    pub fn may_join_isr(&self, replica: i32) -> bool {
        let Some(log_end) = self.followers.get(&replica).and_then(guard_leo_known) else { return false };
        guard_leo_hw(log_end, self.high_watermark) && guard_leo_leso(log_end, self.epoch_start)
    }

    /// Whether a produce whose last record is at `last_offset` can be answered.
    #[must_use]
    pub fn ack(&self, last_offset: i64, acks: Acks) -> Ack {
        match acks {
            Acks::None => Ack::Ready,
            Acks::Leader if self.held() > last_offset => Ack::Ready,
            Acks::All if self.high_watermark > last_offset => {
                if self.isr.len() < self.effective_min_in_sync() {
                    Ack::NotEnoughReplicas
                } else {
                    Ack::Ready
                }
            }
            Acks::Leader | Acks::All => Ack::Wait,
        }
    }

    /// The leader epoch.
    #[must_use]
    pub const fn epoch(&self) -> i32 {
        self.epoch
    }

    /// Where this leader epoch began: its own records stand at this offset or behind it.
    #[must_use]
    pub const fn epoch_start(&self) -> i64 {
        self.epoch_start
    }

    /// The first offset.
    #[must_use]
    pub const fn log_start(&self) -> i64 {
        self.log_start
    }

    /// One past the last appended offset.
    #[must_use]
    pub const fn log_end(&self) -> i64 {
        self.log_end
    }

    /// Everything below is on this broker's disk.
    #[must_use]
    pub const fn flushed(&self) -> i64 {
        self.flushed
    }

    /// Everything below is committed and may be read.
    #[must_use]
    pub const fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Everything below is committed and its transaction decided: the end for read_committed.
    #[must_use]
    pub fn last_stable_offset(&self) -> i64 {
        let one_too_far = i64::from(mutant!("stable_offset_one_too_far"));
        self.first_unstable
            .map_or(self.high_watermark, |first| (first + one_too_far).min(self.high_watermark))
    }

    /// Whether the high watermark is known to be at least what earlier leaders acknowledged. Until then
    /// ListOffsets(latest) is OFFSET_NOT_AVAILABLE (KIP-207).
    #[must_use]
    pub const fn high_watermark_is_current(&self) -> bool {
        self.high_watermark >= self.epoch_start
    }

    /// The committed in-sync replicas.
    #[must_use]
    pub fn isr(&self) -> &[i32] {
        &self.isr
    }

    /// What is known of each follower.
    pub fn followers(&self) -> impl Iterator<Item = (i32, &FollowerState)> {
        self.followers.iter().map(|(id, state)| (*id, state))
    }

    /// What this replica holds for good, by the durability asked for.
    fn held(&self) -> i64 {
        match self.durability {
            Durability::Synced if mutant!("acknowledged_before_flush") => self.log_end,
            Durability::Synced => self.flushed,
            Durability::PageCache => self.log_end,
        }
    }

    /// More than there are replicas can never be in sync, so no more are asked for.
    fn effective_min_in_sync(&self) -> usize {
        self.min_in_sync.min(self.followers.len() + 1)
    }

    /// Moves the watermark to what every member of the maximal in-sync set holds.
    fn move_high_watermark(&mut self) -> bool {
        if !guard_min_isr(self.isr.len(), self.effective_min_in_sync()) {
            return false;
        }
        let maximal = self.isr.iter().chain(&self.proposed_isr).filter(|replica| **replica != self.node);
        let mut held = self.held();
        if mutant!("high_watermark_one_too_far") {
            held = (held + 1).min(self.log_end);
        }
        for replica in maximal {
            let known = self.followers.get(replica).and_then(guard_leo_known);
            held = held.min(known.unwrap_or(self.high_watermark));
        }
        let moved = held > self.high_watermark;
        self.high_watermark = self.high_watermark.max(held);
        moved
    }
}
