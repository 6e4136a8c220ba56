//! The files of a partition's log, read as they stand by whoever has them: no broker is asked, nothing is changed.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use bytes::Bytes;
use ottla_records::{Batch, BatchHeader, HEADER_LEN};

/// The batches of a file, one after another, until it ends or something else stands there.
#[derive(Debug)]
pub(crate) struct LogFile {
    file: BufReader<File>,
    length: u64,
    position: u64,
}

/// A batch and where it begins.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) position: u64,
    pub(crate) batch: Batch,
}

impl LogFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file: BufReader::new(file), length, position: 0 })
    }

    /// How many bytes stand behind the last batch that could be read.
    pub(crate) const fn rest(&self) -> u64 {
        self.length - self.position
    }

    /// The next batch; `None` at the end, and where no batch begins or it is not whole.
    pub(crate) fn next(&mut self) -> io::Result<Option<Stored>> {
        let left = usize::try_from(self.rest()).unwrap_or(usize::MAX);
        if left < HEADER_LEN {
            return Ok(None);
        }
        let mut bytes = vec![0; HEADER_LEN];
        self.file.read_exact(&mut bytes)?;
        let Ok(header) = BatchHeader::parse(&bytes) else { return Ok(None) };
        let size = header.size_in_bytes();
        // A size that is larger than the file must not be believed.
        if !(HEADER_LEN..=left).contains(&size) {
            return Ok(None);
        }
        bytes.resize(size, 0);
        self.file.read_exact(&mut bytes[HEADER_LEN..])?;
        let Ok(batch) = Batch::parse(&Bytes::from(bytes)) else { return Ok(None) };
        let position = self.position;
        self.position += size as u64;
        Ok(Some(Stored { position, batch }))
    }
}

#[cfg(test)]
mod tests {
    use ottla_records::{BatchBuilder, NewRecord};

    use super::*;

    #[test]
    fn batches_are_read_up_to_what_is_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("0.log");
        let batch = |value: &'static [u8]| {
            let mut builder = BatchBuilder::new();
            builder.push(&NewRecord { value: Some(value), ..NewRecord::default() });
            builder.finish()
        };
        let (one, two) = (batch(b"one"), batch(b"twotwo"));
        std::fs::write(&path, [&one[..], &two[..], &two[..40]].concat()).expect("a file");
        let mut file = LogFile::open(&path).expect("a file");
        let positions: Vec<u64> =
            std::iter::from_fn(|| file.next().expect("it can be read")).map(|of| of.position).collect();
        assert_eq!(positions, [0, one.len() as u64]);
        assert_eq!(file.rest(), 40);
    }
}
