//! Which segments are cleaned into one.

use std::ops::Range;

use crate::LogConfig;

/// One segment as grouping sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) base: i64,
    /// Where the next one begins.
    pub(crate) next: i64,
    pub(crate) size: u64,
}

/// Neighbours that surely fit into one segment, also in one index: compaction makes segments small, and small ones many.
pub(crate) fn groups(segments: &[Extent], config: &LogConfig) -> Vec<Range<usize>> {
    // No more entries than this, of at most twelve bytes each.
    let indexed = |bytes: u64| (bytes / config.index_interval_bytes.max(1) + 2).saturating_mul(12);
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut size = 0_u64;
    for (at, segment) in segments.iter().enumerate() {
        let joined = size.saturating_add(segment.size);
        let fits = groups.last().is_some_and(|group: &Range<usize>| {
            let reach = segment.next.saturating_sub(1).saturating_sub(segments[group.start].base);
            joined <= config.segment_bytes
                && indexed(joined) <= config.segment_index_bytes
                && (segment.size == 0 || reach <= i64::from(i32::MAX))
        });
        match groups.last_mut() {
            Some(group) if fits => {
                group.end = at + 1;
                size = joined;
            }
            _ => {
                groups.push(at..at + 1);
                size = segment.size;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extents(sizes: &[u64], width: i64) -> Vec<Extent> {
        let extent = |(at, size): (usize, &u64)| {
            let base = at as i64 * width;
            Extent { base, next: base + width, size: *size }
        };
        sizes.iter().enumerate().map(extent).collect()
    }

    #[test]
    fn neighbours_join_until_the_segment_is_full() {
        let config = LogConfig { segment_bytes: 1000, ..LogConfig::default() };
        let grouped = groups(&extents(&[400, 600, 1, 2000, 0, 3, 0], 10), &config);
        assert_eq!(grouped, [0..2, 2..3, 3..4, 4..7]);
        assert_eq!(groups(&[], &config), []);
    }

    #[test]
    fn offsets_of_one_segment_fit_into_its_index() {
        let config = LogConfig::default();
        let half = i64::from(i32::MAX / 2) + 1;
        assert_eq!(groups(&extents(&[5, 5, 5], half), &config), [0..2, 2..3]);
        assert_eq!(groups(&extents(&[5, 5, 0, 0, 2000, 5], half), &config), [0..4, 4..6]);
    }

    #[test]
    fn entries_of_one_segment_fit_into_its_index() {
        let config = LogConfig { segment_index_bytes: 72, index_interval_bytes: 100, ..LogConfig::default() };
        assert_eq!(groups(&extents(&[200, 200, 200], 10), &config), [0..2, 2..3]);
    }
}
