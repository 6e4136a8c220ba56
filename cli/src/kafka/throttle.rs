//! How the tools that send keep to so many records a second (`--throughput`).

use std::time::{Duration, Instant};

/// Pauses shorter than this are saved up.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);

/// Slows a sender down to its target: below 0 not at all, at 0 for good after the second record.
#[derive(Debug)]
pub(super) struct Throttle {
    target: f64,
    began: Instant,
    owed: Duration,
}

impl Throttle {
    pub(super) fn new(target: f64) -> Self {
        Self { target, began: Instant::now(), owed: Duration::ZERO }
    }

    /// Pauses, if `sent` records until now are too many.
    pub(super) async fn keep_to(&mut self, sent: u64) {
        if !self.is_too_fast(sent, self.began.elapsed()) {
            return;
        }
        if self.target <= 0.0 {
            std::future::pending::<()>().await;
        }
        if let Some(pause) = self.pause() {
            tokio::time::sleep(pause).await;
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a speed needs no exact count")]
    fn is_too_fast(&self, sent: u64, elapsed: Duration) -> bool {
        let seconds = elapsed.as_secs_f64();
        let is_over = seconds > 0.0 && sent as f64 / seconds > self.target;
        self.target >= 0.0 && is_over || self.target == 0.0 && sent > 0
    }

    /// What one record more costs, once it is worth it.
    fn pause(&mut self) -> Option<Duration> {
        self.owed += Duration::try_from_secs_f64(1.0 / self.target).unwrap_or(Duration::MAX / 2);
        (self.owed >= SHORTEST_PAUSE).then(|| std::mem::take(&mut self.owed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_held_to_its_target() {
        let throttle = Throttle::new(100.0);
        let second = Duration::from_secs(1);
        assert!(!throttle.is_too_fast(100, second), "that is the target");
        assert!(throttle.is_too_fast(101, second));
        assert!(throttle.is_too_fast(1, Duration::from_micros(500)), "a quick beginning counts");
        assert!(!throttle.is_too_fast(0, Duration::from_nanos(1)), "nothing was sent");
        assert!(!Throttle::new(-1.0).is_too_fast(1_000_000, second));
        assert!(Throttle::new(0.0).is_too_fast(1, Duration::ZERO), "one more is too many");
    }

    #[test]
    fn short_pauses_are_saved_up() {
        let mut throttle = Throttle::new(1000.0);
        assert_eq!(throttle.pause(), None);
        assert_eq!(throttle.pause(), Some(Duration::from_millis(2)));
        assert_eq!(Throttle::new(0.5).pause(), Some(Duration::from_secs(2)));
    }
}
