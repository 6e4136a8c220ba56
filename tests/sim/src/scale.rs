//! How much is tried: little in every test run, all of it when `cargo xtask prove --full` asks.

/// The first in a full proof, else the second.
#[must_use]
pub fn full_or<T>(full: T, short: T) -> T {
    if std::env::var("OTTLA_PROVE").is_ok_and(|scale| scale == "full") { full } else { short }
}

/// A number from the environment.
#[must_use]
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
