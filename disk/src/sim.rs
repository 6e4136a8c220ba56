//! A disk in memory that can lose what was not synced, fill up, fail, and remember how it came to be.
//!
//! `tree.rs` is the file system: inodes, each with what is in memory, what is on the disk, and the changes between.
//! `crash.rs` says what of those a crash leaves, `faults.rs` what fails, `replay.rs` plays a run again change by change.

mod crash;
mod faults;
mod random;
mod replay;
mod tree;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

pub use crash::Crash;
pub use faults::{Fault, Trouble};
pub use replay::Replay;

use crate::{Disk, Entry, File, Space, whole};
use faults::Faults;
use random::Random;
use tree::{Change, FileChange, Id, Tree, missing};

#[derive(Debug, Default)]
struct State {
    tree: Tree,
    locks: BTreeMap<PathBuf, Weak<SimFile>>,
    faults: Faults,
    /// How often the machine went down.
    lives: u64,
    /// What there was when recording began, and every change since.
    journal: Option<(Tree, Vec<Change>)>,
}

/// A disk in memory. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct SimFile {
    id: Id,
    state: Arc<Mutex<State>>,
}

impl SimDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the start after a crash finds.
    fn after(tree: &Tree, how: Crash, lives: u64) -> Self {
        let lives = lives + u64::from(how != Crash::KeepAll);
        let tree = crash::survivors(tree, how);
        Self { state: Arc::new(Mutex::new(State { tree, lives, ..State::default() })) }
    }

    /// Makes coming operations fail.
    pub fn inject(&self, fault: Fault) {
        self.state.lock().faults.inject(fault);
    }

    /// Takes all faults back: space has returned, the disk is well.
    pub fn heal(&self) {
        self.state.lock().faults.heal();
    }

    /// How many operations so far could have met this trouble.
    #[must_use]
    pub fn occasions(&self, trouble: Trouble) -> u64 {
        self.state.lock().faults.occasions(trouble)
    }

    /// From now on the operating system reads and writes less than asked and is interrupted now and then, as it may.
    pub fn be_rough(&self, seed: u64) {
        self.state.lock().faults.rough = Some(Random::new(seed));
    }

    /// The disk as the next start finds it. This one is not changed.
    #[must_use]
    pub fn crash(&self, how: Crash) -> Self {
        let state = self.state.lock();
        Self::after(&state.tree, how, state.lives)
    }

    /// From now on every change is written down.
    pub fn record(&self) {
        let mut state = self.state.lock();
        state.journal = Some((state.tree.clone(), Vec::new()));
    }

    /// Changes written down so far.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.state.lock().journal.as_ref().map_or(0, |(_, changes)| changes.len())
    }

    /// What was written down, to be played again.
    #[must_use]
    pub fn replay(&self) -> Replay {
        let state = self.state.lock();
        let (tree, changes) = state.journal.clone().unwrap_or_else(|| (state.tree.clone(), Vec::new()));
        Replay::new(tree, changes, state.lives)
    }
}

impl State {
    fn change(&mut self, change: Change) {
        self.tree.apply(&change);
        if let Some((_, changes)) = &mut self.journal {
            changes.push(change);
        }
    }

    fn change_file(&mut self, id: Id, change: FileChange) {
        self.change(Change::File { id, change });
    }

    /// One call of the operating system: it may write less than asked.
    fn write_some(&mut self, id: Id, bytes: &[u8], at: u64) -> io::Result<usize> {
        let mut length = bytes.len();
        if let Some(random) = &mut self.faults.rough {
            if random.below(4) == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            length = 1 + random.below(length as u64) as usize;
        }
        if let Err(error) = self.faults.meet(&[Trouble::Write, Trouble::Space]) {
            // Half of it is there when the error comes.
            let part = bytes[..length / 2].to_vec();
            self.change_file(id, FileChange::Write { at, bytes: part });
            return Err(error);
        }
        let room = self.faults.take_room(length as u64) as usize;
        if room == 0 && length > 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.change_file(id, FileChange::Write { at, bytes: bytes[..room].to_vec() });
        Ok(room)
    }

    fn read_some(&mut self, id: Id, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.faults.meet(&[Trouble::Read])?;
        let now = &self.tree.file(id).ok_or(io::ErrorKind::NotFound)?.now;
        let from = now.len().min(at as usize);
        let mut length = buffer.len().min(now.len() - from);
        if let Some(random) = &mut self.faults.rough
            && length > 0
        {
            if random.below(4) == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            length = 1 + random.below(length as u64) as usize;
        }
        buffer[..length].copy_from_slice(&now[from..from + length]);
        Ok(length)
    }

    fn open(&mut self, path: &Path) -> io::Result<Id> {
        let id = self.tree.find(path)?;
        self.tree.file(id).map(|_| id).ok_or_else(|| missing(path))
    }

