//! The leader of one partition: how far the log is written, flushed, replicated and stable, and who may be answered.
//!
//! Where to start: [`Leader`]. The guards that keep acknowledged records safe are named functions in `guards.rs`.
//! Not known here: batches, producers, requests, who waits.

mod follower;
mod guards;
mod machine;

pub use follower::{FollowerFetch, FollowerState};
pub use machine::{Ack, Acks, Durability, Leader, NewLeader, NotEnoughReplicas};

#[cfg(test)]
mod tests;
