//! Frames to a socket.

use std::{
    io::{self, IoSlice},
    time::Duration,
};

use bytes::{Buf, Bytes};
use ottla_wire::Frame;
use tokio::{net::TcpStream, time::timeout};

/// How many segments one system call takes.
const MAX_SLICES: usize = 64;

/// Writes a whole frame; each step must get on within `patience`.
pub(crate) async fn write_frame(stream: &TcpStream, frame: Frame, patience: Duration) -> io::Result<usize> {
    let total = frame.len();
    let mut segments = frame.into_segments();
    let mut rest = advance(&mut segments, 0);
    while !rest.is_empty() {
        match write_some(stream, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = advance(rest, written),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                timeout(patience, stream.writable()).await.map_err(|_| io::ErrorKind::TimedOut)??;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

fn write_some(stream: &TcpStream, segments: &[Bytes]) -> io::Result<usize> {
    if let [only] = segments {
        return stream.try_write(only);
    }
    let mut slices = [IoSlice::new(&[]); MAX_SLICES];
    let count = segments.len().min(MAX_SLICES);
    for (slice, segment) in slices.iter_mut().zip(segments) {
        *slice = IoSlice::new(segment);
    }
    stream.try_write_vectored(&slices[..count])
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
