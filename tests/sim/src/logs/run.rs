//! Carrying a script out, and knowing what it must have left.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ottla_disk::{Disk, SimDisk, create_dir_durably};
use ottla_log::{
    Checkpointed, CleanShutdown, FlushError, Log, LogDir, MetaProperties, TopicPartition,
    write_meta_properties,
};
use ottla_types::{Millis, Uuid};

use super::{DATA, Model, Part, Step, config, partitions};
use crate::batches::{Kind, Sent};

/// A step that did not go through.
pub type StepError = String;

/// A directory at work, with the model of what it holds.
#[derive(Debug)]
pub struct Run {
    /// The disk it lies on.
    pub disk: SimDisk,
    dir: Option<LogDir>,
    logs: BTreeMap<TopicPartition, Log>,
    /// What must be there now.
    pub model: Model,
    epochs: [i32; 2],
    clock: i64,
    values: u64,
    sequences: BTreeMap<(usize, i64), i32>,
    open: [bool; 2],
}

/// When segments are too old; batches carry small timestamps.
const LATER: i64 = 1_000_000;

fn text(error: impl ToString) -> StepError {
    error.to_string()
}

impl Run {
    /// A fresh directory with two empty partitions, everything of it durable.
    ///
    /// # Panics
    /// The disk does not fail yet.
    #[must_use]
    pub fn new() -> Self {
        let sim = SimDisk::new();
        let disk: Arc<dyn Disk> = Arc::new(sim.clone());
        create_dir_durably(&*disk, Path::new(DATA)).expect("a disk that works");
        let meta = MetaProperties {
            cluster_id: "c".to_owned(),
            node_id: 1,
            directory_id: Uuid::from_u128(0x1234_5678_9abc),
        };
        write_meta_properties(&*disk, Path::new(DATA), &meta).expect("a disk that works");
        let mut run = Self {
            disk: sim,
            dir: None,
            logs: BTreeMap::new(),
            model: Model::new(),
            epochs: [0, 0],
            clock: 1,
            values: 0,
            sequences: BTreeMap::new(),
            open: [false, false],
        };
        let dir = LogDir::open(&disk, Path::new(DATA)).expect("it is formatted");
        for (at, name) in partitions().into_iter().enumerate() {
            let log = dir.create(&name, Uuid::from_u128(at as u128 + 100), config(), Millis(1));
            run.logs.insert(name.clone(), log.expect("a disk that works"));
            run.model.insert(name, Part::default());
        }
        dir.on_recovered().expect("a disk that works");
        run.dir = Some(dir);
        run.logs.values_mut().for_each(|log| log.flush().expect("a disk that works"));
        run
    }

    /// The open logs.
    pub fn logs(&mut self) -> &mut BTreeMap<TopicPartition, Log> {
        &mut self.logs
    }

    /// Carries a step out and keeps the model in line with what was answered.
    ///
    /// # Errors
    /// The step failed; the model is as before, except for what an append under a flush left.
    ///
    /// # Panics
    /// When the script names a partition there is not.
    pub fn step(&mut self, step: Step) -> Result<(), StepError> {
        match step {
            Step::Append { at, records, kind } => self.append(at, records, kind),
            Step::Flush(at) => self.flush(at),
            Step::AppendUnderFlush(at) => self.under_flush(at, |run| run.append(at, 2, Kind::Idempotent)),
            Step::TruncateUnderFlush(at) => self.under_flush(at, |run| {
                run.truncate(at, 1)?;
                run.append(at, 1, Kind::Idempotent)
            }),
            Step::Roll(at) => self.log(at).roll().map_err(text),
            Step::Retention(at) => self.retention(at),
            Step::DeleteRecords { at, records } => self.delete_records(at, records),
            Step::Truncate { at, records } => self.truncate(at, records),
            Step::NewEpoch(at) => {
                self.epochs[at] += 1;
                Ok(())
            }
            Step::Checkpoint => self.checkpoint(),
            Step::Restart => self.restart(),
            Step::Kill => self.reopen(),
        }
    }

    fn name(at: usize) -> TopicPartition {
        partitions()[at].clone()
    }

    fn log(&mut self, at: usize) -> &mut Log {
        self.logs.get_mut(&Self::name(at)).expect("the script names partitions there are")
    }

    fn part(&mut self, at: usize) -> &mut Part {
        self.model.get_mut(&Self::name(at)).expect("the script names partitions there are")
    }

    fn append(&mut self, at: usize, records: usize, kind: Kind) -> Result<(), StepError> {
        // An abort without a transaction would say nothing, and a transaction is kept open by one producer.
        let kind = if kind == Kind::Abort && !self.open[at] { Kind::Idempotent } else { kind };
        let id = match kind {
            Kind::Plain => -1,
            Kind::Idempotent => 10 + (self.values % 2) as i64,
            Kind::Transactional | Kind::Abort => 20,
        };
        let records = if kind == Kind::Abort { 1 } else { records };
        let sequence = self.sequences.get(&(at, id)).copied().unwrap_or_default();
        self.clock += 1;
        let value = |run: &mut Self| {
            run.values += 1;
            format!("{at}:{}", run.values)
        };
        let values = (0..records).map(|_| if kind == Kind::Abort { String::new() } else { value(self) });
        let values = values.collect();
        let (epoch, timestamp) = (self.epochs[at], self.clock);
        let mut sent = Sent { base: -1, epoch, timestamp, values, kind, producer: (id, sequence) };
        let appended = self.log(at).append(sent.to_append(), epoch, Millis(1)).map_err(text)?;
        sent.base = appended.base_offset;
        self.part(at).append(sent);
        match kind {
            Kind::Transactional => self.open[at] = true,
            Kind::Abort => self.open[at] = false,
            Kind::Plain | Kind::Idempotent => {}
        }
        if matches!(kind, Kind::Idempotent | Kind::Transactional) {
            self.sequences.insert((at, id), sequence + records as i32);
        }
        Ok(())
    }

