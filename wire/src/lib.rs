//! Kafka's wire protocol: messages as plain structs, their codec, log-record types.
//!
//! A message is a struct that reads like the specification; `#[derive(Message)]` does the rest. What comes from the
//! network is never trusted: every count is checked against the bytes that remain before anything is allocated, decoded
//! values take less than eight times the frame and 64 KiB, and whatever the bytes are, decoding ends in a value or in a
//! [`DecodeError`]. Strings and records are slices of the frame they came in.
//!
//! Start reading at [`Message`], then any file under `messages/`.
//!
//! Deliberately unknown here: sockets, what a request means, and the inside of record batches (see `ottla-records`).

#![forbid(unsafe_code)]

extern crate self as ottla_wire;

mod api_key;
pub mod catalog;
pub mod consumer_protocol;
mod error;
mod field;
mod frame;
mod header;
pub mod log_records;
mod message;
pub mod messages;
mod reader;
mod records;
mod schema;
mod writer;

/// What the derive's output names; not for direct use.
pub mod codec {
    pub use crate::{
        field::{Ctx, Field, Nullable, TagSection, read_tags},
        schema::{FieldSchema, FieldType, StructSchema, VersionRange},
    };
}

pub use api_key::ApiKey;
pub use error::{DecodeError, EncodeError};
pub use frame::{Frame, decode_body, encode_request, encode_response};
pub use header::{RequestHeader, ResponseHeader, request_header_version, response_header_version};
pub use log_records::metadata_record::MetadataRecord;
pub use message::{Message, Request, Response};
pub use ottla_wire_derive::Message;
pub use reader::Reader;
pub use records::{Chunk, FileRange, RecordFile, Records};
pub use schema::VersionRange;
pub use writer::Writer;
