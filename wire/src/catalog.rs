//! All messages with their types forgotten: what goes through every one of them (tests, fuzzing, dumps) starts here.

mod list;

use std::{any::Any, fmt};

use bytes::Bytes;

use crate::{
    ApiKey, DecodeError, EncodeError, Message, VersionRange, decode_body,
    schema::{FieldType, StructSchema},
};

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Asks something of this API.
    Request(ApiKey),
    /// Answers it.
    Response(ApiKey),
    /// Stands in a log, a file, or the opaque bytes of another message.
    Data,
}

/// One message type.
#[derive(Debug, Clone, Copy)]
pub struct MessageType {
    /// As the official schemas spell it.
    pub name: &'static str,
    /// What it is for.
    pub role: Role,
    /// The versions this build can read and write.
    pub versions: VersionRange,
    /// The first flexible version; [`i16::MAX`] for never.
    pub flexible_from: i16,
    kind: fn() -> FieldType,
    decode: fn(Bytes, i16) -> Result<Box<dyn AnyMessage>, DecodeError>,
}

/// Every message of this crate, the two headers left out: they are read before their own version is known.
#[must_use]
pub const fn all() -> &'static [MessageType] {
    list::ALL
}

impl MessageType {
    const fn of<M: Message + AnyMessage>(role: Role) -> Self {
        Self {
            name: M::NAME,
            role,
            versions: M::VERSIONS,
            flexible_from: M::FLEXIBLE_FROM,
            kind: M::kind,
            decode: |bytes, version| Ok(Box::new(decode_body::<M>(bytes, version)?)),
        }
    }

    /// Its description, as the derive makes it.
    ///
    /// # Panics
    /// Never: the derive describes every message as a struct.
    #[must_use]
    pub fn schema(&self) -> StructSchema {
        match (self.kind)() {
            FieldType::Struct(schema) => schema,
            other => unreachable!("messages are structs, not {other:?}"),
        }
    }

    /// Reads one message that must fill `bytes` to the end.
    ///
    /// # Errors
    /// The bytes are not this message, or more follow.
    pub fn decode(&self, bytes: Bytes, version: i16) -> Result<Box<dyn AnyMessage>, DecodeError> {
        (self.decode)(bytes, version)
    }
}

/// A message whose type is forgotten.
pub trait AnyMessage: Any + fmt::Debug {
    /// The message alone, as bytes.
    ///
    /// # Errors
    /// As [`Message::encode`].
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError>;

    /// Whether the other is of the same type and equal.
    fn equals(&self, other: &dyn AnyMessage) -> bool;
}

impl<M: Message + PartialEq + fmt::Debug + 'static> AnyMessage for M {
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        Message::to_bytes(self, version)
    }

    fn equals(&self, other: &dyn AnyMessage) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<M>().is_some_and(|other| self == other)
    }
}
