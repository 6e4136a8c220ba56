//! The thread that lets the disk begin with what no flush waits for.
//!
//! Left alone, the system keeps written pages for half a minute or until a tenth of its memory is full of them, then writes them all and
//! lets whoever appends wait. Asked for every few megabytes it writes steadily, and nobody waits.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use crate::Piece;

/// Pieces that may wait for a busy device. One more is left to the system.
const WAITING: usize = 64;

pub(super) struct Behind {
    pieces: SyncSender<Piece>,
    thread: JoinHandle<()>,
}

impl Behind {
    /// Starts the thread. It tells `on_failed` when the disk fails, and asks nothing of it any more.
    pub(super) fn start(on_failed: impl FnOnce(io::Error) + Send + 'static) -> io::Result<Self> {
        let (pieces, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("write-behind".into()).spawn(move || {
            if let Err(error) = run(&waiting) {
                on_failed(error);
            }
        })?;
        Ok(Self { pieces, thread })
    }

    pub(super) fn push(&self, piece: Piece) {
        // Full: the device is behind anyway. Ended: the disk has failed, which others know by now.
        let _ = self.pieces.try_send(piece);
    }

    pub(super) fn stop(self) {
        drop(self.pieces);
        drop(self.thread.join());
    }
}

fn run(waiting: &Receiver<Piece>) -> io::Result<()> {
    waiting
        .iter()
        .try_for_each(|Piece { file, range }| file.start_writing(range.start, range.end - range.start))
}
