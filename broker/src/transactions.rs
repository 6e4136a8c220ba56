//! Transactions across the parts of the broker: partitions ask the coordinator before a transaction's first batch, and
//! the coordinator's decisions become markers in the partitions.

mod door;
mod markers;

pub(crate) use door::{Door, Form};
pub(crate) use markers::{work, write_marker};
