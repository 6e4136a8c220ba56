//! A disk in memory that can lose what was not synced, fill up, and fail.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

use crate::{Disk, Entry, File, Space};

/// What a crash leaves of the writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// None of them.
    LoseAll,
    /// All of them, as a killed process does.
    KeepAll,
    /// Each write with probability one half, and of the last one kept only a part; the same seed gives the same disk.
    Random(u64),
}

/// What the next operations of a kind answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Writes fail with "no space left" once this many more bytes have been written.
    FullAfter(u64),
    /// The next sync fails.
    FailSync,
    /// The next write fails.
    FailWrite,
}

#[derive(Debug, Clone)]
enum Unsynced {
    Write { at: u64, bytes: Vec<u8> },
    Length(u64),
}

#[derive(Debug, Default, Clone)]
struct Content {
    now: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<Unsynced>,
}

impl Content {
    fn apply(target: &mut Vec<u8>, change: &Unsynced) {
        match change {
            Unsynced::Write { at, bytes } => {
                let at = *at as usize;
                if target.len() < at + bytes.len() {
                    target.resize(at + bytes.len(), 0);
                }
                target[at..at + bytes.len()].copy_from_slice(bytes);
            }
            Unsynced::Length(length) => target.resize(*length as usize, 0),
        }
    }
}

type Shared = Arc<Mutex<Content>>;

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Shared>,
    /// The names a crash leaves: those at the last sync of their directory.
    durable_names: BTreeMap<PathBuf, Shared>,
    dirs: BTreeSet<PathBuf>,
    locks: BTreeMap<PathBuf, Weak<SimFile>>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct Faults {
    room: Option<u64>,
    fail_sync: bool,
    fail_write: bool,
}

/// A disk in memory.
#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct SimFile {
    content: Shared,
    state: Arc<Mutex<State>>,
}

impl SimDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes coming operations fail.
    pub fn inject(&self, fault: Fault) {
        let faults = &mut self.state.lock().faults;
        match fault {
            Fault::FullAfter(bytes) => faults.room = Some(bytes),
            Fault::FailSync => faults.fail_sync = true,
            Fault::FailWrite => faults.fail_write = true,
        }
    }

    /// Takes all faults back: space has returned.
    pub fn heal(&self) {
        self.state.lock().faults = Faults::default();
    }

    /// The disk as the next start finds it. This one is not changed.
    #[must_use]
    pub fn crash(&self, how: Crash) -> Self {
        let state = self.state.lock();
        let mut random = match how {
            Crash::Random(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            _ => 1,
        };
        let names = if how == Crash::KeepAll { &state.files } else { &state.durable_names };
        let files = names
            .iter()
            .map(|(path, content)| {
                let survived = survivor(&content.lock(), how, &mut random);
                (path.clone(), Arc::new(Mutex::new(survived)))
            })
            .collect::<BTreeMap<_, _>>();
        let after =
            State { durable_names: files.clone(), files, dirs: state.dirs.clone(), ..State::default() };
        Self { state: Arc::new(Mutex::new(after)) }
    }
}

fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

fn survivor(content: &Content, how: Crash, random: &mut u64) -> Content {
    let mut bytes = content.synced.clone();
    match how {
        Crash::LoseAll => {}
        Crash::KeepAll => bytes.clone_from(&content.now),
        Crash::Random(_) => {
            for change in &content.unsynced {
                if next(random).is_multiple_of(2) {
                    continue;
                }
                match change {
                    Unsynced::Write { at, bytes: written } if next(random).is_multiple_of(4) => {
                        let torn = next(random) as usize % (written.len() + 1);
                        let part = Unsynced::Write { at: *at, bytes: written[..torn].to_vec() };
                        Content::apply(&mut bytes, &part);
                    }
                    whole => Content::apply(&mut bytes, whole),
                }
            }
        }
    }
    Content { now: bytes.clone(), synced: bytes, unsynced: Vec::new() }
}

impl File for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.content.lock();
        let from = content.now.len().min(offset as usize);
        let length = buffer.len().min(content.now.len() - from);
        buffer[..length].copy_from_slice(&content.now[from..from + length]);
        Ok(length)
    }

    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()> {
        let mut bytes = parts.concat();
        let refused = self.state.lock().faults.take_write(&mut bytes);
        let mut content = self.content.lock();
        let change = Unsynced::Write { at: offset, bytes };
        Content::apply(&mut content.now, &change);
        content.unsynced.push(change);
        refused.map_or(Ok(()), Err)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.content.lock().now.len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut content = self.content.lock();
        let change = Unsynced::Length(length);
        Content::apply(&mut content.now, &change);
        content.unsynced.push(change);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        if std::mem::take(&mut self.state.lock().faults.fail_sync) {
            return Err(io::Error::other("injected: sync failed"));
        }
        let mut content = self.content.lock();
        content.synced = content.now.clone();
        content.unsynced.clear();
        Ok(())
    }
}

