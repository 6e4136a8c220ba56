//! Words every part of Ottla shares: ids, error codes, time.
//!
//! Nothing here knows a runtime, a clock, a file or a random source.

mod error_code;
pub mod java;
mod time;
mod topic_name;
mod uuid;

pub use error_code::ErrorCode;
pub use time::Millis;
pub use topic_name::{InvalidTopicName, check_topic_name};
pub use uuid::{ParseUuidError, Uuid};

/// Immutable UTF-8 text that may share its bytes with the frame it was read from.
///
/// What is kept longer than the request is copied out first, so a topic name never pins a frame.
pub type Str = bytestring::ByteString;
