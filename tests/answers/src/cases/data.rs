//! Produce, Fetch and everything about offsets of partitions.

mod fetch;
mod idempotence;
mod offsets;
mod produce;

pub(super) use produce::{produce as produce_to, read as read_from};

use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    produce::add(cases);
    idempotence::add(cases);
    fetch::add(cases);
    offsets::add(cases);
}
