//! What every anomaly needs of a history: per key the log as clients saw it, who wrote what, who read what.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{History, Micro, Op, Outcome};

/// A key as clients saw it.
#[derive(Debug, Default)]
pub struct KeyLog {
    /// The values seen at an offset: by any poll, and by sends that are committed.
    pub seen: BTreeMap<i64, BTreeSet<u64>>,
    /// The offsets in order: holes (control records) are left out, so the index is the place among what can be read.
    pub offsets: Vec<i64>,
    /// Lowest and highest index of a value.
    pub places: HashMap<u64, (usize, usize)>,
    /// Values that operations with a good end read.
    pub read: HashSet<u64>,
    /// The operation that tried to send a value, by its place in the history.
    pub writers: HashMap<u64, usize>,
    /// The last reading: offsets with their value.
    pub last: BTreeMap<i64, u64>,
    /// Where the last reading began; nothing if there was none.
    pub last_from: Option<i64>,
}

impl KeyLog {
    /// The place of an offset among what can be read.
    #[must_use]
    pub fn index(&self, offset: i64) -> Option<usize> {
        self.offsets.binary_search(&offset).ok()
    }
}

/// A history with what follows from it.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// The history.
    pub history: &'a History,
    /// By key.
    pub keys: BTreeMap<&'a str, KeyLog>,
}

/// The reads of an operation.
pub(crate) fn polls(op: &Op) -> impl Iterator<Item = (&str, &[(i64, u64)])> {
    op.micro.iter().filter_map(|micro| match micro {
        Micro::Poll { k, reads, .. } => Some((k.as_str(), reads.as_slice())),
        _ => None,
    })
}

/// The values an operation sends, with their offset where it is known.
pub(crate) fn sends(op: &Op) -> impl Iterator<Item = (&str, u64, Option<i64>)> {
    op.micro.iter().filter_map(|micro| match micro {
        Micro::Send { k, v, o } => Some((k.as_str(), *v, *o)),
        _ => None,
    })
}

impl<'a> Analysis<'a> {
    /// Looks through a history once.
    #[must_use]
    pub fn new(history: &'a History) -> Self {
        let mut analysis = Self { history, keys: BTreeMap::new() };
        for (at, op) in history.ops.iter().enumerate() {
            analysis.note(at, op);
        }
        for op in &history.ops {
            if analysis.is_committed(op) {
                for (key, value, offset) in sends(op) {
                    if let Some(offset) = offset {
                        analysis.keys.entry(key).or_default().seen.entry(offset).or_default().insert(value);
                    }
                }
            }
        }
        for log in analysis.keys.values_mut() {
            log.offsets = log.seen.keys().copied().collect();
            for (index, values) in log.seen.values().enumerate() {
                for value in values {
                    log.places.entry(*value).or_insert((index, index)).1 = index;
                }
            }
        }
        analysis
    }

    fn note(&mut self, at: usize, op: &'a Op) {
        for micro in &op.micro {
            match micro {
                Micro::Send { k, v, .. } => {
                    self.keys.entry(k).or_default().writers.insert(*v, at);
                }
                Micro::Poll { k, from, reads } => {
                    let log = self.keys.entry(k).or_default();
                    for (offset, value) in reads {
                        // A poll must always return what is safe, also one that fails later.
                        log.seen.entry(*offset).or_default().insert(*value);
                    }
                    if op.outcome == Outcome::Ok {
                        log.read.extend(reads.iter().map(|(_, value)| *value));
                    }
                    if op.is_final {
                        log.last.extend(reads.iter().copied());
                        let from =
                            from.unwrap_or_else(|| reads.first().map_or(i64::MAX, |(first, _)| *first));
                        log.last_from = Some(log.last_from.map_or(from, |known| known.min(from)));
                    }
                }
                _ => {}
            }
        }
    }

    /// It ended well, or nobody knows how it ended and somebody read one of its values.
    #[must_use]
    pub fn is_committed(&self, op: &Op) -> bool {
        match op.outcome {
            Outcome::Ok => true,
            Outcome::Fail => false,
            Outcome::Info => sends(op)
                .any(|(key, value, _)| self.keys.get(key).is_some_and(|log| log.read.contains(&value))),
        }
    }

    /// The operation that tried to send a value.
    #[must_use]
    pub fn writer(&self, key: &KeyLog, value: u64) -> Option<&'a Op> {
        key.writers.get(&value).map(|at| &self.history.ops[*at])
    }
}
