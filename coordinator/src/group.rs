//! The group coordinator: classic groups and committed offsets of one `__consumer_offsets` partition.
//!
//! Decides who is a member, which generation runs, who leads, which commit counts and when offsets expire, by the rules
//! of Kafka 4.3's classic groups. It deliberately does not know topics (the broker checks that they exist), permissions,
//! connections or the log. Start reading at [`Groups`], then `classic.rs` (one group) and `durable.rs` (what a restart
//! brings back).
//!
//! Two kinds of state: [`Durable`](durable::Durable) is changed by `replay` only; the live groups (who is joining, timers) are volatile and are
//! rebuilt from it after loading, as Kafka does: a group that was in the middle of a rebalance comes back in the
//! generation it last had.

mod admin;
mod classic;
mod codec;
mod command;
mod durable;
mod groups;
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
pub use durable::Durable;
pub use groups::Groups;
pub use record::{OffsetKey, PersistedGroup, PersistedMember, Record, StoredOffset};
pub use reply::{
    CommitReply, DescribedGroup, DescribedMember, FetchReply, FetchedOffset, FetchedTopic, JoinReply,
    JoinedMember, LeaveReply, LeftMember, ListedGroup, PartitionErrors, Reply, SyncReply,
};
pub use settings::Settings;
