//! What Java's classes throw, as far as it is printed.

use ottla_client::ClientError;
use ottla_types::ErrorCode;

/// Code, class and text of every error of Kafka's protocol, as its Java client has them; written by the test of the shims
/// (`OTTLA_RECORD=1`).
const TABLE: &str = include_str!("errors.tsv");

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thrown {
    /// With its package.
    pub(super) class: String,
    pub(crate) message: String,
}

impl Thrown {
    pub(super) fn new(class: &str, message: impl Into<String>) -> Self {
        Self { class: class.to_owned(), message: message.into() }
    }

    pub(super) fn illegal_argument(message: impl Into<String>) -> Self {
        Self::new("java.lang.IllegalArgumentException", message)
    }

    /// The error of a code; the broker's own words go before those the client knows.
    pub(super) fn of_code(code: ErrorCode, message: Option<&str>) -> Self {
        let row = |line: &'static str| {
            let mut fields = line.split('\t');
            let of = fields.next()?.parse::<i16>().ok()?;
            (of == code.0).then_some((fields.next()?, fields.next()?))
        };
        let unknown = ("org.apache.kafka.common.errors.UnknownServerException", code.name());
        let (class, text) = TABLE.lines().find_map(row).unwrap_or(unknown);
        Self::new(class, message.unwrap_or(text))
    }

    /// As Java prints it: the class and the message.
    pub(super) fn full(&self) -> String {
        format!("{}: {}", self.class, self.message)
    }
}

impl From<ClientError> for Thrown {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refused { code, message, .. } => Self::of_code(code, message.as_deref()),
            ClientError::NoTopic(_) => Self::of_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None),
            ClientError::Unsupported(_) => {
                Self::of_code(ErrorCode::UNSUPPORTED_VERSION, Some(&error.to_string()))
            }
            other => Self::new("org.apache.kafka.common.errors.TimeoutException", other.to_string()),
        }
    }
}

impl From<std::io::Error> for Thrown {
    fn from(error: std::io::Error) -> Self {
        Self::new("java.io.IOException", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_javas_classes_and_texts() {
        let thrown = Thrown::of_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None);
        assert_eq!(thrown.class, "org.apache.kafka.common.errors.UnknownTopicOrPartitionException");
        assert_eq!(thrown.message, "This server does not host this topic-partition.");
        assert_eq!(Thrown::of_code(ErrorCode::TOPIC_ALREADY_EXISTS, Some("so")).message, "so");
    }
}
