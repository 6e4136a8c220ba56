//! Committed offsets: commit, fetch, delete, expire.

mod commit;
mod delete;
mod expire;
mod fetch;
mod readers;
