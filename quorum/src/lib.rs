//! KRaft as a pure machine: who leads the metadata log, in which epoch, and how far it is committed.
//!
//! [`Quorum`] is told what happened ([`Event`]), says what is to be done ([`Action`]) and when it wants to be woken
//! ([`Quorum::deadline`]). It opens no file, reads no clock and sends nothing: writing `quorum-state` and appending to
//! the log are actions whose completion comes back as an event, in whatever order the disk finishes.
//!
//! Today the voter set has exactly one member, this node; [`Quorum::new`] refuses any other. States, epochs, the
//! format of `quorum-state` and the rule for the high watermark are already those of a larger quorum.
//!
//! Start reading at `quorum.rs`; `state.rs` names the states, `election_state.rs` is the file `quorum-state`.

#![forbid(unsafe_code)]

mod action;
mod describe;
mod election_state;
mod event;
mod quorum;
mod state;
mod voters;

pub use action::Action;
pub use describe::{QuorumInfo, ReplicaProgress};
pub use election_state::{ElectionState, ParseElectionStateError};
pub use event::Event;
pub use quorum::{NewQuorumError, Quorum, QuorumError};
pub use state::{Role, State};
pub use voters::{Endpoint, ReplicaKey, Voter, VoterSet};
