use ottla_disk::File;

use crate::LogConfig;

/// Segments below this size ask for no blocks in advance: there may be thousands of them.
const FROM: u64 = 1 << 20;
/// The most that is asked for at a time; less where it would be more than a quarter of the segment.
const MOST: u64 = 16 << 20;

/// Up to here a segment's file has blocks, as far as they were asked for in advance: a sync then has fewer to find.
#[derive(Debug, Default)]
pub(super) struct Reserved(u64);

impl Reserved {
    /// Asks for more where a write of `length` bytes at the end, `size`, goes beyond those there are.
    pub(super) fn grow(&mut self, file: &dyn File, size: u64, length: u64, config: &LogConfig) {
        let end = size + length;
        if end <= self.0 || end < FROM || end >= config.segment_bytes {
            return;
        }
        let more = (size / 4).min(MOST).min(config.segment_bytes - end);
        self.0 = end + more;
        if file.reserve(size, length + more).is_err() {
            // Not here, or not now: this segment goes on without.
            self.0 = u64::MAX;
        }
    }

    /// Whether there are more than a segment of this size needs.
    pub(super) const fn is_beyond(&self, size: u64) -> bool {
        self.0 > size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asked::Asked;

    fn asked(sizes: impl IntoIterator<Item = u64>, segment_bytes: u64) -> Vec<(u64, u64)> {
        let file = Asked::default();
        let (mut reserved, mut size) = (Reserved::default(), 0);
        let config = LogConfig { segment_bytes, ..LogConfig::default() };
        for length in sizes {
            reserved.grow(&file, size, length, &config);
            size += length;
        }
        file.ranges.into_inner()
    }

    #[test]
    fn blocks_are_asked_for_by_quarters_and_sixteen_megabytes() {
        const MIB: u64 = 1 << 20;
        let asked = asked(std::iter::repeat_n(MIB / 2, 400), 1 << 30);
        assert_eq!(asked[0], (MIB / 2, MIB / 2 + MIB / 8), "nothing for a small segment");
        assert!(asked.iter().all(|(at, length)| length - MIB / 2 <= (at / 4).min(16 * MIB)), "{asked:?}");
        assert!(asked.len() < 30, "{} times for 200 MiB", asked.len());
    }

    #[test]
    fn nothing_is_asked_for_beyond_the_segment() {
        let asked = asked(std::iter::repeat_n(1 << 20, 10), 8 << 20);
        assert!(asked.iter().all(|(at, length)| at + length <= 8 << 20), "{asked:?}");
    }

    #[test]
    fn who_cannot_is_asked_once() {
        let file = Asked { fails_at: Some(2 << 20), ..Asked::default() };
        let mut reserved = Reserved::default();
        for _ in 0..5 {
            reserved.grow(&file, 2 << 20, 1000, &LogConfig::default());
        }
        assert_eq!(file.ranges.lock().len(), 1);
    }
}