    fn flush(&mut self, at: usize) -> Result<(), StepError> {
        self.under_flush(at, |_| Ok(()))
    }

    /// As the flusher does it: what is to be synced is collected, the log goes on, and the end is noted afterwards.
    fn under_flush(
        &mut self,
        at: usize,
        meanwhile: impl FnOnce(&mut Self) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        if let Some(failure) = self.log(at).failure() {
            return Err(text(failure));
        }
        let work = self.log(at).start_flush();
        let between = meanwhile(self);
        let log = self.logs.get_mut(&Self::name(at)).expect("the script names partitions there are");
        match work.run(&self.disk) {
            Ok(flushed) => log.on_flushed(flushed),
            Err(error @ FlushError::Postponed(_)) => {
                log.on_flush_postponed(work);
                return Err(text(error));
            }
            Err(error) => {
                log.fail(format!("flush failed: {error}"));
                return Err(text(error));
            }
        }
        let flushed = log.flushed();
        self.part(at).flushed = flushed;
        between
    }

    fn truncate(&mut self, at: usize, records: i64) -> Result<(), StepError> {
        let part = self.part(at);
        let to = (part.end - records).max(part.start);
        // At a batch's edge, as a leader's epochs are.
        let to = part
            .batches
            .iter()
            .find(|batch| batch.last() >= to)
            .map_or(to, |batch| batch.base.max(part.start));
        // A log that is truncated to nothing forgets its producers, which is another story.
        if to <= self.part(at).start {
            return Ok(());
        }
        // Whoever truncates writes the checkpoint first.
        self.checkpoint_below(at, to)?;
        self.log(at).truncate_to(to, Millis(1)).map_err(text)?;
        self.part(at).truncate(to);
        let flushed = self.log(at).flushed();
        self.part(at).flushed = flushed;
        let kept = self.part(at).producers(i64::MAX);
        for (key, sequence) in self.sequences.iter_mut().filter(|(key, _)| key.0 == at) {
            let known = kept.describe().into_iter().find(|producer| producer.producer_id == key.1);
            *sequence = known.map_or(0, |producer| producer.last_sequence + 1);
        }
        self.open[at] = kept.first_open_offset().is_some();
        Ok(())
    }

    fn retention(&mut self, at: usize) -> Result<(), StepError> {
        let flushed = self.part(at).flushed;
        let removed = self.log(at).apply_retention(Millis(LATER), flushed).map_err(text)?;
        self.removed(at, &removed)
    }

    fn delete_records(&mut self, at: usize, records: i64) -> Result<(), StepError> {
        let part = self.part(at);
        let to = (part.start + records).min(part.flushed);
        let raised = [(Self::name(at), to)];
        self.dir.as_ref().map_or(Ok(()), |dir| dir.raise_log_starts(&raised)).map_err(text)?;
        let removed = self.log(at).advance_log_start(to).map_err(text)?;
        self.removed(at, &removed)
    }

    fn removed(&mut self, at: usize, files: &[std::path::PathBuf]) -> Result<(), StepError> {
        let start = self.log(at).log_start();
        self.part(at).start = start;
        let end = self.log(at).next_offset();
        self.part(at).end = end;
        self.dir.as_ref().map_or(Ok(()), |dir| dir.remove_files(files)).map_err(text)
    }

    fn checkpoint(&mut self) -> Result<(), StepError> {
        self.checkpoint_below(0, i64::MAX)
    }

    /// Writes the checkpoints, that of one partition not above `bound`.
    fn checkpoint_below(&mut self, at: usize, bound: i64) -> Result<(), StepError> {
        let bounded = Self::name(at);
        let bound = |name: &TopicPartition| if *name == bounded { bound } else { i64::MAX };
        let offsets: Vec<_> = self
            .logs
            .iter()
            .map(|(partition, log)| Checkpointed {
                partition: partition.clone(),
                recovery_point: log.recovery_point().min(bound(partition)),
                log_start: log.log_start(),
                high_watermark: log.flushed().min(bound(partition)),
            })
            .collect();
        self.dir.as_ref().map_or(Ok(()), |dir| dir.write_checkpoints(&offsets)).map_err(text)
    }

    fn restart(&mut self) -> Result<(), StepError> {
        self.stop()?;
        self.reopen()
    }

    /// Stops cleanly.
    ///
    /// # Errors
    /// Something could not be made durable.
    pub fn stop(&mut self) -> Result<(), StepError> {
        for (partition, log) in &mut self.logs {
            log.close().map_err(text)?;
            if let Some(part) = self.model.get_mut(partition) {
                part.flushed = log.flushed();
            }
        }
        self.checkpoint()?;
        let mark = CleanShutdown { broker_epoch: 7 };
        self.dir.as_ref().map_or(Ok(()), |dir| dir.mark_clean(&mark)).map_err(text)
    }

    fn reopen(&mut self) -> Result<(), StepError> {
        self.logs.clear();
        self.dir = None;
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let dir = LogDir::open(&disk, Path::new(DATA)).map_err(text)?;
        for name in partitions() {
            let log = dir.open_log(&name, config(), Millis(1)).map_err(text)?;
            self.logs.insert(name, log);
        }
        dir.on_recovered().map_err(text)?;
        self.dir = Some(dir);
        Ok(())
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::new()
    }
}
