//! Carrying a script out, and knowing what it must have left.

use std::{path::Path, sync::Arc};

use ottla_disk::{Disk, SimDisk, create_dir_durably};
use ottla_log::{CleanerMemory, CleaningDone, Ended, Log, OpenLog};
use ottla_records::{BatchBuilder, Codec, Levels, NewRecord, end_txn_marker, validate::AppendBatch};
use ottla_testkit::Rng;
use ottla_types::Millis;

use super::{
    DIR, Model, Step, check, config,
    model::{Record, Role, Sent},
};

/// A producer by its id; −1 without one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Producer {
    id: i64,
    transactional: bool,
}

/// Those there are.
pub(super) const PRODUCERS: [Producer; 5] = [
    Producer { id: -1, transactional: false },
    Producer { id: 10, transactional: false },
    Producer { id: 11, transactional: false },
    Producer { id: 20, transactional: true },
    Producer { id: 21, transactional: true },
];

/// What a producer does next.
#[derive(Debug, Clone, Copy, Default)]
struct Next {
    epoch: i16,
    sequence: i32,
    is_open: bool,
}

/// A partition at work, with the model of what it holds.
#[derive(Debug)]
pub struct Life {
    /// The disk it lies on.
    pub disk: SimDisk,
    /// The log.
    pub log: Log,
    /// What must be there now.
    pub model: Model,
    next: [Next; PRODUCERS.len()],
    values: u64,
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

/// Opens the log as the model's checkpoints say.
pub(super) fn open(disk: &SimDisk, model: &Model, clean: bool) -> Result<Log, String> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let open = OpenLog {
        dir: DIR.into(),
        config: config(),
        log_start: model.start,
        recovery_point: model.recovery_point,
        ended: if clean { Ended::Cleanly } else { Ended::Killed },
        now: Millis(model.now),
    };
    Log::open(&disk, &open).map_err(text)
}

impl Life {
    /// An empty partition, durable.
    ///
    /// # Panics
    /// The disk does not fail yet.
    #[must_use]
    pub fn new() -> Self {
        let disk = SimDisk::new();
        create_dir_durably(&disk, Path::new(DIR)).expect("a disk that works");
        let model = Model { now: 1000, ..Model::default() };
        let mut log = open(&disk, &model, false).expect("an empty directory");
        log.flush().expect("a disk that works");
        Self { disk, log, model, next: Default::default(), values: 0 }
    }

    /// One that was recovered, and goes on with producers nobody knows.
    pub(super) fn resumed(disk: SimDisk, log: Log, model: Model) -> Self {
        Self { disk, log, model, next: Default::default(), values: 1_000_000 }
    }