impl Faults {
    /// Cuts `bytes` to what is still written and says what is answered.
    fn take_write(&mut self, bytes: &mut Vec<u8>) -> Option<io::Error> {
        if std::mem::take(&mut self.fail_write) {
            bytes.clear();
            return Some(io::Error::other("injected: write failed"));
        }
        let room = self.room.as_mut()?;
        let wanted = bytes.len() as u64;
        if wanted <= *room {
            *room -= wanted;
            return None;
        }
        bytes.truncate(*room as usize);
        *room = 0;
        Some(io::Error::from(io::ErrorKind::StorageFull))
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} does not exist", path.display()))
}

impl SimDisk {
    fn handle(&self, content: &Shared) -> Arc<SimFile> {
        Arc::new(SimFile { content: Arc::clone(content), state: Arc::clone(&self.state) })
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let content = self.state.lock().files.get(path).cloned();
        Ok(self.handle(&content.ok_or_else(|| missing(path))?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let content = self.state.lock().files.entry(path.to_owned()).or_default().clone();
        Ok(self.handle(&content))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.state.lock().dirs.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let state = self.state.lock();
        if !state.dirs.contains(path) {
            return Err(missing(path));
        }
        let name = |child: &Path| -> Option<String> {
            (child.parent() == Some(path)).then(|| child.file_name()?.to_str().map(str::to_owned))?
        };
        let files = state.files.keys().filter_map(|p| Some(Entry { name: name(p)?, is_dir: false }));
        let dirs = state.dirs.iter().filter_map(|p| Some(Entry { name: name(p)?, is_dir: true }));
        Ok(files.chain(dirs).collect())
    }

    fn exists(&self, path: &Path) -> bool {
        let state = self.state.lock();
        state.files.contains_key(path) || state.dirs.contains(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let moved: Vec<PathBuf> =
            state.files.keys().chain(&state.dirs).filter(|path| path.starts_with(from)).cloned().collect();
        if moved.is_empty() {
            return Err(missing(from));
        }
        for old in moved {
            let rest = old.strip_prefix(from).unwrap_or(&old);
            let new = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
            if let Some(content) = state.files.remove(&old) {
                state.files.insert(new.clone(), content);
            }
            if state.dirs.remove(&old) {
                // A directory's rename takes its durable names along: they are found through the directory.
                state.dirs.insert(new.clone());
            }
            if old != from
                && let Some(content) = state.durable_names.remove(&old)
            {
                state.durable_names.insert(new, content);
            }
        }
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.state.lock().files.remove(path).map(|_| ()).ok_or_else(|| missing(path))
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.files.retain(|file, _| !file.starts_with(path));
        state.durable_names.retain(|file, _| !file.starts_with(path));
        state.dirs.retain(|dir| !dir.starts_with(path));
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let State { files, durable_names, .. } = &mut *state;
        durable_names.retain(|file, _| file.parent() != Some(path));
        let here = files.iter().filter(|(file, _)| file.parent() == Some(path));
        durable_names.extend(here.map(|(file, content)| (file.clone(), Arc::clone(content))));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let content = self.state.lock().files.entry(path.to_owned()).or_default().clone();
        let file = self.handle(&content);
        let mut state = self.state.lock();
        if state.locks.get(path).is_some_and(|holder| holder.strong_count() > 0) {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        state.locks.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }

    fn space(&self, _path: &Path) -> io::Result<Space> {
        let state = self.state.lock();
        let used: u64 = state.files.values().map(|content| content.lock().now.len() as u64).sum();
        let usable = state.faults.room.unwrap_or(1 << 40);
        Ok(Space { total: used + usable, usable })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_keeps_what_was_synced_and_named() {
        let disk = SimDisk::new();
        let dir = Path::new("/d");
        disk.create_dir_all(dir).unwrap();
        let file = disk.create(Path::new("/d/a")).unwrap();
        file.write_at(&[b"one"], 0).unwrap();
        file.sync().unwrap();
        assert!(!disk.crash(Crash::LoseAll).exists(Path::new("/d/a")), "the name was not synced");
        disk.sync_dir(dir).unwrap();
        file.write_at(&[b"two"], 3).unwrap();
        let lost = disk.crash(Crash::LoseAll);
        assert_eq!(crate::read(&lost, Path::new("/d/a")).unwrap(), b"one");
        let kept = disk.crash(Crash::KeepAll);
        assert_eq!(crate::read(&kept, Path::new("/d/a")).unwrap(), b"onetwo");
    }

    #[test]
    fn a_full_disk_writes_what_fits_and_says_so() {
        let disk = SimDisk::new();
        let file = disk.create(Path::new("/a")).unwrap();
        disk.inject(Fault::FullAfter(2));
        let error = file.write_at(&[b"abc"], 0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(file.len().unwrap(), 2);
        disk.heal();
        file.write_at(&[b"abc"], 0).unwrap();
    }
}
