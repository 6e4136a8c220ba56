//! Records: produce, fetch, offsets.

pub(crate) mod fetch;
pub(crate) mod produce;
