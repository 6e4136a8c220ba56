//! Index files against the records they speak of, read by nobody's code but this.

use std::{collections::BTreeMap, path::Path};

use ottla_disk::{Disk, SimDisk, read};
use ottla_log::names;

use crate::batches::{parse, records};

/// Last offset of each batch by position, and the largest timestamp up to each record's offset.
struct Truth {
    batches: BTreeMap<u32, i64>,
    times: BTreeMap<i64, i64>,
    newest: i64,
}

/// Checks the indexes of every finished segment in `dir`.
///
/// # Errors
/// Says which entry is wrong, or that an index is missing.
pub fn check(disk: &SimDisk, dir: &Path) -> Result<(), String> {
    let entries = disk.list(dir).map_err(|error| error.to_string())?;
    let mut bases: Vec<i64> = entries
        .iter()
        .filter_map(|entry| names::parse(&entry.name))
        .filter(|(_, suffix)| *suffix == names::LOG)
        .map(|(base, _)| base)
        .collect();
    bases.sort_unstable();
    bases.pop();
    bases.into_iter().try_for_each(|base| segment(disk, dir, base))
}

fn segment(disk: &SimDisk, dir: &Path, base: i64) -> Result<(), String> {
    let file = |suffix: &str| {
        let path = names::file(dir, base, suffix);
        read(disk, &path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let truth = truth(file(names::LOG)?)?;
    let at = |bytes: &[u8]| i64::from(u32::from_be_bytes(bytes.try_into().unwrap_or_default()));
    let index = file(names::INDEX)?;
    let mut last = -1;
    for entry in index.chunks(8) {
        let (relative, position) = (at(&entry[..4]), at(&entry[4..]) as u32);
        if truth.batches.get(&position) != Some(&(base + relative)) || relative <= last {
            return Err(format!("{base}.index says {relative} is at {position}"));
        }
        last = relative;
    }
    let times = file(names::TIME_INDEX)?;
    let mut newest = i64::MIN;
    for entry in times.chunks(12) {
        let timestamp = i64::from_be_bytes(entry[..8].try_into().map_err(|_| "a piece of an entry")?);
        let offset = base + at(&entry[8..]);
        if truth.times.get(&offset) != Some(&timestamp) || timestamp <= newest {
            return Err(format!("{base}.timeindex says {timestamp} is at {offset}"));
        }
        newest = timestamp;
    }
    if newest != truth.newest {
        return Err(format!("{base}.timeindex ends at {newest}, the segment at {}", truth.newest));
    }
    Ok(())
}

fn truth(content: Vec<u8>) -> Result<Truth, String> {
    let mut truth = Truth { batches: BTreeMap::new(), times: BTreeMap::new(), newest: i64::MIN };
    let mut position = 0;
    for batch in parse(content.into())? {
        truth.batches.insert(position, batch.header().last_offset());
        position += batch.bytes().len() as u32;
        for record in records(&batch)? {
            truth.newest = truth.newest.max(record.timestamp);
            truth.times.insert(record.offset, truth.newest);
        }
    }
    Ok(truth)
}
