//! What `ottla` can be asked to do.

pub(crate) mod dev;
mod serve;
pub(crate) mod start;
pub(crate) mod storage;

/// What a person is told when a verb fails: what is wrong, and what to do next.
pub(crate) type Failure = Box<dyn std::error::Error>;
