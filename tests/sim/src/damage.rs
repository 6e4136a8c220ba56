//! Files of a stopped directory, harmed one at a time: a bit flipped, a block zeroed, cut short, removed.
//!
//! Of records: what is served is what was sent, and what cannot be served is refused, not left out. Of everything that is
//! made from records: it is made again. The only exception is what no start can know: after a kill, a tail that is gone
//! above the recovery point looks like one that was never written, and first segments that are gone like retention's work.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Crash, Disk, SimDisk, read};
use ottla_log::{LogDir, names};
use ottla_types::Millis;

use crate::{
    batches::parse,
    enumerate::Figures,
    logs::{self, DATA, Model, Part, Run, Step},
};

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// One bit of the byte at a position.
    Flip(u64),
    /// The block of 4 KiB that begins there, or what the file has of it.
    Zero(u64),
    /// Everything from there on.
    Cut(u64),
    /// The whole file.
    Delete,
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Harm {
    /// Every harm that is worth a try on a file of this length.
    #[must_use]
    pub fn all(length: u64, step: u64) -> Vec<Self> {
        let mut harms = vec![Self::Delete];
        for at in (0..length).step_by(step.max(1) as usize) {
            harms.extend([Self::Flip(at), Self::Cut(at)]);
        }
        if length > 0 {
            harms.extend((0..length).step_by(4096).map(Self::Zero));
            harms.extend([Self::Zero(length / 2), Self::Cut(length - 1), Self::Flip(length - 1)]);
        }
        harms
    }

    /// Does it.
    ///
    /// # Panics
    /// The file is there.
    pub fn inflict(self, disk: &SimDisk, path: &Path) {
        if self == Self::Delete {
            return disk.remove_file(path).expect("it was just listed");
        }
        let mut content = read(disk, path).expect("it was just listed");
        match self {
            Self::Flip(at) => content[at as usize] ^= 0x10,
            Self::Zero(at) => {
                let end = content.len().min(at as usize + 4096);
                content[at as usize..end].fill(0);
            }
            Self::Cut(at) => content.truncate(at as usize),
            Self::Delete => {}
        }
        let file = disk.create(path).expect("it is there");
        file.set_len(0).and_then(|()| file.write_at(&[&content], 0)).expect("a disk that works");
    }
}

/// A directory that was stopped cleanly, or not at all.
#[derive(Debug)]
pub struct Stopped {
    disk: SimDisk,
    model: Model,
    clean: bool,
}

impl Stopped {
    /// After a script.
    ///
    /// # Errors
    /// The script fails.
    pub fn after(steps: &[Step], clean: bool) -> Result<Self, String> {
        let mut run = Run::new();
        for step in steps {
            run.step(*step).map_err(|why| format!("{step:?}: {why}"))?;
        }
        if clean {
            run.stop()?;
        }
        let model = run.model.clone();
        Ok(Self { disk: run.disk.crash(Crash::KeepAll), model, clean })
    }

