//! What comes through the standard input, read on a thread of its own: a read of a terminal or a pipe cannot be given up.

use std::{
    io::{self, BufRead, StdinLock},
    thread,
};

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, channel};

/// How many items may wait for the network.
const WAITING: usize = 1024;

/// What `next` reads, one after the other, until it has nothing more or an error.
pub(crate) fn items<T, E>(
    mut next: impl FnMut(&mut StdinLock<'_>) -> Result<Option<T>, E> + Send + 'static,
) -> Receiver<Result<T, E>>
where
    T: Send + 'static,
    E: Send + 'static,
{
    let (sender, receiver) = channel(WAITING);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(item) = next(&mut input).transpose() {
            let failed = item.is_err();
            if sender.blocking_send(item).is_err() || failed {
                return;
            }
        }
    });
    receiver
}

/// The lines without their ends, any bytes.
pub(crate) fn lines() -> Receiver<io::Result<Bytes>> {
    items(|input| line(input))
}

/// The next line without its end.
pub(crate) fn line(input: &mut impl BufRead) -> io::Result<Option<Bytes>> {
    let mut line = Vec::new();
    if input.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    for end in [b'\n', b'\r'] {
        line.pop_if(|last| *last == end);
    }
    Ok(Some(line.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_on_any_system() {
        let mut input = &b"a\r\n\xff\n\nlast"[..];
        let lines = std::iter::from_fn(|| line(&mut input).expect("memory").map(|line| line.to_vec()));
        assert_eq!(lines.collect::<Vec<_>>(), [&b"a"[..], b"\xff", b"", b"last"]);
    }
}
