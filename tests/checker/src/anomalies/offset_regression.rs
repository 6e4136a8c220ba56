use std::collections::BTreeMap;

use super::Anomaly;
use crate::{Analysis, Finding, Micro, Outcome};

/// A commit, or a look at what is committed; an offset of nothing is that of a group that never committed.
#[derive(Debug, Clone, Copy)]
struct Access {
    start: u64,
    end: u64,
    offset: Option<i64>,
}

/// One group's offset in one key.
#[derive(Debug, Default)]
struct Register {
    commits: Vec<Access>,
    looks: Vec<Access>,
}

/// A group's committed offset is a register: whoever looks must find a commit that no other one has replaced for
/// certain before he looked.
pub(super) fn find(analysis: &Analysis<'_>) -> Vec<Finding> {
    let mut registers: BTreeMap<(&str, &str), Register> = BTreeMap::new();
    for op in &analysis.history.ops {
        for micro in &op.micro {
            match micro {
                Micro::Commit { g, k, o } if op.outcome != Outcome::Fail => {
                    let access = Access { start: op.start, end: op.end, offset: Some(*o) };
                    registers.entry((g, k)).or_default().commits.push(access);
                }
                Micro::Committed { g, k, o } if op.outcome == Outcome::Ok => {
                    let access = Access { start: op.start, end: op.end, offset: *o };
                    registers.entry((g, k)).or_default().looks.push(access);
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for ((group, key), register) in registers {
        for look in register.regressions() {
            let what = match look.offset {
                Some(offset) => {
                    format!("group {group} was found at {offset}, which a later commit had replaced")
                }
                None => format!("group {group} was found without an offset after it had committed one"),
            };
            found.push(Finding::new(Anomaly::OffsetRegression, key, what));
        }
    }
    found
}

impl Register {
    fn regressions(mut self) -> Vec<Access> {
        // Nothing is committed before the first commit.
        self.commits.push(Access { start: 0, end: 0, offset: None });
        self.settle();
        // For each commit, what certainly came behind it: the earliest end among those that began after its end.
        self.commits.sort_by_key(|commit| commit.start);
        let mut earliest_end = vec![u64::MAX; self.commits.len() + 1];
        for at in (0..self.commits.len()).rev() {
            earliest_end[at] = earliest_end[at + 1].min(self.commits[at].end);
        }
        let replaced_at = |commit: &Access| {
            let behind = self.commits.partition_point(|other| other.start <= commit.end);
            earliest_end[behind]
        };
        let mut until: BTreeMap<Option<i64>, Vec<(u64, u64)>> = BTreeMap::new();
        for commit in &self.commits {
            until.entry(commit.offset).or_default().push((commit.start, replaced_at(commit)));
        }
        let may_be = |look: &Access| {
            let commits = until.get(&look.offset).map_or(&[][..], Vec::as_slice);
            commits.iter().any(|(start, replaced)| *start <= look.end && *replaced >= look.start)
        };
        self.looks.iter().filter(|look| !may_be(look)).copied().collect()
    }

    /// A commit of unknown outcome that somebody has found took effect before he did, if it is the only one it can be.
    fn settle(&mut self) {
        let mut of_offset: BTreeMap<Option<i64>, Vec<usize>> = BTreeMap::new();
        for (at, commit) in self.commits.iter().enumerate() {
            of_offset.entry(commit.offset).or_default().push(at);
        }
        for look in &self.looks {
            if let Some([only]) = of_offset.get(&look.offset).map(Vec::as_slice) {
                let commit = &mut self.commits[*only];
                commit.end = commit.end.min(look.end.max(commit.start));
            }
        }
    }
}
