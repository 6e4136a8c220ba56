use std::ops::Range;

/// Asked for at a time: less costs more requests, more lets stalls grow (`docs/design/0002-what-an-append-costs.md`).
const PIECE: u64 = 4 << 20;
/// The system writes whole pages.
const PAGE: u64 = 4096;

/// Up to here the system was asked to write a segment's file to the disk, or a flush has begun that does.
#[derive(Debug, Default)]
pub(super) struct Begun(u64);

impl Begun {
    /// What to ask for next, now that the file has `size` bytes. Its last page waits until it is full: it would be written twice.
    pub(super) fn next(&mut self, size: u64) -> Option<Range<u64>> {
        (size >= self.0 + PIECE).then(|| {
            let from = self.0;
            self.advance(size);
            from..self.0
        })
    }

    /// Everything below `size` is being written.
    pub(super) const fn advance(&mut self, size: u64) {
        self.0 = size - size % PAGE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_one_another_in_whole_pages() {
        let (mut begun, mut end) = (Begun::default(), 0);
        for size in (0..100 * PIECE).step_by(12_345) {
            let Some(piece) = begun.next(size) else { continue };
            assert_eq!((piece.start, piece.end % PAGE), (end, 0));
            assert!((PIECE..PIECE + 12_345 + PAGE).contains(&(piece.end - piece.start + PAGE)), "{piece:?}");
            end = piece.end;
        }
        assert!(end > 98 * PIECE, "{end}");
    }

    #[test]
    fn what_a_flush_covers_is_not_asked_for() {
        let mut begun = Begun::default();
        begun.advance(3 * PIECE + 5);
        assert_eq!(begun.next(4 * PIECE - 1), None);
        assert_eq!(begun.next(4 * PIECE), Some(3 * PIECE..4 * PIECE));
    }
}
