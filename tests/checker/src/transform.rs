//! Consume, transform, produce: whether every input stands in the output exactly once, and nothing of a transaction that
//! was aborted, is open or came only in part was ever shown to those who read committed records.
//!
//! The history is JSON, one object a line, any number of files, in any order:
//!
//! ```text
//! {"e":"sent","v":7,"acked":true}
//! {"e":"read","by":"final","k":"out-0","o":12,"v":7,"txn":"a.1.3","i":0,"n":2,"abort":false}
//! ```
//!
//! A record says itself to which transaction it belongs, as which of how many, and whether its writer meant to abort.
//! `final` is the last reading, of everything from the start; whoever else reads does so while things happen.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
};

use serde::Deserialize;

use crate::HistoryError;

/// The reading that everything is measured by.
const FINAL: &str = "final";
/// Findings of one kind that are shown in full.
const SHOWN: usize = 5;

/// One line of a history.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "e", rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    /// An input, and whether the client knows that it was written.
    Sent { v: i64, acked: bool },
    /// An output.
    Read(Output),
}

/// A record of the output that somebody was given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Output {
    /// Who read it.
    by: String,
    /// Its partition.
    k: String,
    /// Its offset.
    o: i64,
    /// Which input it was made from.
    v: i64,
    /// The transaction, a name of its own.
    txn: String,
    /// Which record of the transaction it is, from 0.
    i: u32,
    /// How many the transaction has.
    n: u32,
    /// Its writer was going to abort.
    abort: bool,
}

/// What must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// An acknowledged input without an output.
    Lost,
    /// An input with more than one output.
    Doubled,
    /// An output of an input that nobody sent.
    Invented,
    /// A record of a transaction that its writer aborted.
    Aborted,
    /// A transaction of which some records are there and others are not.
    Torn,
    /// A record that was shown and is not there in the end: its transaction was open.
    Vanished,
    /// Another record at an offset than was shown before.
    Changed,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Lost, Self::Doubled, Self::Invented, Self::Aborted, Self::Torn, Self::Vanished, Self::Changed];

    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Invented => "invented",
            Self::Aborted => "aborted",
            Self::Torn => "torn",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a history showed.
#[derive(Debug, Default)]
pub struct TransformReport {
    /// Everything that must not be, in words.
    pub faults: Vec<(Fault, String)>,
    /// Inputs that were acknowledged.
    pub acknowledged: u64,
    /// Inputs nobody knows the fate of.
    pub unknown: u64,
    /// Records of the output in the end.
    pub outputs: u64,
    /// Transactions they came in.
    pub transactions: u64,
    /// Records read while things happened.
    pub read_meanwhile: u64,
}

impl fmt::Display for TransformReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, unknown, outputs, transactions, .. } = self;
        writeln!(
            f,
            "inputs {acknowledged}, unknown {unknown}, outputs {outputs} in {transactions} transactions"
        )?;
        for fault in Fault::ALL {
            let of_it = || self.faults.iter().filter(|(found, _)| *found == fault);
            if of_it().next().is_some() {
                writeln!(f, "{fault}: {}", of_it().count())?;
            }
            for (_, what) in of_it().take(SHOWN) {
                writeln!(f, "  {what}")?;
            }
        }
        Ok(())
    }
}

/// Reads the files of one history and looks for everything that must not be.
///
/// # Errors
/// A line that is none of ours.
pub fn check_transform<'a>(
    texts: impl IntoIterator<Item = &'a str>,
) -> Result<TransformReport, HistoryError> {
    let mut sent: HashMap<i64, bool> = HashMap::new();
    let (mut last, mut meanwhile) = (Vec::new(), Vec::new());
    for (at, text) in texts.into_iter().flat_map(|text| text.lines().enumerate()) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let line = serde_json::from_str(text).map_err(|error| HistoryError::Line {
            number: at + 1,
            line: text.into(),
            error: error.to_string(),
        })?;
        match line {
            Line::Sent { v, acked } => *sent.entry(v).or_default() |= acked,
            Line::Read(output) if output.by == FINAL => last.push(output),
            Line::Read(output) => meanwhile.push(output),
        }
    }
    let mut faults = Vec::new();
    find_miscounted(&sent, &last, &mut faults);
    find_aborted(last.iter().chain(&meanwhile), &mut faults);
    let transactions = find_torn(&last, &mut faults);
    find_unstable(&last, &meanwhile, &mut faults);
    let acknowledged = sent.values().filter(|acked| **acked).count() as u64;
    Ok(TransformReport {
        faults,
        acknowledged,
        unknown: sent.len() as u64 - acknowledged,
        outputs: last.len() as u64,
        transactions,
        read_meanwhile: meanwhile.len() as u64,
    })
}

type Faults = Vec<(Fault, String)>;

fn place(output: &Output) -> String {
    format!("{} at {} offset {} ({} {} of {})", output.v, output.k, output.o, output.txn, output.i, output.n)
}

fn find_miscounted(sent: &HashMap<i64, bool>, last: &[Output], faults: &mut Faults) {
    let mut by_value: BTreeMap<i64, Vec<&Output>> = BTreeMap::new();
    for output in last {
        by_value.entry(output.v).or_default().push(output);
    }
    let mut acked: Vec<i64> = sent.iter().filter(|(_, acked)| **acked).map(|(value, _)| *value).collect();
    acked.sort_unstable();
    let lost = acked.iter().filter(|value| !by_value.contains_key(value));
    faults.extend(lost.map(|value| (Fault::Lost, format!("{value} was acknowledged"))));
    for (value, outputs) in by_value {
        let places = || outputs.iter().map(|output| place(output)).collect::<Vec<_>>().join(", ");
        if !sent.contains_key(&value) {
            faults.push((Fault::Invented, places()));
        }
        if outputs.len() > 1 {
            faults.push((Fault::Doubled, places()));
        }
    }
}

fn find_aborted<'a>(outputs: impl Iterator<Item = &'a Output>, faults: &mut Faults) {
    let aborted = outputs.filter(|output| output.abort);
    faults.extend(aborted.map(|output| (Fault::Aborted, format!("{} by {}", place(output), output.by))));
}

/// Answers how many transactions there are.
fn find_torn(last: &[Output], faults: &mut Faults) -> u64 {
    let mut by_transaction: BTreeMap<&str, (u32, BTreeSet<u32>)> = BTreeMap::new();
    for output in last {
        by_transaction.entry(&output.txn).or_insert((output.n, BTreeSet::new())).1.insert(output.i);
    }
    for (transaction, (size, there)) in &by_transaction {
        if !there.iter().copied().eq(0..*size) {
            faults.push((Fault::Torn, format!("{transaction} has {there:?} of {size}")));
        }
    }
    by_transaction.len() as u64
}

/// What was shown once must stay.
fn find_unstable(last: &[Output], meanwhile: &[Output], faults: &mut Faults) {
    let at: HashMap<(&str, i64), &Output> =
        last.iter().map(|output| ((output.k.as_str(), output.o), output)).collect();
    let mut told = HashSet::new();
    for shown in meanwhile {
        let same = |kept: &Output| (kept.v, &kept.txn, kept.i) == (shown.v, &shown.txn, shown.i);
        let fault = match at.get(&(shown.k.as_str(), shown.o)) {
            None => Fault::Vanished,
            Some(kept) if !same(kept) => Fault::Changed,
            Some(_) => continue,
        };
        if told.insert((shown.k.as_str(), shown.o)) {
            faults.push((fault, format!("{} as {} read it", place(shown), shown.by)));
        }
    }
}
