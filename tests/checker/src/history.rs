//! The history: JSON, one object a line, any number of files, in any order.
//!
//! An operation is asked by an `invoke` line and ended by an `ok`, `fail` or `info` line with the same process and id;
//! one that nothing ends is `info`. What takes no time worth knowing, a poll for instance, may be one line only, with
//! its start beside its end. Lines that begin with `#` and empty ones say nothing.
//!
//! ```text
//! {"t":10,"p":1,"e":"open"}
//! {"t":11,"p":1,"e":"invoke","id":1,"do":[{"f":"send","k":"t-0","v":7}]}
//! {"t":15,"p":1,"e":"ok","id":1,"do":[{"f":"send","k":"t-0","v":7,"o":0}]}
//! {"s":12,"t":16,"p":2,"e":"ok","do":[{"f":"poll","k":"t-0","from":0,"reads":[[0,7]]}]}
//! ```

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When, in nanoseconds of a clock that all clients share and that never goes back.
    pub t: u64,
    /// When an operation of one line began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s: Option<u64>,
    /// Who: one producer or one consumer from its opening to its end. A client opened anew is another process.
    pub p: u64,
    /// What happened.
    pub e: Happened,
    /// Which of the process's operations; of one line only where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// What it consists of.
    #[serde(default, rename = "do", skip_serializing_if = "Vec::is_empty")]
    pub micro: Vec<Micro>,
    /// What an error said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// It belongs to the last reading, after everything was healed.
    #[serde(default, rename = "final", skip_serializing_if = "std::ops::Not::not")]
    pub is_final: bool,
    /// With `open`: the process sends again without idempotence, so a value may stand twice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_duplicate: bool,
    /// With `open`: the process sends without idempotence, so what it has given up may be stored behind what it sent
    /// later: it lay unread on a connection that was closed. Kafka does the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_be_late: bool,
}

/// What a line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Happened {
    /// A process begins.
    Open,
    /// An operation begins.
    Invoke,
    /// It took effect.
    Ok,
    /// It took no effect, for certain.
    Fail,
    /// Nobody knows whether it took effect.
    Info,
    /// A fault, for those who read the history.
    Fault,
}

/// A part of an operation. `k` is a key: one partition. `v` is a value, unique within its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "f", rename_all = "lowercase", deny_unknown_fields)]
pub enum Micro {
    /// A record is sent.
    Send {
        /// The key.
        k: String,
        /// The value.
        v: u64,
        /// The offset the broker gave it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        o: Option<i64>,
    },
    /// Records are read.
    Poll {
        /// The key.
        k: String,
        /// Where the reading of the key began: everything from here on would have been returned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<i64>,
        /// Offsets and values in the order they came.
        #[serde(default)]
        reads: Vec<(i64, u64)>,
    },
    /// The consumer reads these keys from now on; where it is in those it had already does not change.
    Assign {
        /// The keys.
        keys: Vec<String>,
    },
    /// The consumer goes on elsewhere in a key.
    Seek {
        /// The key.
        k: String,
    },
    /// The group gave the consumer these keys; it goes on where the group is.
    Rebalance {
        /// The keys.
        keys: Vec<String>,
    },
    /// A group's offset is committed.
    Commit {
        /// The group.
        g: String,
        /// The key.
        k: String,
        /// The offset.
        o: i64,
    },
    /// A group's committed offset is asked for.
    Committed {
        /// The group.
        g: String,
        /// The key.
        k: String,
        /// What the broker answered; nothing if it knows of none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        o: Option<i64>,
    },
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Ok,
    /// It took no effect.
    Fail,
    /// Unknown.
    Info,
}

/// An operation with its end.
#[derive(Debug, Clone)]
pub struct Op {
    /// Whose.
    pub process: u64,
    /// When it was asked.
    pub start: u64,
    /// When its end was known; later than everything if it never was.
    pub end: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What it consists of.
    pub micro: Vec<Micro>,
    /// It belongs to the last reading.
    pub is_final: bool,
}

/// All operations, by the time they were asked.
#[derive(Debug, Default)]
pub struct History {
    /// The operations.
    pub ops: Vec<Op>,
    /// Processes whose values may stand twice.
    pub may_duplicate: std::collections::HashSet<u64>,
    /// Processes whose values of unknown outcome may stand behind later ones.
    pub may_be_late: std::collections::HashSet<u64>,
}

/// What is no history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A line that is none of ours.
    #[error("line {number}: {error}: {line}")]
    Line {
        /// From 1.
        number: usize,
        /// The line.
        line: String,
        /// Why.
        error: String,
    },
}

#[derive(Debug, Default)]
struct Reader {
    history: History,
    /// Place in `ops` of operations that have not ended, by process and id.
    open: HashMap<(u64, u64), usize>,
}

impl History {
    /// Reads the text of one or more files.
    ///
    /// # Errors
    /// A line that is none of ours, or that ends what nobody began.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, HistoryError> {
        let mut reader = Reader::default();
        for text in texts {
            for (at, line) in text.lines().enumerate() {
                let failed = |error: String| HistoryError::Line { number: at + 1, line: line.into(), error };
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let parsed: Line = serde_json::from_str(line).map_err(|error| failed(error.to_string()))?;
                reader.take(parsed).map_err(|why| failed(why.into()))?;
            }
        }
        reader.history.ops.sort_by_key(|op| op.start);
        Ok(reader.history)
    }
}

impl Reader {
    fn take(&mut self, line: Line) -> Result<(), &'static str> {
        let outcome = match line.e {
            Happened::Fault => return Ok(()),
            Happened::Open => {
                if line.may_duplicate {
                    self.history.may_duplicate.insert(line.p);
                }
                if line.may_be_late {
                    self.history.may_be_late.insert(line.p);
                }
                return Ok(());
            }
            Happened::Invoke => Outcome::Info,
            Happened::Ok => Outcome::Ok,
            Happened::Fail => Outcome::Fail,
            Happened::Info => Outcome::Info,
        };
        match (line.e, line.id) {
            (Happened::Invoke, Some(id)) => {
                if self.open.insert((line.p, id), self.history.ops.len()).is_some() {
                    return Err("an operation of this process and id is under way");
                }
                self.push(&line, line.t, u64::MAX, outcome);
            }
            (Happened::Invoke, None) => return Err("an operation that begins needs an id"),
            (_, Some(id)) => {
                let at = self.open.remove(&(line.p, id)).ok_or("nobody began this operation")?;
                let op = &mut self.history.ops[at];
                op.outcome = outcome;
                // What is unknown may take effect later than anybody has given up.
                op.end = if outcome == Outcome::Info { u64::MAX } else { line.t };
                if !line.micro.is_empty() {
                    op.micro = line.micro;
                }
            }
            (_, None) => {
                let start = line.s.ok_or("an operation of one line needs its start")?;
                self.push(&line, start, line.t, outcome);
            }
        }
        Ok(())
    }

    fn push(&mut self, line: &Line, start: u64, end: u64, outcome: Outcome) {
        let (process, micro, is_final) = (line.p, line.micro.clone(), line.is_final);
        self.history.ops.push(Op { process, start, end, outcome, micro, is_final });
    }
}
