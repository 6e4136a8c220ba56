//! One request, one answer: [`answer_request`] decides which.

use std::{io, sync::PoisonError};

use crate::{
    fetch::{FetchRequest, fetch},
    produce::produce,
    server::{Server, lock, malformed, partition},
    wire::{Header, Outcome, Request, frame},
};

pub(crate) const PRODUCE: i16 = 0;
pub(crate) const FETCH: i16 = 1;
pub(crate) const LIST_OFFSETS: i16 = 2;
pub(crate) const METADATA: i16 = 3;
pub(crate) const FIND_COORDINATOR: i16 = 10;
pub(crate) const API_VERSIONS: i16 = 18;

/// Key, lowest and highest version. FindCoordinator is listed because librdkafka otherwise sends lz4 batches
/// uncompressed without a word; Produce 7 and Fetch 10 because it needs them for zstd.
pub(crate) const SUPPORTED: [(i16, i16, i16); 6] = [
    (PRODUCE, 3, 7),
    (FETCH, 4, 11),
    (LIST_OFFSETS, 1, 1),
    (METADATA, 1, 4),
    (FIND_COORDINATOR, 0, 0),
    (API_VERSIONS, 0, 2),
];

pub(crate) const CORRUPT_MESSAGE: i16 = 2;
pub(crate) const OFFSET_OUT_OF_RANGE: i16 = 1;
pub(crate) const COORDINATOR_NOT_AVAILABLE: i16 = 15;
pub(crate) const UNSUPPORTED_VERSION: i16 = 35;

/// Handles one frame (without its length field). Runs to completion on the connection's own thread or task.
pub(crate) fn answer_request(server: &Server, frame_bytes: &mut [u8]) -> io::Result<Outcome> {
    let mut request = Request { frame: frame_bytes, at: 0 };
    let (key, version, correlation_id) = (request.i16()?, request.i16()?, request.i32()?);
    request.nullable_string()?; // client id
    let supported = SUPPORTED.iter().any(|(k, low, high)| *k == key && (*low..=*high).contains(&version));
    if !supported && key != API_VERSIONS {
        return Err(malformed(&format!("api {key} version {version} is not supported")));
    }
    let mut header = Header::new(correlation_id);
    match key {
        PRODUCE => {
            let acks = produce(server, &mut request, version, &mut header)?;
            server.wake_waiting_fetches();
            if acks == 0 {
                return Ok(Outcome::NoReply);
            }
        }
        FETCH => {
            let request = FetchRequest::read(&mut request, version, correlation_id)?;
            return Ok(match fetch(server, &request, false)? {
                Some(pieces) => Outcome::Reply(pieces),
                None => Outcome::Wait(request),
            });
        }
        LIST_OFFSETS => list_offsets(server, &mut request, &mut header)?,
        METADATA => metadata(server, &mut request, version, &mut header)?,
        FIND_COORDINATOR => {
            header.i16(COORDINATOR_NOT_AVAILABLE);
            header.i32(-1);
            header.string("");
            header.i32(-1);
        }
        _ => {
            // An unknown ApiVersions version is answered in the format of version 0 (KIP-511).
            header.i16(if supported { 0 } else { UNSUPPORTED_VERSION });
            header.i32(SUPPORTED.len() as i32);
            for (key, low, high) in SUPPORTED {
                header.i16(key);
                header.i16(low);
                header.i16(high);
            }
            if supported && version >= 1 {
                header.i32(0); // throttle time
            }
        }
    }
    Ok(Outcome::Reply(frame(Vec::new(), header)))
}

/// Any topic asked for is created. There is one broker, and it leads everything.
pub(crate) fn metadata(
    server: &Server,
    request: &mut Request<'_>,
    version: i16,
    header: &mut Header,
) -> io::Result<()> {
    let count = request.i32()?;
    let mut names = Vec::new();
    if count < 0 {
        names.extend(server.topics.read().unwrap_or_else(PoisonError::into_inner).keys().cloned());
    }
    for _ in 0..count {
        names.push(request.string()?);
    }
    if version >= 3 {
        header.i32(0); // throttle time
    }
    header.i32(1); // brokers: id, host, port, rack
    header.i32(1);
    header.string("127.0.0.1");
    header.i32(i32::from(server.options.port));
    header.i16(-1);
    if version >= 2 {
        header.string("limit-stub"); // cluster id
    }
    header.i32(1); // controller
    header.i32(names.len() as i32);
    for name in names {
        let topic = server.topic(&name)?;
        header.i16(0);
        header.string(&name);
        header.i8(0); // not internal
        header.i32(topic.len() as i32);
        for index in 0..topic.len() {
            header.i16(0);
            header.i32(index as i32);
            header.i32(1); // leader; then replicas and in-sync replicas, one each
            header.i32(1);
            header.i32(1);
            header.i32(1);
            header.i32(1);
        }
    }
    Ok(())
}

pub(crate) fn list_offsets(
    server: &Server,
    request: &mut Request<'_>,
    header: &mut Header,
) -> io::Result<()> {
    const EARLIEST: i64 = -2;
    request.i32()?; // replica id
    let topics = request.i32()?;
    header.i32(topics);
    for _ in 0..topics {
        let name = request.string()?;
        let topic = server.topic(&name)?;
        header.string(&name);
        let partitions = request.i32()?;
        header.i32(partitions);
        for _ in 0..partitions {
            let (index, timestamp) = (request.i32()?, request.i64()?);
            let end = lock(&partition(&topic, index)?.log).next_offset;
            header.i32(index);
            header.i16(0);
            header.i64(-1);
            header.i64(if timestamp == EARLIEST { 0 } else { end });
        }
    }
    Ok(())
}
