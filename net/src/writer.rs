//! Frames to a socket.

use std::{
    io::{self, IoSlice},
    sync::Arc,
    time::Duration,
};

use bytes::{Buf, Bytes};
use ottla_wire::{Chunk, FileRange, Frame, RecordFile};
use rustix::{
    fs::sendfile,
    net::{SendFlags, sendmsg},
};
use smallvec::SmallVec;
use tokio::{
    io::Interest,
    net::TcpStream,
    task::spawn_blocking,
    time::{Instant, timeout},
};

/// How many segments one system call takes.
const MAX_SLICES: usize = 64;
/// How much of a file is looked up, and sent, at a time.
const FILE_STEP: usize = 1 << 20;
/// How much is read at once where a file cannot be sent directly.
const COPY_STEP: usize = 256 << 10;

/// How often a writer that waits looks whether its patience has changed.
const LOOK: Duration = Duration::from_secs(1);

/// Writes a whole frame; each step must get on within `patience`, which may change meanwhile.
pub(crate) async fn write_frame(
    stream: &TcpStream,
    frame: Frame,
    patience: impl Fn() -> Duration + Sync,
) -> io::Result<usize> {
    let total = frame.len();
    let socket = Socket { stream, patience };
    let mut memory = SmallVec::<[Bytes; 4]>::new();
    for segment in frame.into_segments() {
        match segment {
            Chunk::Memory(bytes) => memory.push(bytes),
            Chunk::File(range) => {
                // The header and the records it announces leave together.
                socket.write_memory(&mut memory, SendFlags::MORE).await?;
                memory.clear();
                socket.write_file(range).await?;
            }
        }
    }
    socket.write_memory(&mut memory, SendFlags::empty()).await?;
    Ok(total)
}

/// Where a frame goes.
struct Socket<'a, P> {
    stream: &'a TcpStream,
    patience: P,
}

impl<P: Fn() -> Duration + Sync> Socket<'_, P> {
    /// Tries until some bytes are taken; says how many.
    async fn some(&self, mut write: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
        loop {
            match self.stream.try_io(Interest::WRITABLE, &mut write) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => return Ok(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.writable().await?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits until the reader has made room, as long as patience lasts.
    async fn writable(&self) -> io::Result<()> {
        let since = Instant::now();
        loop {
            let left = (self.patience)().saturating_sub(since.elapsed());
            match timeout(left.min(LOOK), self.stream.writable()).await {
                Ok(writable) => return writable,
                Err(_) if left <= LOOK => return Err(io::ErrorKind::TimedOut.into()),
                Err(_) => {}
            }
        }
    }

    async fn write_memory(&self, segments: &mut [Bytes], flags: SendFlags) -> io::Result<()> {
        let mut rest = advance(segments, 0);
        while !rest.is_empty() {
            let written = self.some(|| send_some(self.stream, rest, flags)).await?;
            rest = advance(rest, written);
        }
        Ok(())
    }

    async fn write_file(&self, range: FileRange) -> io::Result<()> {
        let FileRange { file, mut position, mut length } = range;
        while length > 0 {
            let step = length.min(FILE_STEP);
            if !file.is_cached(position, step) {
                warm(&file, position, step).await?;
            }
            self.write_step(&file, position, step).await?;
            position += step as u64;
            length -= step;
        }
        Ok(())
    }

    async fn write_step(&self, file: &Arc<dyn RecordFile>, from: u64, length: usize) -> io::Result<()> {
        let mut done = 0;
        while done < length {
            let at = from + done as u64;
            let Some(source) = file.descriptor() else {
                done += self.copy_some(file, at, length - done).await?;
                continue;
            };
            let send = || Ok(sendfile(self.stream, source, Some(&mut { at }), length - done)?);
            done += self.some(send).await?;
        }
        Ok(())
    }

    /// For a file that is not the system's.
    async fn copy_some(&self, file: &Arc<dyn RecordFile>, at: u64, length: usize) -> io::Result<usize> {
        let mut buffer = vec![0; length.min(COPY_STEP)];
        let read = file.read_at(&mut buffer, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.truncate(read);
        self.write_memory(&mut [buffer.into()], SendFlags::empty()).await?;
        Ok(read)
    }
}

/// Brings a part of a file into the page cache, on a thread that may wait for the disk.
async fn warm(file: &Arc<dyn RecordFile>, position: u64, length: usize) -> io::Result<()> {
    let file = Arc::clone(file);
    let reading = spawn_blocking(move || {
        let mut buffer = vec![0; length.min(COPY_STEP)];
        for at in (0..length).step_by(COPY_STEP) {
            let wanted = buffer.len().min(length - at);
            file.read_at(&mut buffer[..wanted], position + at as u64)?;
        }
        Ok(())
    });
    reading.await.map_err(io::Error::other)?
}

fn send_some(stream: &TcpStream, segments: &[Bytes], flags: SendFlags) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); MAX_SLICES];
    let count = segments.len().min(MAX_SLICES);
    for (slice, segment) in slices.iter_mut().zip(segments) {
        *slice = IoSlice::new(segment);
    }
    let flags = flags | SendFlags::NOSIGNAL;
    Ok(sendmsg(stream, &slices[..count], &mut Default::default(), flags)?)
}

/// What is left of `segments` after `written` bytes; empty segments go too.
fn advance(segments: &mut [Bytes], mut written: usize) -> &mut [Bytes] {
    let mut done = 0;
    for segment in segments.iter_mut() {
        if written < segment.len() {
            segment.advance(written);
            break;
        }
        written -= segment.len();
        done += 1;
    }
    &mut segments[done..]
}
#[cfg(test)]
mod tests {
    use bytes::Bytes;

    #[test]
    fn advancing_cuts_at_every_byte() {
        for written in 0..=9 {
            let mut segments: Vec<_> = ["", "abc", "", "de", "fghi", ""].map(Bytes::from).into();
            let rest: Vec<u8> = super::advance(&mut segments, written).concat();
            assert_eq!(rest, b"abcdefghi"[written..]);
        }
    }

    #[test]
    fn nothing_is_left_after_the_last_byte() {
        let mut segments: Vec<_> = ["abc", "", "de", ""].map(Bytes::from).into();
        assert!(super::advance(&mut segments, 5).is_empty());
    }
}
