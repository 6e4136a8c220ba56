use bytes::{Bytes, BytesMut};
use ottla_records::BatchHeader;

use super::batch::{Body, Stamp};

/// The bytes of a batch as they are sent: compressed, numbered, with their checksum.
pub(crate) fn build(body: Body, stamp: Option<Stamp>) -> Bytes {
    let stamp = stamp.unwrap_or(Stamp { id: -1, epoch: -1, sequence: -1 });
    match body {
        Body::Gathered(builder) => builder.producer(stamp.id, stamp.epoch, stamp.sequence).finish().freeze(),
        Body::Built(bytes) => renumbered(bytes, stamp),
    }
}

/// The same batch under another number. Nothing is written where it has that one already.
fn renumbered(bytes: Bytes, stamp: Stamp) -> Bytes {
    let Ok(mut header) = BatchHeader::parse(&bytes) else { return bytes };
    let is_same = header.producer_id == stamp.id
        && header.producer_epoch == stamp.epoch
        && header.base_sequence == stamp.sequence;
    if is_same {
        return bytes;
    }
    header.producer_id = stamp.id;
    header.producer_epoch = stamp.epoch;
    header.base_sequence = stamp.sequence;
    let mut bytes = bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    header.write(&mut bytes);
    BatchHeader::renew_crc(&mut bytes);
    bytes.freeze()
}
