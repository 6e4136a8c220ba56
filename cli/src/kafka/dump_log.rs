//! `kafka-dump-log`: what stands in the files of a log, also beside a broker that is stopped.

mod coordinator;
mod decoder;
mod index;
mod json;
mod metadata;
mod records;

use std::path::Path;

use self::decoder::{DECODERS, Decoder};
use super::{
    Stop, Tool,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::say::{remark, say};

pub(super) const TOOL: Tool = Tool::new("kafka-dump-log", OPTIONS, run).complaining(in_main);

const OPTIONS: &[Spec] = &[
    Spec::with(
        "files",
        "String: file1, file2, ...",
        "REQUIRED: the files, separated by commas: .log, .index, .timeindex, .txnindex, .snapshot.",
    ),
    Spec::flag("print-data-log", "Show what the records say; --deep-iteration as well."),
    Spec::flag("deep-iteration", "Show each record, not only the batches."),
    Spec::flag("skip-record-metadata", "Of the records show only what they say."),
    Spec::with("max-bytes", "Integer: size", "Read only so much of each file."),
    Spec::with("max-message-size", "Integer: size", "Taken and not needed: any batch is read."),
    Spec::maybe_with(
        "value-decoder-class",
        "String",
        "What values are: StringDecoder, IntegerDecoder or LongDecoder.",
    ),
    Spec::maybe_with("key-decoder-class", "String", "What keys are."),
    Spec::flag("offsets-decoder", "The records are those of __consumer_offsets."),
    Spec::flag("transaction-log-decoder", "The records are those of __transaction_state."),
    Spec::flag("cluster-metadata-decoder", "The records are those of __cluster_metadata."),
    Spec::flag("remote-log-metadata-decoder", "The records are those of remote storage; not supported yet."),
    Spec::flag("share-group-state-decoder", "The records are those of __share_group_state."),
    Spec::flag("index-sanity-check", "Only say whether an index can be used."),
    Spec::flag("verify-index-only", "Only compare an index with its log."),
    HELP,
    VERSION,
];

/// Nothing catches what this tool throws.
fn in_main(thrown: Thrown) -> Stop {
    Stop::Thrown(thrown).uncaught()
}

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version(
        "This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.",
    )?;
    given.require(&["files"])?;
    let dump = || -> Result<(), Stop> {
        let files = given.value("files")?.unwrap_or_default();
        let what = What::of(given)?;
        let mut late = Vec::new();
        for file in files.split(',') {
            say!("Dumping {file}");
            one(Path::new(file), given, &what, &mut late)?;
        }
        late.iter().for_each(|line| remark(line));
        Ok(())
    };
    dump().map_err(|stop| match stop {
        Stop::Thrown(thrown) => in_main(thrown),
        other => other,
    })
}

/// How much of the records is shown.
struct What {
    deep: bool,
    contents: bool,
    metadata: bool,
    max_bytes: u64,
}

impl What {
    fn of(given: &Given) -> Result<Self, Thrown> {
        let contents = given.has("print-data-log") || DECODERS.iter().any(|decoder| given.has(decoder));
        Ok(Self {
            deep: contents || given.has("deep-iteration"),
            contents,
            metadata: !given.has("skip-record-metadata"),
            max_bytes: given.number::<u32>("max-bytes")?.map_or(u64::MAX, u64::from),
        })
    }
}

/// Dumps a file by its ending. What is wrong with indexes is said at the end of all.
fn one(file: &Path, given: &Given, what: &What, late: &mut Vec<String>) -> Result<(), Stop> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let only = index::Only::of(given);
    match ending {
        ".log" => {
            let decoder = Decoder::of(given)?;
            let base = base_offset(&name)?;
            say!("Log starting offset: {base}");
            records::dump(file, what, &decoder, late)
        }
        ".checkpoint" => {
            let decoder = Decoder::of(given)?;
            say!("{}", snapshot(&name)?);
            records::dump(file, what, &decoder, late)
        }
        ".index" => index::offsets(file, base_offset(&name)?, only, late),
        ".timeindex" => index::times(file, base_offset(&name)?, only, late),
        ".txnindex" => index::aborted(file),
        ".snapshot" => index::producers(file),
        _ => {
            remark(&format!("Ignoring unknown file {}", file.display()));
            Ok(())
        }
    }
}

/// What a snapshot of the quorum's log is of; the one a cluster begins with has a name of its own.
fn snapshot(name: &str) -> Result<String, Thrown> {
    if name == "bootstrap.checkpoint" {
        return Ok("KRaft bootstrap snapshot".to_owned());
    }
    let (offset, epoch) = name.split('.').next().and_then(|id| id.split_once('-')).unwrap_or_default();
    let (offset, epoch) = (offset.parse::<i64>(), epoch.parse::<i32>());
    let (Ok(offset), Ok(epoch)) = (offset, epoch) else {
        return Err(Thrown::new("java.util.NoSuchElementException", "No value present"));
    };
    Ok(format!("Snapshot end offset: {offset}, epoch: {epoch}"))
}

/// The offset a file is named for.
fn base_offset(name: &str) -> Result<i64, Thrown> {
    let digits = name.split('.').next().unwrap_or_default();
    let class = "java.lang.NumberFormatException";
    digits.parse().map_err(|_| Thrown::new(class, format!("For input string: \"{digits}\"")))
}

/// What Java says when a file cannot be read.
fn unreadable(file: &Path, error: std::io::Error) -> Thrown {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Thrown::new("java.nio.file.NoSuchFileException", file.display().to_string())
        }
        _ => error.into(),
    }
}
