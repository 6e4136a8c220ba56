//! The table against a model that keeps the whole log and scans it for every question.

use ottla_types::Millis;
use proptest::prelude::*;

use crate::producer::{BatchMeta, Marker, ProducerTable, Refused, Verdict, advance};

#[derive(Debug, Clone, Copy)]
enum Entry {
    Data { meta: BatchMeta, offset: i64 },
    Marker { marker: Marker, offset: i64 },
}

#[derive(Debug, Clone)]
enum Step {
    /// Sends the next batch of a producer; `skip` shifts its sequence.
    Send {
        producer: i64,
        records: i32,
        transactional: bool,
        skip: i32,
    },
    /// Sends the batch `back` batches ago once more.
    Resend {
        producer: i64,
        back: usize,
    },
    Bump {
        producer: i64,
    },
    End {
        producer: i64,
        commit: bool,
    },
    HighWatermark {
        share: u8,
    },
    LogStart {
        share: u8,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let producer = 0..3i64;
    let skip = prop_oneof![8 => Just(0), 1 => 1..4i32, 1 => -3..0i32];
    prop_oneof![
        8 => (producer.clone(), 1..5i32, any::<bool>(), skip)
            .prop_map(|(producer, records, transactional, skip)| Step::Send { producer, records, transactional, skip }),
        4 => (producer.clone(), 0..8usize).prop_map(|(producer, back)| Step::Resend { producer, back }),
        1 => producer.clone().prop_map(|producer| Step::Bump { producer }),
        2 => (producer, any::<bool>()).prop_map(|(producer, commit)| Step::End { producer, commit }),
        1 => any::<u8>().prop_map(|share| Step::HighWatermark { share }),
        1 => any::<u8>().prop_map(|share| Step::LogStart { share }),
    ]
}

/// The whole log, and the clients' own idea of their epoch and next sequence.
#[derive(Debug, Default)]
struct Model {
    log: Vec<Entry>,
    end: i64,
    high_watermark: i64,
    epochs: [i16; 3],
    /// Starts near the wrap.
    sequences: [Option<i32>; 3],
}

impl Model {
    /// Batches of the producer's current epoch with their offsets, and that epoch; from a scan.
    fn batches(&self, producer: i64) -> (Option<i16>, Vec<(BatchMeta, i64)>) {
        let (mut epoch, mut batches) = (None, Vec::new());
        for entry in &self.log {
            let (id, at) = match entry {
                Entry::Data { meta, .. } => (meta.producer_id, meta.producer_epoch),
                Entry::Marker { marker, .. } => (marker.producer_id, marker.producer_epoch),
            };
            if id != producer {
                continue;
            }
            if epoch != Some(at) {
                batches.clear();
                epoch = Some(at);
            }
            if let Entry::Data { meta, offset } = entry {
                batches.push((*meta, *offset));
            }
        }
        (epoch, batches)
    }

    /// First offset and marker offset of every transaction, in order of the first offset.
    fn transactions(&self) -> Vec<(i64, i64, Option<i64>)> {
        let mut all: Vec<(i64, i64, Option<i64>)> = Vec::new();
        for entry in &self.log {
            match entry {
                Entry::Data { meta, offset } if meta.transactional => {
                    if !all.iter().any(|(id, _, end)| *id == meta.producer_id && end.is_none()) {
                        all.push((meta.producer_id, *offset, None));
                    }
                }
                Entry::Data { .. } => {}
                Entry::Marker { marker, offset } => {
                    let open = all.iter_mut().find(|(id, _, end)| *id == marker.producer_id && end.is_none());
                    if let Some(txn) = open {
                        txn.2 = Some(*offset);
                    }
                }
            }
        }
        all
    }

    fn check(&self, meta: &BatchMeta) -> Result<Verdict, &'static str> {
        let (epoch, batches) = self.batches(meta.producer_id);
        let Some(epoch) = epoch else { return Ok(Verdict::Append) };
        if meta.producer_epoch < epoch {
            return Err("epoch");
        }
        let wanted = if meta.producer_epoch > epoch {
            0
        } else {
            for (known, offset) in batches.iter().rev().take(5) {
                if known.base_sequence == meta.base_sequence
                    && known.last_offset_delta == meta.last_offset_delta
                {
                    let last_offset = offset + i64::from(known.last_offset_delta);
                    let timestamp = known.max_timestamp;
                    let outcome = crate::producer::Outcome { base_offset: *offset, last_offset, timestamp };
                    return Ok(Verdict::Duplicate(outcome));
                }
            }
            batches.last().map_or(0, |(known, _)| advance(known.last_sequence(), 1))
        };
        if meta.base_sequence != wanted {
            return Err("sequence");
        }
        let open = self.transactions().iter().any(|(id, _, end)| *id == meta.producer_id && end.is_none());
        if open && !meta.transactional { Err("transaction") } else { Ok(Verdict::Append) }
    }

    fn first_unstable(&self) -> Option<i64> {
        let decided = |end: Option<i64>| end.is_some_and(|end| end < self.high_watermark);
        self.transactions().iter().filter(|(_, _, end)| !decided(*end)).map(|(_, first, _)| *first).min()
    }
}

fn kind(refused: Refused) -> &'static str {
    match refused {
        Refused::InvalidProducerEpoch { .. } => "epoch",
        Refused::OutOfOrderSequence { .. } => "sequence",
        Refused::TransactionOpen { .. } => "transaction",
        Refused::CoordinatorFenced { .. } => "coordinator",
        Refused::NotVerified { .. } => "verification",
    }
}