    /// Carries a step out and keeps the model in line with what was answered.
    ///
    /// # Errors
    /// The step failed.
    pub fn step(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::Append { producer, records, seed } => self.append(producer, records, seed),
            Step::End { producer, commit, bump } => self.end(producer, commit, bump),
            Step::Flush => self.flush(),
            Step::Roll => self.log.roll().map_err(text),
            Step::Wait(ms) => {
                self.model.now += ms;
                Ok(())
            }
            Step::Clean { few_keys } => self.clean(few_keys).map(drop),
            Step::DeleteRecords(records) => {
                let to = (self.model.start + records).min(self.model.flushed);
                self.model.start = to;
                let removed = self.log.advance_log_start(to).map_err(text)?;
                self.removed(&removed)
            }
            Step::Retention => {
                let (now, bound) =
                    (Millis(self.model.now), self.model.flushed.min(self.model.recovery_point));
                let removed = self.log.apply_retention(now, bound).map_err(text)?;
                self.removed(&removed)
            }
            Step::Restart => {
                self.log.close().map_err(text)?;
                self.model.flushed = self.log.flushed();
                self.model.recovery_point = self.log.recovery_point();
                self.log = open(&self.disk, &self.model, true)?;
                Ok(())
            }
            Step::Kill => {
                self.log = open(&self.disk, &self.model, false)?;
                Ok(())
            }
        }
    }

    fn removed(&mut self, files: &[std::path::PathBuf]) -> Result<(), String> {
        self.model.start = self.log.log_start();
        files.iter().try_for_each(|file| self.disk.remove_file(file)).map_err(text)
    }

    /// Everything to disk; then the checkpoint says so.
    fn flush(&mut self) -> Result<(), String> {
        self.log.flush().map_err(text)?;
        self.model.flushed = self.log.flushed();
        self.model.recovery_point = self.log.recovery_point();
        Ok(())
    }

    fn append(&mut self, producer: usize, records: usize, seed: u64) -> Result<(), String> {
        let Producer { id, transactional } = PRODUCERS[producer];
        let mut rng = Rng::new(seed);
        let next = self.next[producer];
        let codec = *rng.pick(&[Codec::None, Codec::None, Codec::Lz4, Codec::Zstd]);
        let mut builder = BatchBuilder::new().codec(codec, Levels::default());
        if id >= 0 {
            builder = builder.producer(id, next.epoch, next.sequence);
        }
        if transactional {
            builder = builder.transactional();
        }
        let mut sent = Vec::new();
        for _ in 0..records {
            self.values += 1;
            let key = key(&mut rng);
            let value = (!rng.one_in(4)).then(|| format!("v{}", self.values));
            let value_bytes = value.as_deref().map(str::as_bytes);
            builder.push(&NewRecord {
                timestamp: self.model.now,
                key: Some(&key),
                value: value_bytes,
                headers: &[],
            });
            sent.push(Record { offset: 0, key, value });
        }
        let role = if transactional { Role::InTransaction } else { Role::Plain };
        self.write(&builder.finish().freeze(), sent, id, role)?;
        if id >= 0 {
            self.next[producer].sequence += records as i32;
            self.next[producer].is_open |= transactional;
        }
        Ok(())
    }

    fn end(&mut self, producer: usize, commit: bool, bump: bool) -> Result<(), String> {
        let next = self.next[producer];
        if !next.is_open {
            return Ok(());
        }
        let epoch = next.epoch + i16::from(bump);
        let marker = end_txn_marker((PRODUCERS[producer].id, epoch), commit, 0, self.model.now).freeze();
        self.write(&marker, Vec::new(), PRODUCERS[producer].id, Role::End { commit })?;
        let sequence = if bump { 0 } else { next.sequence };
        self.next[producer] = Next { epoch, sequence, is_open: false };
        Ok(())
    }

    fn write(
        &mut self,
        batch: &bytes::Bytes,
        mut records: Vec<Record>,
        producer: i64,
        role: Role,
    ) -> Result<(), String> {
        let batch = AppendBatch::trusted(batch).map_err(text)?;
        let appended = self.log.append(batch, 0, Millis(self.model.now)).map_err(text)?;
        for (record, offset) in records.iter_mut().zip(appended.base_offset..) {
            record.offset = offset;
        }
        self.model.batches.push(Sent { base: appended.base_offset, records, producer, role });
        Ok(())
    }

    /// Compacts as the broker's cleaner does.
    ///
    /// # Errors
    /// It failed.
    pub fn clean(&mut self, few_keys: bool) -> Result<Option<CleaningDone>, String> {
        let now = Millis(self.model.now);
        // A marker that is not durable decides nothing yet: a crash may open its transaction again.
        let stable = self.model.committed(self.model.start, self.model.flushed).1;
        let bound = stable.min(self.model.recovery_point);
        let cleanable = self.log.cleanable(self.model.cleaned, bound, now);
        if cleanable.dirty_bytes == 0 {
            return Ok(None);
        }
        if cleanable.end > bound {
            return Err(format!("{cleanable:?} goes beyond what is durable and decided"));
        }
        self.model.cleanings += 1;
        self.model.untouched_from = self.model.untouched_from.max(cleanable.end);
        let cleaning = self.log.plan_cleaning(&cleanable, now).map_err(text)?;
        let load_factor = if few_keys { 0.04 } else { 0.9 };
        let memory = CleanerMemory { map_bytes: 100_000, load_factor, io_bytes: 200 };
        let mut removed = Vec::new();
        let done = cleaning.run(&memory, &mut |_| true, &mut |cleaned| {
            removed.extend(self.log.replace(cleaned)?);
            Ok(())
        });
        let done = done.map_err(text)?;
        if done.end <= cleanable.first_dirty || done.end > cleanable.end {
            return Err(format!("{cleanable:?} was cleaned up to {}", done.end));
        }
        self.met(cleanable.end, done.end);
        self.model.cleaned = done.end;
        removed.iter().try_for_each(|file| self.disk.remove_file(file)).map_err(text)?;
        self.after_cleaning(done.end)?;
        Ok(Some(done))
    }

    fn met(&mut self, perhaps_below: i64, surely_below: i64) {
        let Model { batches, met, now, cleanings, .. } = &mut self.model;
        let offsets = batches.iter().flat_map(|batch| {
            let records = batch.records.iter().map(|record| record.offset);
            records.chain(batch.records.is_empty().then_some(batch.base))
        });
        for offset in offsets {
            let met = met.entry(offset).or_default();
            if offset < perhaps_below {
                met.perhaps.get_or_insert(*now);
            }
            if offset < surely_below {
                met.surely.get_or_insert((*now, *cleanings));
            }
        }
    }

    fn after_cleaning(&self, end: i64) -> Result<(), String> {
        check::verify(&self.log, &self.model)?;
        check::verify_horizons(&self.log, &self.model, end)?;
        check::verify_producers(&self.disk, &self.log, &self.model)
    }
}

/// Few keys, among them such as look like those of markers.
fn key(rng: &mut Rng) -> Vec<u8> {
    match rng.below(10) {
        0 => vec![0, 0, 0, 0],
        1 => vec![0, 0, 0, 1],
        2 => Vec::new(),
        key => format!("k{key}").into_bytes(),
    }
}

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}
