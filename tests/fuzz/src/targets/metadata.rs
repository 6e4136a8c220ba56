//! The metadata log and its snapshots, down to the image.

use bytes::Bytes;
use ottla_metadata::{BatchContent, Checkpoint, Features, Loader, decode_batch};
use ottla_records::{
    BatchBuilder, BatchHeader, Batches, ControlRecord, ControlType, NewRecord, control_batch,
};
use ottla_wire::{
    Message, MetadataRecord,
    log_records::control::{
        snapshot_footer_record::SnapshotFooterRecord, snapshot_header_record::SnapshotHeaderRecord,
    },
};
use ottla_wire_tests::Rng;

use crate::{Allowance, Target, targets::messages::metadata_record};

/// These files are our own or Kafka's, and what they hold is kept: records, and the image's maps of them.
const IMAGE: Allowance = Allowance { per_byte: 200, free: 1 << 20 };

/// Batches of `__cluster_metadata-0`, replayed.
pub(super) const METADATA_LOG: Target = Target {
    name: "metadata-log",
    allowance: IMAGE,
    run: |input| {
        let mut loader = Loader::default();
        for batch in Batches::new(repaired(input)).flatten() {
            if batch.header().codec() != Ok(ottla_records::Codec::None) {
                continue;
            }
            if let Ok(BatchContent::Records(records)) = decode_batch(&batch) {
                replay(&mut loader, &records);
            }
        }
        let _ = loader.take_delta();
    },
    seed: records,
};

/// `<end offset>-<epoch>.checkpoint`.
pub(super) const METADATA_SNAPSHOT: Target = Target {
    name: "metadata-snapshot",
    allowance: IMAGE,
    run: |input| {
        let Ok(checkpoint) = Checkpoint::decode(repaired(input)) else { return };
        let mut loader = Loader::default();
        replay(&mut loader, &checkpoint.records);
        let _ = checkpoint.encode(&Features::default(), 1, 1);
    },
    seed: |rng| {
        let control = |kind, value| ControlRecord { kind, value };
        let header = SnapshotHeaderRecord::default().to_bytes(0).expect("a fixed message");
        let footer = SnapshotFooterRecord::default().to_bytes(0).expect("a fixed message");
        let mut file = control_batch(0, 1, 1, &[control(ControlType::SnapshotHeader, header)]).to_vec();
        file.extend(records(rng));
        file.extend(control_batch(9, 1, 1, &[control(ControlType::SnapshotFooter, footer)]));
        file
    },
};

fn replay(loader: &mut Loader, records: &[MetadataRecord]) {
    for record in records {
        loader.replay(record);
    }
    let _ = (loader.image(), loader.in_transaction());
}

fn records(rng: &mut Rng) -> Vec<u8> {
    let mut file = Vec::new();
    for base in 0..1 + rng.below(3) {
        let mut builder = BatchBuilder::new().base_offset(base as i64);
        for _ in 0..1 + rng.below(5) {
            let value = metadata_record(rng);
            builder.push(&NewRecord { timestamp: 1, value: Some(&value), ..NewRecord::default() });
        }
        file.extend(builder.finish());
    }
    file
}

/// With right checksums, so that what stands behind them is reached.
fn repaired(input: &[u8]) -> Bytes {
    let mut bytes = input.to_vec();
    let mut at = 0;
    while let Ok(header) = BatchHeader::parse(&bytes[at..]) {
        let end = at.saturating_add(header.size_in_bytes());
        if end > bytes.len() {
            break;
        }
        let crc = ottla_records::crc32c(&bytes[at + 21..end]);
        bytes[at + 17..at + 21].copy_from_slice(&crc.to_be_bytes());
        at = end;
    }
    bytes.into()
}
