use std::time::{Duration, Instant};

/// Waits until `condition` gives a value, at most `limit`.
///
/// # Panics
/// The value did not come in time; `what` says which.
pub fn until<T>(what: &str, limit: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(began.elapsed() < limit, "{what} did not happen within {limit:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
