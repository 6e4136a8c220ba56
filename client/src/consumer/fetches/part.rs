use std::collections::VecDeque;

use ottla_records::Batch;
use ottla_types::{ErrorCode, Millis, Uuid};

use super::Trouble;
use crate::consumer::partition::Watermarks;

/// Where to begin when nothing is known better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The first record there is.
    Earliest,
    /// Behind the last.
    Latest,
    /// The first record not older than so many milliseconds.
    Since(i64),
    /// The first record not older than this time, milliseconds.
    Time(i64),
}

/// What a reader has of a partition is of one life: it ends with the assignment, and with a seek.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) came: u64,
    pub(crate) sought: u64,
}

/// How far a partition is from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// What the group has committed is wanted.
    Committed,
    /// An offset by position is wanted.
    Offset(At),
    /// The leader has changed: does it have what was read?
    Validate,
    Read,
    /// It has failed; a seek makes it go on.
    Stopped,
}

/// One partition that is read.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) step: Step,
    /// The question of this step is under way.
    pub(super) asks: bool,
    pub(super) paused: bool,
    /// Nothing more is handed out: it is being given up.
    pub(super) closing: bool,
    pub(super) not_before: Millis,
    pub(super) topic_id: Uuid,
    /// −1 for none that is known.
    pub(super) leader: i32,
    pub(super) leader_epoch: i32,
    /// A replica that is nearer, and until when it is asked.
    pub(super) nearer: Option<(i32, Millis)>,
    /// The next offset to ask for.
    pub(super) next: i64,
    /// The epoch of the last record that was fetched or committed, −1 for unknown.
    pub(super) last_epoch: i32,
    /// The next offset to hand out.
    pub(super) position: i64,
    /// Where this life began, or went back to: nothing before is this reader's to commit.
    pub(super) floor: i64,
    /// Changes whenever what was asked for before does not count any more.
    pub(super) stamp: u64,
    /// When it came, and where its reader last went to, as stamps.
    pub(super) life: Life,
    pub(super) ready: VecDeque<Batch>,
    pub(super) bytes: usize,
    pub(super) trouble: Option<Trouble>,
    pub(super) watermarks: Watermarks,
}

impl Part {
    pub(super) fn new(stamp: u64, step: Step) -> Self {
        Self {
            step,
            asks: false,
            paused: false,
            closing: false,
            not_before: Millis(i64::MIN),
            topic_id: Uuid::ZERO,
            leader: -1,
            leader_epoch: -1,
            nearer: None,
            next: 0,
            last_epoch: -1,
            position: 0,
            floor: i64::MAX,
            stamp,
            life: Life { came: stamp, sought: stamp },
            ready: VecDeque::new(),
            bytes: 0,
            trouble: None,
            watermarks: Watermarks::UNKNOWN,
        }
    }

    /// Goes on elsewhere. Returns the bytes that are not held any more.
    pub(super) fn restart(&mut self, stamp: u64, step: Step) -> usize {
        self.step = step;
        self.asks = false;
        self.stamp = stamp;
        self.trouble = None;
        self.ready.clear();
        std::mem::take(&mut self.bytes)
    }

    /// Reads from an offset on, whose record before has this epoch. Returns the bytes that are not held any more.
    pub(super) fn begin(&mut self, stamp: u64, offset: i64, epoch: i32) -> usize {
        let step = if epoch >= 0 { Step::Validate } else { Step::Read };
        let freed = self.restart(stamp, step);
        (self.next, self.position, self.last_epoch) = (offset, offset, epoch);
        self.floor = self.floor.min(offset);
        freed
    }

    /// A broker leads in an epoch.
    pub(super) fn follow(&mut self, leader: i32, epoch: i32) {
        self.leader = leader;
        let is_another = epoch > self.leader_epoch && self.leader_epoch >= 0;
        // What was read may not be in the log of another leader.
        if is_another && self.step == Step::Read && self.last_epoch >= 0 {
            self.step = Step::Validate;
            self.asks = false;
        }
        self.leader_epoch = epoch;
    }

    pub(super) fn stop(&mut self, trouble: Trouble) {
        self.step = Step::Stopped;
        self.asks = false;
        self.trouble = Some(trouble);
    }

    /// The broker to read from; `None` while it is not known.
    pub(super) fn node(&mut self, now: Millis) -> Option<i32> {
        self.nearer = self.nearer.filter(|(_, until)| now < *until);
        let node = self.nearer.map_or(self.leader, |(node, _)| node);
        (node >= 0).then_some(node)
    }
}

/// Whether the broker that was asked is not the one to ask.
pub(super) fn may_have_moved(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NOT_LEADER_OR_FOLLOWER
            | ErrorCode::LEADER_NOT_AVAILABLE
            | ErrorCode::FENCED_LEADER_EPOCH
            | ErrorCode::UNKNOWN_LEADER_EPOCH
            | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            | ErrorCode::UNKNOWN_TOPIC_ID
            | ErrorCode::INCONSISTENT_TOPIC_ID
            | ErrorCode::KAFKA_STORAGE_ERROR
            | ErrorCode::REPLICA_NOT_AVAILABLE
            | ErrorCode::OFFSET_NOT_AVAILABLE
    )
}
