//! `ottla log dump|verify`: the files of a log, without a broker.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Subcommand;
use ottla_disk::{Disk, RealDisk};
use ottla_log::PeekedLog;
use ottla_records::Limits;
use serde_json::json;

use super::{Failure, say::say};
use crate::{
    log_file::LogFile,
    output::{Listing, Output},
    progress::Progress,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// The batches of .log files
    Dump {
        /// The file, or the directory of a partition for all its files
        file: PathBuf,
        /// Each record instead, with its key and value
        #[arg(short, long)]
        records: bool,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Read every batch of partitions and compare the checksums; a whole data directory at a time if wanted
    Verify {
        /// Directories of partitions, or data directories with such in them
        #[arg(required = true)]
        directories: Vec<PathBuf>,
        /// A list of the partitions, instead of sentences
        #[arg(short, long, value_enum)]
        output: Option<Output>,
    },
}

impl Log {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Dump { file, records, output } => dump(&file, records, output),
            Self::Verify { directories, output } => verify(&directories, output),
        }
    }
}

/// What of log files is shown.
const BATCHES: &[&str] =
    &["offset", "last_offset", "records", "position", "bytes", "codec", "timestamp", "valid"];
const RECORDS: &[&str] = &["offset", "timestamp", "key", "value"];

fn dump(path: &Path, records: bool, output: Output) -> Result<(), Failure> {
    let mut listing = Listing::new(if records { RECORDS } else { BATCHES });
    let mut rests = Vec::new();
    for file in files(path)? {
        match read(&file, records, &mut listing)? {
            0 => {}
            rest => rests.push(format!("{}: {rest} bytes at the end are no whole batch", file.display())),
        }
    }
    listing.print(output);
    if rests.is_empty() { Ok(()) } else { Err(rests.join("; ").into()) }
}

/// A file, or those of a partition in the order of their offsets.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        files.extend(Some(entry?.path()).filter(|file| file.extension().is_some_and(|end| end == "log")));
    }
    files.sort();
    if files.is_empty() {
        Err(format!("{}: no .log file is there", path.display()).into())
    } else {
        Ok(files)
    }
}

/// Adds what is in a file. Says how many bytes at its end are no whole batch.
fn read(path: &Path, records: bool, listing: &mut Listing) -> Result<u64, Failure> {
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = LogFile::open(path).map_err(named)?;
    let text = |bytes: Option<&[u8]>| json!(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()));
    while let Some(stored) = file.next().map_err(named)? {
        let header = stored.batch.header();
        if !records {
            let codec = format!("{:?}", header.codec()?).to_lowercase();
            let (offset, last, count) = (header.base_offset, header.last_offset(), header.record_count);
            let (position, size, time) = (stored.position, header.size_in_bytes(), header.max_timestamp);
            let valid = json!(stored.batch.verify().is_ok());
            let row = [json!(offset), json!(last), json!(count), json!(position), json!(size)];
            let [offset, last, count, position, size] = row;
            listing.row([offset, last, count, position, size, json!(codec), json!(time), valid]);
            continue;
        }
        for record in stored.batch.records(&Limits::default())?.iter() {
            let record = record?;
            let (key, value) = (text(record.key), text(record.value));
            listing.row([json!(record.offset), json!(record.timestamp), key, value]);
        }
    }
    Ok(file.rest())
}

fn verify(directories: &[PathBuf], output: Option<Output>) -> Result<(), Failure> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let partitions = partitions(directories)?;
    let is_quiet = output.is_some() || !std::io::stdout().is_terminal();
    let mut progress = Progress::new("verified", "logs", Some(partitions.len() as u64), is_quiet);
    let mut listing = Listing::new(&["log", "start", "end", "bytes", "sound", "damage"]);
    let mut wrong = 0;
    for partition in partitions {
        let log = PeekedLog::of(&disk, &partition)?;
        let (start, end) = log.bounds();
        let name = partition.display().to_string();
        let damage = log.damage().map(|damage| {
            let (file, position) = (damage.path.display(), damage.position);
            let what = if damage.inside { "damaged inside" } else { "ends in a torn batch" };
            format!("{what}: {file} at byte {position}: {}", damage.why)
        });
        wrong += usize::from(damage.is_some());
        match (&damage, output) {
            (None, None) => say!("{name}: offsets {start} to {end}, {} bytes, sound", log.size()),
            (Some(damage), None) => say!("{name}: offsets {start} to {end}, then {damage}"),
            (damage, Some(_)) => {
                let (is_sound, size) = (json!(damage.is_none()), json!(log.size()));
                listing.row([json!(name), json!(start), json!(end), size, is_sound, json!(damage)]);
            }
        }
        progress.add(1, log.size());
    }
    progress.end();
    if let Some(output) = output {
        listing.print(output);
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} logs are not sound").into()) }
}

/// The directories that are partitions themselves, and the partitions in the others, by name.
fn partitions(directories: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let is_partition = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_dir() && name.rsplit_once('-').is_some_and(|(_, index)| index.parse::<u32>().is_ok())
    };
    let mut found = Vec::new();
    for directory in directories {
        if is_partition(directory) {
            found.push(directory.clone());
            continue;
        }
        if directory.is_file() {
            let name = directory.display();
            return Err(format!("{name} is no directory: `ottla log dump {name}` reads single files").into());
        }
        let named = |error: std::io::Error| format!("{}: {error}", directory.display());
        for entry in std::fs::read_dir(directory).map_err(named)? {
            found.extend(Some(entry?.path()).filter(|path| is_partition(path)));
        }
    }
    found.sort();
    if found.is_empty() {
        Err("there is no directory of a partition (NAME-NUMBER)".into())
    } else {
        Ok(found)
    }
}
