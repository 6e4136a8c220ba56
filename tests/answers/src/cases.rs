//! All cases, by area, in the order they are played.

mod admin;
mod batches;
mod cluster;
mod consumer_group;
mod data;
mod features;
mod group;
mod protocol;
mod transactions;

use ottla_types::{Str, Uuid};

use crate::{Case, Cases};

/// All of them.
#[must_use]
pub fn all() -> Vec<Case> {
    let mut cases = Cases::default();
    cases.area("protocol");
    protocol::add(&mut cases);
    cases.area("cluster");
    cluster::add(&mut cases);
    cases.area("data");
    data::add(&mut cases);
    cases.area("group");
    group::add(&mut cases);
    cases.area("consumer-group");
    consumer_group::add(&mut cases);
    cases.area("admin");
    admin::add(&mut cases);
    // Last: others create the topic in which transactions live.
    cases.area("transaction");
    transactions::add(&mut cases);
    cases.area("features");
    features::add(&mut cases);
    cases.into_list()
}

/// A topic id nobody has.
const UNKNOWN_ID: Uuid = Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);

/// A name nobody has.
fn unknown() -> Str {
    Str::from_static("no-such-thing")
}
