//! The machine: facts for the report, memory that is held, the gate that waits for quiet.

mod facts;
mod hog;
mod quiet;

pub(crate) use facts::{Facts, raise_file_limit};
pub(crate) use hog::{Hog, fill_page_cache, hold};
pub(crate) use quiet::{Watch, wait_for_quiet};
