use std::time::Duration;

use ottla_types::Str;

use super::{calls::Transactional, machine::Pace};
use crate::{Acks, InvalidOption, ProducerOptions};

/// How a transactional producer works.
#[derive(Debug, Clone)]
pub struct TxnOptions {
    /// How records are sent; always with idempotence and acks=all.
    pub producer: ProducerOptions,
    /// After how long the coordinator aborts a transaction nobody ends (`transaction.timeout.ms`). The broker's
    /// `transaction.max.timeout.ms` is the most it takes.
    pub timeout: Duration,
    /// How long starting, beginning, committing and aborting may take (`max.block.ms`).
    pub patience: Duration,
}

impl Default for TxnOptions {
    fn default() -> Self {
        Self {
            producer: ProducerOptions::default(),
            timeout: Duration::from_secs(60),
            patience: Duration::from_secs(60),
        }
    }
}

impl TxnOptions {
    pub(super) fn check(&self) -> Result<(), InvalidOption> {
        self.producer.check()?;
        if !self.producer.idempotence || self.producer.acks != Acks::All {
            let value = format!("{:?}", self.producer.acks);
            return Err(InvalidOption {
                option: "acks",
                value,
                allowed: "transactions need All and idempotence",
            });
        }
        if self.timeout.is_zero() {
            let value = format!("{:?}", self.timeout);
            return Err(InvalidOption { option: "timeout", value, allowed: "more than nothing" });
        }
        Ok(())
    }

    pub(super) fn pace(&self) -> Pace {
        Pace {
            backoff_ms: ms(self.producer.retry_backoff),
            backoff_max_ms: ms(self.producer.retry_backoff_max),
            patience_ms: ms(self.patience),
        }
    }

    pub(super) fn transactional(&self, id: Str) -> Transactional {
        let timeout_ms = i32::try_from(ms(self.timeout)).unwrap_or(i32::MAX);
        Transactional { id, timeout_ms, patience: self.patience }
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
