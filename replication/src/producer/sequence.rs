//! Sequence numbers count 0, 1, … `i32::MAX`, 0, … per producer and partition.

/// `sequence` moved on by `by` records, `by` not negative. −1 (no sequence) stays −1.
#[must_use]
pub fn advance(sequence: i32, by: i32) -> i32 {
    if sequence < 0 {
        return sequence;
    }
    // Wraps modulo 2^31 by clearing the sign bit.
    sequence.wrapping_add(by) & i32::MAX
}

/// `sequence` moved back by `by` records: the first sequence of a batch from its last.
pub(super) fn retreat(sequence: i32, by: i32) -> i32 {
    if sequence < 0 {
        return sequence;
    }
    sequence.wrapping_sub(by) & i32::MAX
}

/// The sequence that follows `last`; 0 follows −1, when nothing was sent yet, and `i32::MAX`.
#[must_use]
pub fn next(last: i32) -> i32 {
    last.wrapping_add(1) & i32::MAX
}
