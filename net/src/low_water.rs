//! How many bytes a socket waits for before it says that there are any.
//!
//! A frame of a megabyte comes in a dozen pieces. Who is woken for each pays for a dozen wake-ups, and each may cost more than
//! the copy it allows. With SO_RCVLOWAT (socket(7)) the system says nothing until enough is there, the peer closes, or its
//! buffer is full.

// The one system call neither `rustix` nor `socket2` has a safe function for.
#![allow(unsafe_code)]

use std::{
    ffi::c_int,
    mem::size_of_val,
    os::fd::{AsRawFd, BorrowedFd},
};

/// The mark of one socket, changed only where it has to be.
#[derive(Debug)]
pub(crate) struct LowWater(c_int);

impl LowWater {
    /// What every socket begins with: a single byte is enough.
    pub(crate) const fn new() -> Self {
        Self(1)
    }

    /// Wants to hear of `bytes`, at least one. Where they are here already the system says so again, so nothing is missed
    /// whatever came since the last read. A system that refuses keeps the former mark: one below the wanted costs wake-ups
    /// only.
    pub(crate) fn set(&mut self, socket: BorrowedFd<'_>, bytes: usize) {
        let mark = c_int::try_from(bytes).unwrap_or(c_int::MAX).max(1);
        if mark != self.0 && set_option(socket, mark) {
            self.0 = mark;
        }
    }
}

fn set_option(socket: BorrowedFd<'_>, mark: c_int) -> bool {
    let length = size_of_val(&mark) as libc::socklen_t;
    // SAFETY: the descriptor is borrowed, so it is open; the system reads `length` bytes at the address of `mark`, which is that
    // long and lives until the call is over.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVLOWAT,
            (&raw const mark).cast(),
            length,
        )
    };
    result == 0
}
