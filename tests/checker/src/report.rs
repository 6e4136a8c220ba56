use std::{collections::BTreeMap, fmt};

use crate::{Analysis, Anomaly, History, Outcome, analysis::polls, analysis::sends, anomalies};

/// One thing that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub anomaly: Anomaly,
    /// The key it is about.
    pub key: String,
    /// What was seen.
    pub what: String,
}

impl Finding {
    pub(crate) fn new(anomaly: Anomaly, key: &str, what: String) -> Self {
        Self { anomaly, key: key.to_owned(), what }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}: {}", self.anomaly, self.key, self.what)
    }
}

/// What a history showed.
#[derive(Debug, Default)]
pub struct Report {
    /// Everything found.
    pub findings: Vec<Finding>,
    /// Sends that were acknowledged.
    pub acknowledged: u64,
    /// Sends nobody knows the outcome of.
    pub unknown: u64,
    /// Records that were read, by whomever, however often.
    pub reads: u64,
}

/// Looks for everything that must not be.
#[must_use]
pub fn check(history: &History) -> Report {
    let analysis = Analysis::new(history);
    let mut report = Report { findings: anomalies::find_all(&analysis), ..Report::default() };
    for op in &history.ops {
        let sent = sends(op).count() as u64;
        match op.outcome {
            Outcome::Ok => report.acknowledged += sent,
            Outcome::Info => report.unknown += sent,
            Outcome::Fail => {}
        }
        report.reads += polls(op).map(|(_, reads)| reads.len() as u64).sum::<u64>();
    }
    report
}

/// Findings of one kind that are shown in full.
const SHOWN: usize = 5;

impl Report {
    /// How often each anomaly was found.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Anomaly, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.anomaly).or_default() += 1;
        }
        counts
    }

    /// How often one was found.
    #[must_use]
    pub fn count(&self, anomaly: Anomaly) -> usize {
        self.findings.iter().filter(|finding| finding.anomaly == anomaly).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "acknowledged {}, unknown {}, read {}", self.acknowledged, self.unknown, self.reads)?;
        for (anomaly, count) in self.counts() {
            writeln!(f, "{anomaly}: {count}")?;
            for finding in self.findings.iter().filter(|finding| finding.anomaly == anomaly).take(SHOWN) {
                writeln!(f, "  {finding}")?;
            }
        }
        Ok(())
    }
}