    /// The files of the directory: those of partitions, and its checkpoints.
    ///
    /// # Panics
    /// The directory is there.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = [names::RECOVERY_POINTS, names::LOG_STARTS, names::HIGH_WATERMARKS]
            .iter()
            .map(|name| Path::new(DATA).join(name))
            .filter(|path| self.disk.exists(path))
            .collect();
        for partition in logs::partitions() {
            let dir = Path::new(DATA).join(partition.to_string());
            let entries = self.disk.list(&dir).expect("the directory of a partition");
            files.extend(entries.into_iter().map(|entry| dir.join(entry.name)));
        }
        files
    }

    /// Harms every file in every way, each time from the state as it was stopped.
    ///
    /// # Errors
    /// The first harm that is served, or not made good.
    pub fn harm_all(&self, step: u64) -> Result<Figures, String> {
        let mut figures = Figures { runs: 1, ..Figures::default() };
        for path in self.files() {
            let length = read(&self.disk, &path).map_err(|error| error.to_string())?.len() as u64;
            for harm in Harm::all(length, step) {
                figures.faults += 1;
                let disk = self.disk.crash(Crash::KeepAll);
                harm.inflict(&disk, &path);
                let judged = self.judge(&disk, &path, harm);
                figures.refused += judged
                    .map_err(|why| format!("{harm} of {}, clean: {}: {why}", path.display(), self.clean))?;
            }
        }
        Ok(figures)
    }

    /// How many partitions are refused.
    fn judge(&self, disk: &SimDisk, path: &Path, harm: Harm) -> Result<u64, String> {
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let dir = match LogDir::open(&shared, Path::new(DATA)) {
            Err(_) => return Ok(1),
            Ok(dir) => dir,
        };
        let opened = dir.open_all(1, Millis(1), |_| logs::config()).map_err(|error| error.to_string())?;
        let suffix = path.extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
        let mut refused = 0;
        for one in opened.partitions {
            let part = &self.model[&one.partition];
            let harmed = path.starts_with(dir.partition_path(&one.partition));
            let log = match one.log {
                Ok(log) => log,
                Err(error) if harmed || path.parent() == Some(Path::new(DATA)) => {
                    // What can be made again must be.
                    let derived = [names::INDEX, names::TIME_INDEX, names::TXN_INDEX, names::SNAPSHOT];
                    if derived.contains(&suffix) {
                        return Err(format!("{} is refused: {error}", one.partition));
                    }
                    refused += 1;
                    continue;
                }
                Err(error) => return Err(format!("{} is refused: {error}", one.partition)),
            };
            let kept = match (suffix, harm) {
                (names::LOG, _) => self.kept_records(&log, part, self.is_tail(path, harm)?),
                // It has a checksum.
                (names::SNAPSHOT, _) => logs::verify(&log, part, part).map(|()| false),
                // A bit or an entry less in a file without a checksum says something else, but never another record. Nor
                // is it known that there was an index of aborted transactions.
                (names::TXN_INDEX, _) | (_, Harm::Flip(_) | Harm::Zero(_) | Harm::Cut(1..)) => {
                    logs::verify_records(&log, part, part).map(|()| false)
                }
                _ => logs::verify(&log, part, part).map(|()| false),
            };
            refused += u64::from(kept.map_err(|why| format!("{}: {why}", one.partition))?);
        }
        Ok(refused)
    }

    /// Whether nothing sound stands behind the harm.
    fn is_tail(&self, path: &Path, harm: Harm) -> Result<bool, String> {
        let content = read(&self.disk, path).map_err(|error| error.to_string())?;
        let length = content.len() as u64;
        let last = parse(content.into())?.last().map_or(0, |batch| length - batch.bytes().len() as u64);
        Ok(match harm {
            Harm::Flip(at) => at >= last,
            Harm::Zero(at) => at + 4096 > last,
            Harm::Cut(_) | Harm::Delete => true,
        })
    }

    /// Whether records are refused. They are all there, or an error says that they are not; after a kill the tail that
    /// no recovery point covers may be gone.
    fn kept_records(&self, log: &ottla_log::Log, part: &Part, is_tail: bool) -> Result<bool, String> {
        match logs::verify_records(log, part, part) {
            Ok(()) => Ok(false),
            Err(why) if why.starts_with("reading at") => Ok(true),
            Err(_) if !self.clean && log.log_start() > part.start => {
                let mut rest = part.clone();
                rest.start = log.log_start();
                logs::verify_records(log, &rest, &rest).map(|()| true)
            }
            Err(why) => {
                let end = log.next_offset();
                let unknown = is_tail && !self.clean && end < part.end && end >= log.recovery_point();
                let mut tail = part.clone();
                tail.flushed = tail.flushed.min(end);
                if unknown { logs::verify_records(log, &tail, part).map(|()| true) } else { Err(why) }
            }
        }
    }
}
