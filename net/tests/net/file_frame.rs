//! A frame whose records lie in a file.

use std::{
    fs::File,
    io::{self, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::FileExt,
    },
    sync::Arc,
};

use ottla_wire::{
    ApiKey, FileRange, Frame, RecordFile, Records, encode_response, messages::fetch_response as fetch,
};

/// A file that says of every second probe that it is not in memory, and hides its descriptor if it is small.
#[derive(Debug)]
struct Content(File, bool);

impl RecordFile for Content {
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.0.read_at(buffer, position)
    }

    fn is_cached(&self, position: u64, _: usize) -> bool {
        (position >> 20).is_multiple_of(2)
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.1.then(|| self.0.as_fd())
    }
}

pub(crate) fn content(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at % 251) as u8).collect()
}

/// A fetch response with records from a file, 7 bytes behind its beginning.
pub(crate) fn frame(bytes: usize) -> Frame {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&[&[9; 7][..], &content(bytes)].concat()).unwrap();
    let file = Arc::new(Content(file, !bytes.is_multiple_of(2)));
    let records = Some(Records::from(FileRange { file, position: 7, length: bytes }));
    let partitions = vec![fetch::PartitionData { records, ..Default::default() }];
    let responses = vec![fetch::FetchableTopicResponse { partitions, ..Default::default() }];
    let body = fetch::FetchResponse { responses, ..Default::default() };
    encode_response(ApiKey::Fetch, 4, 5, &body).unwrap()
}
