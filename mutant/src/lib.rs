//! Faults that tests switch on, to show that something notices them.
//!
//! A promise is worth as much as the test that would see it broken. `mutant!("name")` marks the place where a guard can
//! be taken away: with the feature `on` and the environment variable `OTTLA_MUTANT` set to that name it is true, in
//! every other build it is the constant `false` and leaves nothing behind. `cargo xtask mutants` runs the test that must
//! fail for each of them; the list of names with their tests stands in `tests/sim/mutants.tsv`.

#![forbid(unsafe_code)]

/// Whether the guard at this place is to be left out.
///
/// ```
/// assert!(!ottla_mutant::mutant!("flush_without_sync"));
/// ```
#[macro_export]
macro_rules! mutant {
    ($name:literal) => {
        $crate::is_on($name)
    };
}

/// Behind [`mutant!`].
#[cfg(not(feature = "on"))]
#[must_use]
#[inline(always)]
pub const fn is_on(_name: &str) -> bool {
    false
}

/// Behind [`mutant!`].
#[cfg(feature = "on")]
#[must_use]
pub fn is_on(name: &str) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("OTTLA_MUTANT").ok()).as_deref() == Some(name)
}
