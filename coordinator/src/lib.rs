//! Replicated machines: the trait, and the group coordinator.
//!
//! A replicated machine keeps its durable state in a log. It decides without a clock, without IO and without
//! randomness; one generic shell (in `broker`) appends its records, replays them and releases its replies.

mod machine;

pub use machine::{Effects, Machine, Ticket};
