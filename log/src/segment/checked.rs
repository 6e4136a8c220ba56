//! Which parts of a record file are known to be sound.

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;

/// Parts of a record file that this process has written, or has read and verified since it started. What is sent from
/// the file without passing through memory must lie in them.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    /// Ascending and apart from each other.
    parts: Mutex<Vec<Range<u64>>>,
    /// Other files stand under the segment's names, or are about to.
    replaced: AtomicBool,
}

/// Readers go from front to back, so parts grow together; a reader that jumps about costs a second look, not memory.
const MOST: usize = 64;

impl Checked {
    /// Whether all of `part` is known to be sound.
    pub(crate) fn covers(&self, part: &Range<u64>) -> bool {
        let parts = self.parts.lock();
        let at = parts.partition_point(|known| known.end < part.end);
        parts.get(at).is_some_and(|known| known.start <= part.start)
    }

    /// `part` is sound.
    pub(crate) fn add(&self, part: Range<u64>) {
        if part.is_empty() {
            return;
        }
        let mut parts = self.parts.lock();
        let from = parts.partition_point(|known| known.end < part.start);
        let to = parts.partition_point(|known| known.start <= part.end);
        let joined = parts[from..to]
            .iter()
            .fold(part, |joined, known| joined.start.min(known.start)..joined.end.max(known.end));
        parts.splice(from..to, [joined]);
        if parts.len() > MOST {
            let smallest = (0..parts.len()).min_by_key(|at| parts[*at].end - parts[*at].start);
            smallest.map(|at| parts.remove(at));
        }
    }

    /// Says that other files are about to take the segment's names. A reader goes on with the record file it has open,
    /// but an index it opens from now on may be that of the others.
    pub(crate) fn set_replaced(&self) {
        self.replaced.store(true, Ordering::SeqCst);
    }

    /// Whether an index that was opened before this call may be that of other records.
    pub(crate) fn is_replaced(&self) -> bool {
        self.replaced.load(Ordering::SeqCst)
    }

    /// Nothing is known any more.
    pub(crate) fn clear(&self) {
        self.parts.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Checked, MOST};

    proptest! {
        #[test]
        fn what_was_added_is_covered_and_nothing_else(
            parts in prop::collection::vec((0u64..60, 0u64..10), 0..30),
            asked in prop::collection::vec((0u64..60, 1u64..12), 20),
        ) {
            let checked = Checked::default();
            let mut bytes = [false; 80];
            for (start, length) in parts {
                checked.add(start..start + length);
                bytes[start as usize..(start + length) as usize].fill(true);
            }
            for (start, length) in asked {
                let part = start..start + length;
                let all = bytes[start as usize..(start + length) as usize].iter().all(|known| *known);
                prop_assert_eq!(checked.covers(&part), all, "{:?}", part);
            }
        }
    }

    #[test]
    fn many_small_parts_are_forgotten_and_none_is_invented() {
        let checked = Checked::default();
        checked.add(1_000_000..2_000_000);
        for at in 0..1000 {
            checked.add(at * 10..at * 10 + 1 + at % 3);
        }
        assert!(checked.parts.lock().len() <= MOST);
        assert!(checked.covers(&(1_000_000..2_000_000)));
        assert!(!checked.covers(&(5..6)));
    }
}
