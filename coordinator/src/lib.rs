//! Replicated machines: the trait, and the group and transaction coordinators.
//!
//! A replicated machine keeps its durable state in a log. It decides without a clock, without IO and without
//! randomness; one generic shell (in `broker`) appends its records, replays them and releases its replies.
//!
//! Start with [`Machine`], then [`group::Groups`], the coordinator of one `__consumer_offsets` partition, and
//! [`transaction::Transactions`], that of one `__transaction_state` partition. The test rig
//! that holds every machine to "live == replay(log) == replay(compacted log)" is in [`testing`].
#![forbid(unsafe_code)]

pub mod group;
mod machine;
mod partitioner;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transaction;

pub use machine::{Effects, Machine, Ticket};
pub use partitioner::partition_for;
