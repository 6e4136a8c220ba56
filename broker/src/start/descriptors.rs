//! Descriptors: how many this process may open, and who gets them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections leave this part of the descriptors to files…
const KEPT_FOR_FILES: usize = 8;
/// …and at least so many.
const LEAST_KEPT: usize = 64;

/// The descriptors of this process, with the soft limit raised as far as it goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descriptors(usize);

impl Descriptors {
    pub(crate) fn allow_all() -> Self {
        let limit = getrlimit(Resource::Nofile);
        // Where it may not be raised it is what it is.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
        let current = getrlimit(Resource::Nofile).current;
        Self(current.and_then(|current| usize::try_from(current).ok()).unwrap_or(usize::MAX))
    }

    /// The first number a connection may not have.
    pub(super) fn first_kept(self) -> usize {
        self.0.saturating_sub((self.0 / KEPT_FOR_FILES).max(LEAST_KEPT).min(self.0 / 2))
    }

    /// How many partitions there may be where no setting says: each has one file open, and there must be room for
    /// connections.
    pub(super) fn most_partitions(self) -> usize {
        self.0 / 8 * 5
    }
}

#[cfg(test)]
mod tests {
    use super::Descriptors;

    #[test]
    fn files_keep_an_eighth_and_at_least_64() {
        assert_eq!(Descriptors(256).first_kept(), 192);
        assert_eq!(Descriptors(20_000).first_kept(), 17_500);
        assert_eq!(Descriptors(100).first_kept(), 50);
        assert_eq!(Descriptors(20_000).most_partitions(), 12_500);
    }
}