struct Run {
    model: Model,
    table: ProducerTable,
    now: i64,
}

impl Run {
    fn offer(&mut self, meta: BatchMeta) -> Result<bool, TestCaseError> {
        let verdict = self.table.check(&meta);
        prop_assert_eq!(verdict.map_err(kind), self.model.check(&meta));
        if verdict != Ok(Verdict::Append) {
            return Ok(false);
        }
        let offset = self.model.end;
        self.table.on_appended(&meta, offset, Millis(self.now));
        self.model.log.push(Entry::Data { meta, offset });
        self.model.end = offset + i64::from(meta.last_offset_delta) + 1;
        Ok(true)
    }

    fn send(
        &mut self,
        producer: i64,
        records: i32,
        transactional: bool,
        skip: i32,
    ) -> Result<(), TestCaseError> {
        let at = producer as usize;
        let next = self.model.sequences[at].unwrap_or(i32::MAX - 5);
        let meta = BatchMeta {
            producer_id: producer,
            producer_epoch: self.model.epochs[at],
            base_sequence: next.wrapping_add(skip) & i32::MAX,
            last_offset_delta: records - 1,
            max_timestamp: self.now,
            transactional,
        };
        if self.offer(meta)? {
            self.model.sequences[at] = Some(advance(meta.last_sequence(), 1));
        }
        Ok(())
    }

    fn end(&mut self, producer: i64, commit: bool) -> Result<(), TestCaseError> {
        let (producer_epoch, offset) = (self.model.epochs[producer as usize], self.model.end);
        let timestamp = Millis(self.now);
        let marker =
            Marker { producer_id: producer, producer_epoch, coordinator_epoch: 0, commit, timestamp };
        if self.table.check_marker(&marker, 0).is_err() {
            return Ok(());
        }
        let open =
            self.model.transactions().into_iter().find(|(id, _, end)| *id == producer && end.is_none());
        let completed = self.table.on_marker(&marker, offset, timestamp);
        self.model.log.push(Entry::Marker { marker, offset });
        self.model.end += 1;
        prop_assert_eq!(completed.map(|txn| txn.first_offset), open.map(|(_, first, _)| first));
        if let Some(txn) = completed {
            let others = self.model.transactions().into_iter().filter(|(_, _, end)| end.is_none());
            let stable = others.map(|(_, first, _)| first).min().unwrap_or(offset + 1);
            prop_assert_eq!(txn.last_stable_offset, stable);
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        self.now += 10;
        match *step {
            Step::Send { producer, records, transactional, skip } => {
                self.send(producer, records, transactional, skip)?;
            }
            Step::Resend { producer, back } => {
                let of_producer = |entry: &&Entry| matches!(entry, Entry::Data { meta, .. } if meta.producer_id == producer);
                if let Some(Entry::Data { meta, .. }) =
                    self.model.log.iter().rev().filter(of_producer).nth(back).copied()
                {
                    self.offer(meta)?;
                }
            }
            Step::Bump { producer } => {
                self.model.epochs[producer as usize] += 1;
                self.model.sequences[producer as usize] = Some(0);
            }
            Step::End { producer, commit } => self.end(producer, commit)?,
            Step::HighWatermark { share } => {
                let room = self.model.end - self.model.high_watermark;
                self.model.high_watermark += room * i64::from(share) / 255;
                self.table.on_high_watermark(self.model.high_watermark);
            }
            Step::LogStart { share } => {
                self.table.on_log_start(self.model.high_watermark * i64::from(share) / 255);
            }
        }
        prop_assert_eq!(self.table.first_unstable_offset(), self.model.first_unstable());
        prop_assert_eq!(self.table.end_offset(), self.model.end);
        Ok(())
    }

    /// What recovery does: a snapshot taken after `cut` entries, and the rest of the log replayed.
    fn recovered(&self, cut: usize) -> ProducerTable {
        let (head, tail) = self.model.log.split_at(cut);
        let mut before = ProducerTable::new();
        replay(&mut before, head);
        let mut table = ProducerTable::new();
        table.load(&before.snapshot_entries(), before.end_offset(), Millis(0));
        replay(&mut table, tail);
        table.on_high_watermark(self.model.high_watermark);
        table
    }
}

fn replay(table: &mut ProducerTable, log: &[Entry]) {
    for entry in log {
        match entry {
            Entry::Data { meta, offset } => table.on_appended(meta, *offset, Millis(0)),
            Entry::Marker { marker, offset } => {
                table.on_marker(marker, *offset, Millis(0));
            }
        }
    }
}

proptest! {
    #[test]
    fn every_verdict_is_what_a_scan_of_the_log_says(
        steps in prop::collection::vec(step(), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut run = Run { model: Model::default(), table: ProducerTable::new(), now: 0 };
        for step in &steps {
            run.step(step)?;
        }
        let cut = cut.index(run.model.log.len() + 1);
        let recovered = run.recovered(cut);
        prop_assert_eq!(recovered.describe(), run.table.describe());
        prop_assert_eq!(recovered.first_open_offset(), run.table.first_open_offset());
        for entry in &run.model.log {
            if let Entry::Data { meta, .. } = entry {
                let blank = |verdict| match verdict {
                    // The newest line of a snapshot carries the producer's timestamp, which a marker may have moved.
                    Ok(Verdict::Duplicate(outcome)) => Ok((outcome.base_offset, outcome.last_offset)),
                    Ok(Verdict::Append) => Ok((-1, -1)),
                    Err(refused) => Err(refused),
                };
                prop_assert_eq!(blank(recovered.check(meta)), blank(run.table.check(meta)));
            }
        }
    }
}
