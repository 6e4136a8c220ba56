//! The handlers: one file per API, grouped by what they are about. `apis.rs` lists them.

pub(crate) mod admin;
pub(crate) mod cluster;
pub(crate) mod data;
pub(crate) mod group;
pub(crate) mod transaction;
