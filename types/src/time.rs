/// Milliseconds: a point in time since the Unix epoch, or on a monotonic clock where the caller says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

impl Millis {
    /// The furthest point in time that can be named.
    pub const MAX: Self = Self(i64::MAX);

    /// This time plus `ms`, stopping at the ends of the range instead of wrapping.
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this time, stopping at the ends of the range.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
