//! An allocator that counts, thread by thread, and refuses what no decoder may ask for.
#![allow(unsafe_code, reason = "an allocator is unsafe by its signature; all calls go on to the system's")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// A single allocation of this size ends the process with a report: a decoder asked for memory it had no bytes for.
const ABSURD: usize = 1 << 30;

thread_local! {
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting what each thread holds.
#[derive(Debug, Clone, Copy)]
pub struct Counting;

/// What `work` gives, and the bytes it held at most beyond what was held before.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    let result = work();
    (result, PEAK.with(Cell::get).saturating_sub(before))
}

fn grow(size: usize) {
    // During a thread's end its counters are gone; nothing is measured there.
    let _ = NOW.try_with(|now| {
        let held = now.get().wrapping_add(size);
        now.set(held);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held)));
    });
}

fn shrink(size: usize) {
    let _ = NOW.try_with(|now| now.set(now.get().saturating_sub(size)));
}

#[allow(clippy::print_stderr, reason = "the last words before an abort")]
fn refuse_absurd(size: usize) {
    if size >= ABSURD {
        eprintln!("an allocation of {size} bytes: {}", crate::run::describe_current());
        std::process::abort();
    }
}

// SAFETY: every call is handed to the system's allocator with the arguments it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        refuse_absurd(layout.size());
        grow(layout.size());
        // SAFETY: the caller keeps the contract of `GlobalAlloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        refuse_absurd(layout.size());
        grow(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        refuse_absurd(size);
        // Old and new may exist side by side for a moment.
        grow(size);
        shrink(layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(at, layout, size) }
    }
}
