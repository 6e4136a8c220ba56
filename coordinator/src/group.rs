//! The group coordinator: classic groups, consumer groups and committed offsets of one `__consumer_offsets` partition.
//!
//! Decides who is a member, which generation runs, who leads, who reads what, which commit counts and when offsets expire,
//! by the rules of Kafka 4.3. It deliberately does not know permissions, connections or the log, and of topics only what
//! [`Metadata`] says. Start reading at [`Groups`], then `classic.rs` (one classic group), `consumer.rs` (consumer groups)
//! and `durable.rs` (what a restart brings back). A group id names one group of one type.
//!
//! Two kinds of state: [`Durable`](durable::Durable) is changed by `replay` only; the live groups (who is joining, timers) are volatile and are
//! rebuilt from it after loading, as Kafka does: a group that was in the middle of a rebalance comes back in the
//! generation it last had. Consumer groups are durable altogether, but for their timers.

mod admin;
mod classic;
mod codec;
mod command;
mod consumer;
mod durable;
mod groups;
mod metadata;
mod offsets;
mod record;
mod reply;
mod settings;
mod timers;

#[cfg(test)]
mod tests;

pub use classic::{State, subscribed_topics};
pub use codec::KeyValue;
pub use command::{
    Command, CommitOffsets, CommitPartition, CommitTopic, DeleteOffsets, DeleteTopic, EndTransaction,
    FetchOffsets, FetchTopic, Heartbeat, JoinGroup, LeaveGroup, LeavingMember, ListGroups, Protocol,
    SyncGroup,
};
pub use consumer::{
    ClassicMetadata, ConsumerGroup, ConsumerHeartbeat, ConsumerRecord, ConsumerState, CurrentAssignment,
    DescribedConsumerGroup, DescribedConsumerMember, GroupEpoch, HeartbeatReply, MemberMetadata, MemberState,
    OwnedPartitions, ResolvedRegex, TargetEpoch,
};
pub use durable::Durable;
pub use groups::Groups;
pub use metadata::{GroupOverrides, Metadata, Topic};
pub use record::{OffsetKey, PersistedGroup, PersistedMember, Record, StoredOffset};
pub use reply::{
    CommitReply, DescribedGroup, DescribedMember, FetchReply, FetchedOffset, FetchedTopic, GroupState,
    JoinReply, JoinedMember, LeaveReply, LeftMember, ListedGroup, PartitionErrors, Refused, Reply, SyncReply,
};
pub use settings::{ConsumerSettings, MigrationPolicy, Settings};
