//! What a crash leaves.

use std::collections::BTreeMap;

use super::{
    random::Random,
    tree::{DirContent, FileChange, FileContent, Id, Layered, Node, ROOT, Tree},
};

/// What a crash leaves of the changes that no sync has covered. The number in a mode is a seed: the same one leaves the
/// same disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Nothing.
    LoseAll,
    /// Everything, as a killed process does: the machine goes on. All others take the machine down.
    KeepAll,
    /// What came before some moment, over the whole disk: a file system that keeps its order.
    Prefix(u64),
    /// Each change with probability one half, names out of order too.
    Subset(u64),
    /// Everything, but of the last write of each file only some sectors, or a piece of one.
    Torn(u64),
    /// Names and lengths, but zeros where the bytes should be (delayed allocation).
    Zeroed,
    /// All bytes, but no name that was made, changed or removed.
    OldNames,
    /// Each file and each directory by another of these.
    Mixed(u64),
}

impl Crash {
    /// Every mode once, the seeded ones with this seed.
    #[must_use]
    pub const fn all(seed: u64) -> [Self; 8] {
        [
            Self::LoseAll,
            Self::KeepAll,
            Self::Zeroed,
            Self::OldNames,
            Self::Prefix(seed),
            Self::Subset(seed),
            Self::Torn(seed),
            Self::Mixed(seed),
        ]
    }

    const fn seed(self) -> u64 {
        match self {
            Self::Prefix(seed) | Self::Subset(seed) | Self::Torn(seed) | Self::Mixed(seed) => seed,
            Self::LoseAll | Self::KeepAll | Self::Zeroed | Self::OldNames => 0,
        }
    }
}

const SECTOR: usize = 512;

/// The file system the next start finds.
pub(super) fn survivors(tree: &Tree, how: Crash) -> Tree {
    let mut crash = Survey { tree, how, random: Random::new(how.seed()), until: 0, nodes: BTreeMap::new() };
    crash.until = crash.moment();
    crash.take(ROOT);
    Tree::new(crash.nodes)
}

struct Survey<'a> {
    tree: &'a Tree,
    how: Crash,
    random: Random,
    /// The moment of a prefix.
    until: u64,
    nodes: BTreeMap<Id, Node>,
}

impl Survey<'_> {
    /// Some moment among the pending changes.
    fn moment(&mut self) -> u64 {
        let mut moments: Vec<u64> = Vec::new();
        for node in self.tree.nodes.values() {
            match node {
                Node::File(file) => moments.extend(file.pending.iter().map(|(at, _)| at)),
                Node::Dir(dir) => moments.extend(dir.pending.iter().map(|(at, _)| at)),
            }
        }
        moments.sort_unstable();
        let at = self.random.below(moments.len() as u64 + 1) as usize;
        at.checked_sub(1).map_or(0, |at| moments[at])
    }

    fn take(&mut self, id: Id) {
        match &self.tree.nodes[&id] {
            Node::File(file) => {
                let bytes = self.file(file);
                self.nodes.insert(id, Node::File(settled(bytes)));
            }
            Node::Dir(dir) => {
                let names = self.names(dir);
                let inside: Vec<Id> = names.values().copied().collect();
                self.nodes.insert(id, Node::Dir(settled(names)));
                for id in inside {
                    // A name out of order may lead to a file that another name leads to as well.
                    if !self.nodes.contains_key(&id) {
                        self.take(id);
                    }
                }
            }
        }
    }

    /// How this file or directory fares.
    fn draw(&mut self) -> Crash {
        match self.how {
            Crash::Mixed(_) => match self.random.below(6) {
                0 => Crash::LoseAll,
                1 => Crash::KeepAll,
                2 => Crash::Prefix(0),
                3 => Crash::Torn(0),
                4 => Crash::Zeroed,
                _ => Crash::Subset(0),
            },
            how => how,
        }
    }

    fn names(&mut self, dir: &DirContent) -> BTreeMap<String, Id> {
        let how = self.draw();
        let mut names = dir.durable.clone();
        for (at, change) in &dir.pending {
            let kept = match how {
                Crash::LoseAll | Crash::OldNames => false,
                Crash::KeepAll | Crash::Zeroed | Crash::Torn(_) => true,
                Crash::Prefix(_) => *at <= self.until,
                Crash::Subset(_) | Crash::Mixed(_) => self.random.coin(),
            };
            if kept {
                change.apply(&mut names);
            }
        }
        names
    }

    fn file(&mut self, file: &FileContent) -> Vec<u8> {
        let how = self.draw();
        let mut bytes = file.durable.clone();
        let last = file.pending.len().saturating_sub(1);
        for (position, (at, change)) in file.pending.iter().enumerate() {
            let kept = match how {
                Crash::LoseAll => false,
                Crash::KeepAll | Crash::OldNames => true,
                Crash::Prefix(_) => *at <= self.until,
                Crash::Subset(_) | Crash::Mixed(_) => self.random.coin(),
                Crash::Torn(_) if position == last => {
                    self.tear(change, &mut bytes);
                    false
                }
                Crash::Torn(_) => true,
                Crash::Zeroed => {
                    lengthen(change, &mut bytes);
                    false
                }
            };
            if kept {
                change.apply(&mut bytes);
            }
        }
        bytes
    }

    /// Some sectors of a write, or a piece from its front; where the file ends may be known already or not.
    fn tear(&mut self, change: &FileChange, bytes: &mut Vec<u8>) {
        let FileChange::Write { at, bytes: written } = change else { return change.apply(bytes) };
        if self.random.coin() {
            let part = self.random.below(written.len() as u64 + 1) as usize;
            FileChange::Write { at: *at, bytes: written[..part].to_vec() }.apply(bytes);
        } else {
            let mut from = 0;
            while from < written.len() {
                let sector_end = SECTOR - (*at as usize + from) % SECTOR;
                let to = written.len().min(from + sector_end);
                if self.random.coin() {
                    FileChange::Write { at: at + from as u64, bytes: written[from..to].to_vec() }
                        .apply(bytes);
                }
                from = to;
            }
        }
        if self.random.coin() {
            lengthen(change, bytes);
        }
    }
}

/// The length without the bytes.
fn lengthen(change: &FileChange, bytes: &mut Vec<u8>) {
    match change {
        FileChange::Length(_) => change.apply(bytes),
        FileChange::Write { .. } => {
            let length = bytes.len().max(change.reaches() as usize);
            bytes.resize(length, 0);
        }
    }
}

fn settled<T: Clone, C>(now: T) -> Layered<T, C> {
    Layered { durable: now.clone(), now, pending: Vec::new() }
}
