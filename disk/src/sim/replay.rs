use super::{
    SimDisk,
    crash::Crash,
    tree::{Change, FileChange, Tree},
};

/// A recorded run that is played again, one change at a time.
#[derive(Debug)]
pub struct Replay {
    tree: Tree,
    changes: Vec<Change>,
    at: usize,
    lives: u64,
}

impl Replay {
    pub(super) fn new(tree: Tree, changes: Vec<Change>, lives: u64) -> Self {
        Self { tree, changes, at: 0, lives }
    }

    /// How many changes have been played.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing was recorded.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Plays the next change; false when there is none.
    pub fn step(&mut self) -> bool {
        let Some(change) = self.changes.get(self.at) else { return false };
        self.tree.apply(change);
        self.at += 1;
        true
    }

    /// The disk a start finds after a crash at this moment.
    #[must_use]
    pub fn crash(&self, how: Crash) -> SimDisk {
        SimDisk::after(&self.tree, how, self.lives)
    }

    /// The last `count` changes played, for somebody who has to find out what went wrong.
    #[must_use]
    pub fn describe(&self, count: usize) -> Vec<String> {
        let from = self.at.saturating_sub(count);
        self.changes[from..self.at].iter().enumerate().map(|(i, c)| self.line(from + i + 1, c)).collect()
    }

    fn line(&self, at: usize, change: &Change) -> String {
        let path = |id: &u64| self.tree.path_of(*id);
        let what = match change {
            Change::Make { dir, name, is_dir: true } => format!("mkdir {}/{name}", path(dir)),
            Change::Make { dir, name, .. } => format!("create {}/{name}", path(dir)),
            Change::File { id, change: FileChange::Write { at, bytes } } => {
                format!("write {} {at}+{}", path(id), bytes.len())
            }
            Change::File { id, change: FileChange::Length(length) } => {
                format!("set_len {} {length}", path(id))
            }
            Change::Sync { id } => format!("sync {}", path(id)),
            Change::SyncFailed { id } => format!("sync failed {}", path(id)),
            Change::SyncDir { id } => format!("sync_dir {}", path(id)),
            Change::Rename { from_dir, from, to_dir, to } => {
                format!("rename {}/{from} to {}/{to}", path(from_dir), path(to_dir))
            }
            Change::Unlink { dir, name } => format!("unlink {}/{name}", path(dir)),
        };
        format!("{at}: {what}")
    }
}
