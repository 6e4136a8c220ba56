use std::time::Duration;

use ottla_records::{Codec, Levels};

/// When a record counts as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acks {
    /// Once it is handed to the system: nobody answers, and what is lost is not noticed.
    None,
    /// Once the leader has it.
    Leader,
    /// Once all in-sync replicas have it.
    #[default]
    All,
}

impl Acks {
    /// By the word settings use: `all` or `-1`, `1`, `0`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "all" | "-1" => Self::All,
            "1" => Self::Leader,
            "0" => Self::None,
            _ => return None,
        })
    }

    /// As Produce requests say it.
    pub(crate) const fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// How a producer works. The defaults are those of Kafka's Java client but for the size of batches.
#[derive(Debug, Clone)]
pub struct ProducerOptions {
    /// When a record counts as sent.
    pub acks: Acks,
    /// Whether the broker tells what is sent twice from what is new; needs [`Acks::All`].
    pub idempotence: bool,
    /// How long a batch waits for more records.
    pub linger: Duration,
    /// Bytes at which a batch is sent without waiting, uncompressed.
    pub batch_bytes: usize,
    /// Bytes of one request at most, and of one record.
    pub max_request_bytes: usize,
    /// Bytes that may wait to be delivered; whoever sends more waits for room.
    pub buffer_bytes: usize,
    /// Requests under way to one broker, and batches of one partition; at most 5 with idempotence.
    pub in_flight: usize,
    /// How long a record may take from being taken to being acknowledged.
    pub delivery_timeout: Duration,
    /// How long a broker may take for an answer.
    pub request_timeout: Duration,
    /// The first pause before something is tried again; it doubles each time.
    pub retry_backoff: Duration,
    /// The longest.
    pub retry_backoff_max: Duration,
    /// How batches are compressed.
    pub codec: Codec,
    /// And how hard.
    pub levels: Levels,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            idempotence: true,
            linger: Duration::from_millis(5),
            batch_bytes: 256 * 1024,
            max_request_bytes: 1024 * 1024,
            buffer_bytes: 32 * 1024 * 1024,
            in_flight: 5,
            delivery_timeout: Duration::from_secs(120),
            request_timeout: Duration::from_secs(30),
            retry_backoff: Duration::from_millis(100),
            retry_backoff_max: Duration::from_secs(1),
            codec: Codec::None,
            levels: Levels::default(),
        }
    }
}

/// Options that contradict each other, or are out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} = {value}: {allowed}")]
pub struct InvalidOption {
    /// The option.
    pub option: &'static str,
    /// What it was set to.
    pub value: String,
    /// What may be set.
    pub allowed: &'static str,
}

impl ProducerOptions {
    /// Checks that the options go together.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), InvalidOption> {
        let wrong = |option, value: String, allowed| Err(InvalidOption { option, value, allowed });
        if self.idempotence && self.acks != Acks::All {
            return wrong("acks", format!("{:?}", self.acks), "idempotence needs All");
        }
        if self.in_flight == 0 || self.idempotence && self.in_flight > MOST_IN_FLIGHT {
            return wrong("in_flight", self.in_flight.to_string(), "1 to 5 with idempotence, else 1 or more");
        }
        if self.delivery_timeout < self.linger + self.request_timeout {
            let value = format!("{:?}", self.delivery_timeout);
            return wrong("delivery_timeout", value, "at least linger and request_timeout together");
        }
        if self.max_request_bytes == 0 || self.max_request_bytes > self.buffer_bytes {
            return wrong("max_request_bytes", self.max_request_bytes.to_string(), "1 to buffer_bytes");
        }
        Ok(())
    }
}

/// How many batches of a producer brokers remember for each partition.
const MOST_IN_FLIGHT: usize = 5;
