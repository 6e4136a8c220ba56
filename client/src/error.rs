use std::io;

use ottla_net::outgoing::CallError;
use ottla_types::ErrorCode;
use ottla_wire::{ApiKey, DecodeError, EncodeError};

/// Why something did not happen, with what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("cannot reach a broker at {address}: {source}; is one running there? `ottla dev` starts one")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// A broker is somewhere else than where it says.
    #[error(
        "a broker advertises the address {address}, which cannot be reached from here: {source}; is it up, and is its \
         advertised.listeners an address of it for everybody?"
    )]
    Advertised {
        /// Where it says it is.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The connection was lost; whether the broker has seen the request is not known.
    #[error("the connection to the broker was lost: {0}")]
    Lost(#[from] CallError),
    /// The broker does not serve what is needed.
    #[error("the broker does not serve {} in a version this client knows", .0.name())]
    Unsupported(ApiKey),
    /// An answer that makes no sense.
    #[error("the broker's answer cannot be read: {0}")]
    Decode(#[from] DecodeError),
    /// A request that cannot be written for this broker.
    #[error("the request cannot be written: {0}")]
    Encode(#[from] EncodeError),
    /// Records that make no sense.
    #[error("records cannot be read: {0}")]
    Records(#[from] ottla_records::BatchError),
    /// The broker refuses.
    #[error("{what}: {code}{}", words(.message.as_deref()))]
    Refused {
        /// What was asked.
        what: String,
        /// Kafka's code.
        code: ErrorCode,
        /// The broker's own words.
        message: Option<String>,
    },
    /// The topic is not there.
    #[error("there is no topic `{0}`; `ottla topic create {0}` makes it")]
    NoTopic(String),
    /// It took too long.
    #[error("{0} took too long")]
    TimedOut(&'static str),
}

/// The broker's words behind a code; it may have sent none, or an end of a sentence where more is to follow.
fn words(message: Option<&str>) -> String {
    let message = message.map(|words| words.trim_end_matches(['.', ' '])).filter(|words| !words.is_empty());
    message.map(|words| format!(": {words}")).unwrap_or_default()
}

impl ClientError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Refused { code, .. } => code.is_retriable(),
            Self::Lost(_) | Self::Unreachable { .. } | Self::Advertised { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn refused(what: impl Into<String>, code: ErrorCode, message: Option<&str>) -> Self {
        Self::Refused { what: what.into(), code, message: message.map(str::to_owned) }
    }
}
