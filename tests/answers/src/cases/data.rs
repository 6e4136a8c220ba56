//! Produce, Fetch and everything about offsets of partitions.

mod produce;

use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    produce::add(cases);
}