    fn create(&mut self, path: &Path) -> io::Result<Id> {
        if let Ok(id) = self.tree.find(path) {
            return self.tree.file(id).map(|_| id).ok_or_else(|| io::ErrorKind::IsADirectory.into());
        }
        let (dir, name) = self.tree.place(path)?;
        self.faults.meet(&[Trouble::Write, Trouble::Space])?;
        self.change(Change::Make { dir, name, is_dir: false });
        self.tree.find(path)
    }

    fn remove_tree(&mut self, path: &Path) -> io::Result<()> {
        let id = self.tree.find(path)?;
        let names = self.tree.dir(id).map(|dir| dir.now.keys().cloned().collect::<Vec<_>>());
        names.into_iter().flatten().try_for_each(|name| self.remove_tree(&path.join(name)))?;
        self.unlink(path)
    }

    fn unlink(&mut self, path: &Path) -> io::Result<()> {
        self.tree.find(path)?;
        let (dir, name) = self.tree.place(path)?;
        self.faults.meet(&[Trouble::Write])?;
        self.change(Change::Unlink { dir, name });
        Ok(())
    }
}

impl File for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.state.lock();
        whole::read(buffer, offset, |buffer, at| state.read_some(self.id, buffer, at))
    }

    fn write_at(&self, parts: &[&[u8]], offset: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        whole::write(parts, offset, |slices, at| {
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            state.write_some(self.id, &bytes, at)
        })
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.state.lock();
        Ok(state.tree.file(self.id).ok_or(io::ErrorKind::NotFound)?.now.len() as u64)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut state = self.state.lock();
        state.faults.meet(&[Trouble::Write])?;
        state.change_file(self.id, FileChange::Length(length));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        if let Err(error) = state.faults.meet(&[Trouble::Sync]) {
            state.change(Change::SyncFailed { id: self.id });
            return Err(error);
        }
        state.change(Change::Sync { id: self.id });
        Ok(())
    }
}

impl SimDisk {
    fn handle(&self, id: Id) -> Arc<SimFile> {
        Arc::new(SimFile { id, state: Arc::clone(&self.state) })
    }
}

impl Disk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        state.faults.meet(&[Trouble::Descriptor])?;
        Ok(self.handle(state.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        state.faults.meet(&[Trouble::Descriptor])?;
        Ok(self.handle(state.create(path)?))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let mut above: Vec<&Path> = path.ancestors().collect();
        above.reverse();
        for at in above {
            if at.file_name().is_some() && state.tree.find(at).is_err() {
                let (dir, name) = state.tree.place(at)?;
                state.faults.meet(&[Trouble::Write, Trouble::Space])?;
                state.change(Change::Make { dir, name, is_dir: true });
            }
        }
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut state = self.state.lock();
        state.faults.meet(&[Trouble::Descriptor])?;
        let id = state.tree.find(path)?;
        let dir = state.tree.dir(id).ok_or_else(|| missing(path))?;
        let entry =
            |(name, id): (&String, &Id)| Entry { name: name.clone(), is_dir: state.tree.dir(*id).is_some() };
        Ok(dir.now.iter().map(entry).collect())
    }

    fn exists(&self, path: &Path) -> bool {
        self.state.lock().tree.find(path).is_ok()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.tree.find(from)?;
        let ((from_dir, from), (to_dir, to)) = (state.tree.place(from)?, state.tree.place(to)?);
        state.faults.meet(&[Trouble::Write])?;
        state.change(Change::Rename { from_dir, from, to_dir, to });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.open(path)?;
        state.unlink(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        state.faults.meet(&[Trouble::Descriptor])?;
        state.remove_tree(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state.lock();
        let id = state.tree.find(path)?;
        state.faults.meet(&[Trouble::Descriptor, Trouble::Sync])?;
        state.change(Change::SyncDir { id });
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Arc<dyn File>> {
        let mut state = self.state.lock();
        if state.locks.get(path).is_some_and(|holder| holder.strong_count() > 0) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.faults.meet(&[Trouble::Descriptor])?;
        let file = self.handle(state.create(path)?);
        state.locks.insert(path.to_owned(), Arc::downgrade(&file));
        Ok(file)
    }

    fn life(&self) -> Option<String> {
        Some(format!("life {}", self.state.lock().lives))
    }

    fn space(&self, _path: &Path) -> io::Result<Space> {
        let state = self.state.lock();
        let files = state.tree.nodes.keys().filter_map(|id| state.tree.file(*id));
        let used: u64 = files.map(|file| file.now.len() as u64).sum();
        let usable = state.faults.room.unwrap_or(1 << 40);
        Ok(Space { total: used + usable, usable })
    }
}
