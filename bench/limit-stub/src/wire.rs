//! Fields in, fields and file ranges out.

use std::{fs::File, io, sync::Arc};

use crate::{fetch::FetchRequest, server::malformed};

/// Reads big-endian fields from a request. Running off the end is an error that closes the connection.
pub(crate) struct Request<'a> {
    pub(crate) frame: &'a mut [u8],
    pub(crate) at: usize,
}

impl Request<'_> {
    pub(crate) fn bytes(&mut self, len: usize) -> io::Result<&mut [u8]> {
        let from = self.at;
        self.at = from.checked_add(len).ok_or_else(|| malformed("length"))?;
        self.frame.get_mut(from..self.at).ok_or_else(|| malformed("request ends early"))
    }
    pub(crate) fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut value = [0; N];
        value.copy_from_slice(self.bytes(N)?);
        Ok(value)
    }
    pub(crate) fn i8(&mut self) -> io::Result<i8> {
        Ok(i8::from_be_bytes(self.array()?))
    }
    pub(crate) fn i16(&mut self) -> io::Result<i16> {
        Ok(i16::from_be_bytes(self.array()?))
    }
    pub(crate) fn i32(&mut self) -> io::Result<i32> {
        Ok(i32::from_be_bytes(self.array()?))
    }
    pub(crate) fn i64(&mut self) -> io::Result<i64> {
        Ok(i64::from_be_bytes(self.array()?))
    }
    pub(crate) fn nullable_string(&mut self) -> io::Result<Option<String>> {
        match usize::try_from(self.i16()?) {
            Err(_) => Ok(None),
            Ok(len) => Ok(Some(String::from_utf8_lossy(self.bytes(len)?).into_owned())),
        }
    }
    pub(crate) fn string(&mut self) -> io::Result<String> {
        self.nullable_string()?.ok_or_else(|| malformed("string is null"))
    }
}

/// Builds the header bytes of a response; record data is never copied into it.
pub(crate) struct Header(pub(crate) Vec<u8>);

impl Header {
    /// Room for the frame length, which [`frame`] fills in, then the correlation id.
    pub(crate) fn new(correlation_id: i32) -> Self {
        let mut header = Self(Vec::with_capacity(256));
        header.i32(0);
        header.i32(correlation_id);
        header
    }
    pub(crate) fn i8(&mut self, value: i8) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }
    pub(crate) fn i16(&mut self, value: i16) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }
    pub(crate) fn i32(&mut self, value: i32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }
    pub(crate) fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }
    pub(crate) fn string(&mut self, value: &str) {
        self.i16(value.len() as i16);
        self.0.extend_from_slice(value.as_bytes());
    }
}

/// Part of a response: header bytes, then a range of a log file.
pub(crate) struct Piece {
    pub(crate) header: Vec<u8>,
    pub(crate) range: Option<FileRange>,
}

pub(crate) struct FileRange {
    pub(crate) file: Arc<File>,
    pub(crate) position: u64,
    pub(crate) len: usize,
}

pub(crate) enum Outcome {
    /// Produce with acks=0.
    NoReply,
    Reply(Vec<Piece>),
    /// Too few bytes yet: ask again after an append, or after `max_wait_ms`.
    Wait(FetchRequest),
}

/// Closes a response: writes the frame length in front of the first piece.
pub(crate) fn frame(mut pieces: Vec<Piece>, last: Header) -> Vec<Piece> {
    pieces.push(Piece { header: last.0, range: None });
    let len: usize = pieces.iter().map(|p| p.header.len() + p.range.as_ref().map_or(0, |r| r.len)).sum();
    pieces[0].header[..4].copy_from_slice(&(len as i32 - 4).to_be_bytes());
    pieces
}
