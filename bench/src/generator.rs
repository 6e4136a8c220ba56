//! Our own load generator over raw sockets: the same bytes for all three servers, at versions all of them speak.
//!
//! [`admin`] asks questions one at a time. [`closed`] keeps a number of requests in flight and asks how many go through;
//! [`open`] sends at a fixed rate whatever the server does, and counts latency from the moment a request was due.

pub(crate) mod admin;
pub(crate) mod closed;
pub(crate) mod connection;
pub(crate) mod frames;
pub(crate) mod idle;
pub(crate) mod latency;
pub(crate) mod members;
pub(crate) mod open;
mod tail;
