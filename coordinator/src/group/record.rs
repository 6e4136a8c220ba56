use super::consumer::ConsumerRecord;
use bytes::Bytes;
use ottla_types::{Str, Uuid};

/// What the log of one `__consumer_offsets` partition says, as far as this coordinator understands it.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A classic group in a new generation, or gone.
    Group {
        /// The group.
        group_id: Str,
        /// `None` is a tombstone.
        value: Option<PersistedGroup>,
    },
    /// Something about a consumer group.
    Consumer {
        /// The group.
        group_id: Str,
        /// What.
        record: ConsumerRecord,
    },
    /// A committed offset, or its deletion.
    Offset {
        /// Whose offset.
        key: OffsetKey,
        /// `None` is a tombstone.
        value: Option<StoredOffset>,
        /// Set while part of an open transaction of this producer.
        producer_id: Option<i64>,
    },
    /// A transaction that may have committed offsets here has ended.
    TransactionEnd {
        /// The producer.
        producer_id: i64,
        /// Its offsets count from now on, or never.
        committed: bool,
    },
    /// A record of another group type, or of a later version. It is counted and otherwise left alone.
    Unknown {
        /// The number its key begins with.
        key_type: i16,
        /// The whole key.
        key: Bytes,
    },
}

/// Whose offset: group, topic, partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OffsetKey {
    /// The group.
    pub group_id: Str,
    /// The topic's name.
    pub topic: Str,
    /// The partition.
    pub partition: i32,
}

/// A committed offset as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOffset {
    /// The offset of the next record to read.
    pub offset: i64,
    /// −1 when unknown.
    pub leader_epoch: i32,
    /// Whatever the client wants to remember.
    pub metadata: Str,
    /// When it was committed, milliseconds since the epoch.
    pub commit_timestamp: i64,
    /// When it expires by the client's own wish (OffsetCommit versions 2–4), −1 for the broker's retention.
    pub expire_timestamp: i64,
    /// The topic's id at the commit, zero when unknown.
    pub topic_id: Uuid,
}

/// A classic group as the log keeps it: the generation that was last stable, or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistedGroup {
    /// Empty for a group that never had members.
    pub protocol_type: Str,
    /// The generation.
    pub generation: i32,
    /// The chosen protocol; `None` without members.
    pub protocol: Option<Str>,
    /// The leader's member id; `None` without members.
    pub leader: Option<Str>,
    /// Since when the group has been in its state, −1 when unknown.
    pub state_timestamp: i64,
    /// By member id.
    pub members: Vec<PersistedMember>,
}

/// A member as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistedMember {
    /// Its id.
    pub member_id: Str,
    /// Its instance id if static.
    pub instance_id: Option<Str>,
    /// From its join.
    pub client_id: Str,
    /// From its join.
    pub client_host: Str,
    /// −1 in old records: the session timeout.
    pub rebalance_timeout_ms: i32,
    /// Milliseconds.
    pub session_timeout_ms: i32,
    /// What it said about the chosen protocol.
    pub subscription: Bytes,
    /// What the leader assigned to it.
    pub assignment: Bytes,
}
