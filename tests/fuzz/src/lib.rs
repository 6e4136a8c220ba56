//! Every decoder under bytes nobody meant.
//!
//! A [`Target`] is one decoder: what to do with an input, how to make sound inputs, and what memory it may take
//! ([`Allowance`]). [`check`] holds it to that; [`run`](mod@run) makes inputs by the million, each of which comes back with
//! its number.
//!
//! Start reading at `targets.rs`.

mod corpus;
mod heap;
mod mutate;
pub mod run;
mod target;
pub mod targets;

pub use corpus::corpus;
pub use heap::{Counting, peak_of};
pub use mutate::mutate;
pub use target::{Allowance, Target, check};

#[global_allocator]
static HEAP: Counting = Counting;
