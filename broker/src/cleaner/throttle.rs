//! `log.cleaner.io.max.bytes.per.second`: all threads together read and write no more than that.

use std::time::{Duration, Instant};

/// When the next bytes may pass.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    free_from: Option<Instant>,
}

/// Shorter waits are saved up.
const LEAST_WAIT: Duration = Duration::from_millis(20);

impl Throttle {
    /// Notes bytes that have passed at `now`. Answers how long to wait before more may.
    pub(crate) fn passed(&mut self, bytes: u64, most_per_second: f64, now: Instant) -> Option<Duration> {
        let taken =
            Duration::try_from_secs_f64(bytes as f64 / most_per_second.max(1.0)).unwrap_or(Duration::ZERO);
        let free_from = self.free_from.filter(|at| *at > now).unwrap_or(now) + taken;
        self.free_from = Some(free_from);
        Some(free_from - now).filter(|wait| *wait >= LEAST_WAIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_pass_no_faster_than_they_may() {
        let mut throttle = Throttle::default();
        let mut now = Instant::now();
        let began = now;
        for _ in 0..1000 {
            now += throttle.passed(1000, 100_000.0, now).unwrap_or_default();
        }
        let took = (now - began).as_secs_f64();
        assert!((9.9..10.1).contains(&took), "{took}");
    }

    #[test]
    fn without_a_bound_nobody_waits() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        assert!((0..1000).all(|_| throttle.passed(1 << 30, f64::MAX, now).is_none()));
    }

    #[test]
    fn what_was_not_used_is_not_saved_up() {
        let mut throttle = Throttle::default();
        let now = Instant::now();
        throttle.passed(1, 1000.0, now);
        let later = now + Duration::from_secs(60);
        assert_eq!(throttle.passed(1000, 1000.0, later), Some(Duration::from_secs(1)));
    }
}
