//! What a crash leaves of cleaned segments: ended, or undone.
//!
//! Files that end in `.cleaned` are half written, and as long as one is there none of its segment's `.swap` files counts.
//! A record file that ends in `.swap` is whole, with its indexes: the segments it was made from go, as far as they are
//! still there, and it takes their place. Indexes that end in `.swap` beside a record file that does not were only not
//! renamed yet. The same in Apache Kafka, which can end what was begun here and the other way round. Each step is durable
//! before the next, so that a crash here leaves one of these again.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, Entry};

use crate::{names, segment::HeaderScan};

/// A file of a segment with an ending.
struct Found {
    base: i64,
    /// Without the ending.
    path: PathBuf,
    is_records: bool,
}

/// Ends what an interrupted swap began, or takes it back.
pub(super) fn finish(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    let entries = disk.list(dir)?;
    let half = with_ending(&entries, dir, names::BEING_CLEANED);
    let mut whole = with_ending(&entries, dir, names::SWAP);
    if let Some(first) = half.iter().map(|found| found.base).min() {
        // As in Kafka: what follows cannot be whole either.
        let void: Vec<Found> = whole.extract_if(.., |found| found.base >= first).collect();
        remove(disk, dir, &void, names::SWAP)?;
        remove(disk, dir, &half, names::BEING_CLEANED)?;
    }
    let records: Vec<&Found> = whole.iter().filter(|found| found.is_records).collect();
    for new in &records {
        remove_replaced(disk, dir, new)?;
    }
    for new in &records {
        rename(disk, &new.path, names::SWAP, "")?;
    }
    if !records.is_empty() {
        disk.sync_dir(dir)?;
    }
    for other in whole.iter().filter(|found| !found.is_records) {
        rename(disk, &other.path, names::SWAP, "")?;
    }
    if whole.is_empty() { Ok(()) } else { disk.sync_dir(dir) }
}

/// Gives the file of `path` another ending, if it has that one.
pub(super) fn rename(disk: &dyn Disk, path: &Path, from: &str, to: &str) -> io::Result<()> {
    let old = names::ending(path, from);
    if disk.exists(&old) { disk.rename(&old, &names::ending(path, to)) } else { Ok(()) }
}

fn with_ending(entries: &[Entry], dir: &Path, end: &str) -> Vec<Found> {
    let files = entries.iter().filter(|entry| !entry.is_dir);
    let found = files.filter_map(|entry| {
        let name = entry.name.strip_suffix(end)?;
        let (base, suffix) = names::parse(name)?;
        Some(Found { base, path: dir.join(name), is_records: suffix == names::LOG })
    });
    found.collect()
}

fn remove(disk: &dyn Disk, dir: &Path, found: &[Found], end: &str) -> io::Result<()> {
    for one in found {
        disk.remove_file(&names::ending(&one.path, end))?;
    }
    if found.is_empty() { Ok(()) } else { disk.sync_dir(dir) }
}

/// Removes the segments a cleaned one was made from. It reaches as far as they did: its last batch is theirs.
fn remove_replaced(disk: &dyn Disk, dir: &Path, new: &Found) -> io::Result<()> {
    let file = disk.open(&names::ending(&new.path, names::SWAP))?;
    let length = file.len()?;
    let mut end = new.base + 1;
    for header in HeaderScan::new(Arc::clone(&file), 0, length) {
        end = end.max(header?.1.next_offset());
    }
    for entry in disk.list(dir)? {
        let of_segment = [names::LOG, names::INDEX, names::TIME_INDEX, names::TXN_INDEX];
        if let Some((base, suffix)) = names::parse(&entry.name)
            && of_segment.contains(&suffix)
            && (new.base..end).contains(&base)
        {
            disk.remove_file(&dir.join(&entry.name))?;
        }
    }
    disk.sync_dir(dir)
}
