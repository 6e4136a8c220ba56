/// Why bytes are not the message they should be. The caller closes the connection, or treats the log as damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message ends before the value does.
    #[error("{what} needs {needed} more bytes, {remaining} remain")]
    UnexpectedEnd {
        /// Which value.
        what: &'static str,
        /// Bytes asked for.
        needed: usize,
        /// Bytes that are there.
        remaining: usize,
    },
    /// A length below −1, or a null where none is allowed.
    #[error("{what} has the length {length}, which is not allowed")]
    InvalidLength {
        /// Which value.
        what: &'static str,
        /// As it was sent.
        length: i64,
    },
    /// A null where the version has none.
    #[error("`{field}` is null, which version {version} does not allow")]
    UnexpectedNull {
        /// The field.
        field: &'static str,
        /// The version being decoded.
        version: i16,
    },
    /// A varint that does not end within the bytes its type allows.
    #[error("a varint is longer than {0} bytes")]
    VarintTooLong(u32),
    /// Values that are much larger in memory than on the wire, in a number no honest message has.
    #[error("the values of {length} bytes would take memory out of proportion")]
    OutOfProportion {
        /// Of the message.
        length: usize,
    },
    /// Text that is not UTF-8.
    #[error("a string is not valid UTF-8")]
    InvalidUtf8,
    /// Tags must ascend and may not repeat.
    #[error("tagged field {0} is out of order or repeated")]
    TagOrder(u32),
    /// A tagged field whose value is shorter or longer than its announced size.
    #[error("tagged field {tag} announces {announced} bytes but its value has {used}")]
    TagSize {
        /// The tag.
        tag: u32,
        /// Size on the wire.
        announced: usize,
        /// Size of the value.
        used: usize,
    },
    /// Bytes after the last field.
    #[error("{0} bytes follow the last field")]
    TrailingBytes(usize),
    /// A version this build does not know.
    #[error("{message} has no version {version}")]
    UnknownVersion {
        /// The message.
        message: &'static str,
        /// As it was sent.
        version: i16,
    },
    /// A record type nobody knows.
    #[error("record type {0} is unknown")]
    UnknownRecordType(i64),
}

/// Why a message cannot be written at a version. Always a mistake of the caller, never of the peer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The version has no place for a value that must not be dropped silently.
    #[error("`{field}` is set, but version {version} cannot carry it")]
    UnsupportedField {
        /// The field.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// A null where the version has none.
    #[error("`{field}` is null, which version {version} does not allow")]
    UnexpectedNull {
        /// The field.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// More bytes or items than the length field can say.
    #[error("{what} has the length {length}, more than the wire can say")]
    TooLong {
        /// Which value.
        what: &'static str,
        /// Its length.
        length: usize,
    },
    /// A version this build does not know.
    #[error("{message} has no version {version}")]
    UnknownVersion {
        /// The message.
        message: &'static str,
        /// As asked for.
        version: i16,
    },
}
