//! Files and directories as inodes, each with what is on the disk and what is only in memory.

use std::{
    collections::BTreeMap,
    io,
    path::{Component, Path},
};

/// Number of a file or directory; open handles know their file by it, whatever it is called meanwhile.
pub(super) type Id = u64;
/// The directory everything stands in.
pub(super) const ROOT: Id = 0;

/// A change of one file that no sync has covered.
#[derive(Debug, Clone)]
pub(super) enum FileChange {
    Write { at: u64, bytes: Vec<u8> },
    Length(u64),
}

impl FileChange {
    pub(super) fn apply(&self, target: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let at = *at as usize;
                if target.len() < at + bytes.len() {
                    target.resize(at + bytes.len(), 0);
                }
                target[at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Length(length) => target.resize(*length as usize, 0),
        }
    }

    /// Bytes the file has at least once the change is there.
    pub(super) fn reaches(&self) -> u64 {
        match self {
            Self::Write { at, bytes } => at + bytes.len() as u64,
            Self::Length(length) => *length,
        }
    }
}

/// A change of one directory that no sync has covered. A rename within a directory is one change: both names or none.
#[derive(Debug, Clone)]
pub(super) enum DirChange {
    Link { name: String, id: Id },
    Unlink { name: String },
    Rename { from: String, to: String, id: Id },
}

impl DirChange {
    pub(super) fn apply(&self, names: &mut BTreeMap<String, Id>) {
        match self {
            Self::Link { name, id } => {
                names.insert(name.clone(), *id);
            }
            Self::Unlink { name } => {
                names.remove(name);
            }
            Self::Rename { from, to, id } => {
                names.remove(from);
                names.insert(to.clone(), *id);
            }
        }
    }
}

/// What is in memory, what is on the disk, and what lies between, in the order of its making over the whole disk.
#[derive(Debug, Clone)]
pub(super) struct Layered<T, C> {
    pub(super) now: T,
    pub(super) durable: T,
    pub(super) pending: Vec<(u64, C)>,
}

impl<T: Default, C> Default for Layered<T, C> {
    fn default() -> Self {
        Self { now: T::default(), durable: T::default(), pending: Vec::new() }
    }
}

pub(super) type FileContent = Layered<Vec<u8>, FileChange>;
pub(super) type DirContent = Layered<BTreeMap<String, Id>, DirChange>;

#[derive(Debug, Clone)]
pub(super) enum Node {
    File(FileContent),
    Dir(DirContent),
}

/// One change of the disk, as it is journaled.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// A file, or a directory, comes to be.
    Make {
        dir: Id,
        name: String,
        is_dir: bool,
    },
    File {
        id: Id,
        change: FileChange,
    },
    Sync {
        id: Id,
    },
    /// A sync that failed: the pages are clean now, and what they held may never reach the disk.
    SyncFailed {
        id: Id,
    },
    SyncDir {
        id: Id,
    },
    Rename {
        from_dir: Id,
        from: String,
        to_dir: Id,
        to: String,
    },
    Unlink {
        dir: Id,
        name: String,
    },
}

/// The whole file system.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) nodes: BTreeMap<Id, Node>,
    next: Id,
    changes: u64,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new([(ROOT, Node::Dir(DirContent::default()))].into())
    }
}

pub(super) fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{} does not exist", path.display()))
}

impl Tree {
    pub(super) fn new(nodes: BTreeMap<Id, Node>) -> Self {
        let next = nodes.keys().next_back().map_or(0, |last| last + 1);
        Self { nodes, next, changes: 0 }
    }

    pub(super) fn dir(&self, id: Id) -> Option<&DirContent> {
        match self.nodes.get(&id) {
            Some(Node::Dir(dir)) => Some(dir),
            _ => None,
        }
    }

    pub(super) fn file(&self, id: Id) -> Option<&FileContent> {
        match self.nodes.get(&id) {
            Some(Node::File(file)) => Some(file),
            _ => None,
        }
    }

    /// What stands at `path`.
    pub(super) fn find(&self, path: &Path) -> io::Result<Id> {
        let mut at = ROOT;
        for part in path.components() {
            if let Component::Normal(name) = part {
                let names = &self.dir(at).ok_or_else(|| missing(path))?.now;
                let name = name.to_str().ok_or_else(|| missing(path))?;
                at = *names.get(name).ok_or_else(|| missing(path))?;
            }
        }
        Ok(at)
    }

    /// The directory `path` stands in, and its name there.
    pub(super) fn place(&self, path: &Path) -> io::Result<(Id, String)> {
        let dir = self.find(path.parent().unwrap_or_else(|| Path::new("/")))?;
        if self.dir(dir).is_none() {
            return Err(missing(path));
        }
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| missing(path))?;
        Ok((dir, name.to_owned()))
    }

    /// A name of a file or directory, now or once, for messages.
    pub(super) fn path_of(&self, id: Id) -> String {
        if id == ROOT {
            return String::new();
        }
        let named = self.nodes.iter().find_map(|(dir, node)| {
            let Node::Dir(content) = node else { return None };
            let names = content.now.iter().chain(&content.durable);
            names.filter(|(_, at)| **at == id).map(|(name, _)| (*dir, name.clone())).next()
        });
        named.map_or_else(|| format!("#{id}"), |(dir, name)| format!("{}/{name}", self.path_of(dir)))
    }

    /// Carries a change out. The caller has looked that it can be.
    pub(super) fn apply(&mut self, change: &Change) {
        self.changes += 1;
        match change {
            Change::Make { dir, name, is_dir } => {
                let id = self.next;
                self.next += 1;
                let node = if *is_dir { Node::Dir(<_>::default()) } else { Node::File(<_>::default()) };
                self.nodes.insert(id, node);
                self.change_dir(*dir, DirChange::Link { name: name.clone(), id });
            }
            Change::File { id, change } => {
                let at = self.changes;
                if let Some(Node::File(file)) = self.nodes.get_mut(id) {
                    change.apply(&mut file.now);
                    file.pending.push((at, change.clone()));
                }
            }
            Change::Sync { id } | Change::SyncFailed { id } => {
                if let Some(Node::File(file)) = self.nodes.get_mut(id) {
                    let pending = std::mem::take(&mut file.pending);
                    if matches!(change, Change::Sync { .. }) {
                        pending.iter().for_each(|(_, change)| change.apply(&mut file.durable));
                    }
                }
            }
            Change::SyncDir { id } => {
                if let Some(Node::Dir(dir)) = self.nodes.get_mut(id) {
                    dir.durable = dir.now.clone();
                    dir.pending.clear();
                }
            }
            Change::Rename { from_dir, from, to_dir, to } => self.rename(*from_dir, from, *to_dir, to),
            Change::Unlink { dir, name } => self.change_dir(*dir, DirChange::Unlink { name: name.clone() }),
        }
    }

    fn rename(&mut self, from_dir: Id, from: &str, to_dir: Id, to: &str) {
        let Some(id) = self.dir(from_dir).and_then(|dir| dir.now.get(from)).copied() else { return };
        let (from, to) = (from.to_owned(), to.to_owned());
        if from_dir == to_dir {
            return self.change_dir(from_dir, DirChange::Rename { from, to, id });
        }
        self.change_dir(to_dir, DirChange::Link { name: to, id });
        self.change_dir(from_dir, DirChange::Unlink { name: from });
    }

    fn change_dir(&mut self, id: Id, change: DirChange) {
        let at = self.changes;
        if let Some(Node::Dir(dir)) = self.nodes.get_mut(&id) {
            change.apply(&mut dir.now);
            dir.pending.push((at, change));
        }
    }
}
