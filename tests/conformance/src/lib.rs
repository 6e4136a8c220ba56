//! Real clients against the real binary.
//!
//! A suite is a program in the client's own language. It takes the bootstrap address, runs its cases one after the
//! other and prints `ok NAME` or `FAIL NAME why` for each. The same programs run against Apache Kafka when
//! `OTTLA_TARGET=kafka`, and have to pass there: a case that only Ottla passes is a wrong case.
//! `OTTLA_CASES="name name"` runs only the cases named.

mod driver;
pub mod languages;
mod suite;

pub use driver::Driver;
pub use suite::{run, run_against};
