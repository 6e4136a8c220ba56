use std::time::Duration;

use crate::ClientError;

/// How often something is tried, and how long to wait before it is tried again.
const ATTEMPTS: u32 = 20;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Counts the tries of one operation and waits between them, longer each time.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    attempts: u32,
}

impl Retry {
    /// Waits if trying again may help.
    ///
    /// # Errors
    /// The same error if it will not, or there were enough tries.
    pub(crate) async fn after(&mut self, error: ClientError) -> Result<(), ClientError> {
        self.attempts += 1;
        if !error.is_retriable() || self.attempts >= ATTEMPTS {
            return Err(error);
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.attempts.min(10)).min(LONGEST_PAUSE);
        tokio::time::sleep(pause).await;
        Ok(())
    }
}
