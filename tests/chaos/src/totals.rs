use std::collections::BTreeMap;

use ottla_checker::{Anomaly, Report};

use crate::Figures;

/// What the histories of a run showed together.
#[derive(Debug, Default)]
pub struct Totals {
    /// Sends that were acknowledged.
    pub acknowledged: u64,
    /// Sends nobody knows the outcome of.
    pub unknown: u64,
    /// Records read.
    pub reads: u64,
    /// How often each anomaly was found.
    pub anomalies: BTreeMap<Anomaly, usize>,
    /// What clients could not end or reach: positions behind the end of a log, threads that hung.
    pub complaints: usize,
}

impl Totals {
    /// Adds what one history showed.
    pub fn add(&mut self, report: &Report, complaints: usize) {
        self.acknowledged += report.acknowledged;
        self.unknown += report.unknown;
        self.reads += report.reads;
        self.complaints += complaints;
        for (anomaly, count) in report.counts() {
            *self.anomalies.entry(anomaly).or_default() += count;
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn are_clean(&self) -> bool {
        self.anomalies.is_empty() && self.complaints == 0
    }

    /// Acknowledged records that are gone.
    #[must_use]
    pub fn lost(&self) -> usize {
        let count = |anomaly| self.anomalies.get(&anomaly).copied().unwrap_or_default();
        count(Anomaly::LostWrite).max(count(Anomaly::Unseen))
    }

    /// As lines.
    pub fn put(&self, name: &str, figures: &mut Figures) {
        let duplicates = self.anomalies.get(&Anomaly::Duplicate).copied().unwrap_or_default();
        figures.put(format!("{name}.acknowledged"), self.acknowledged);
        figures.put(format!("{name}.unknown"), self.unknown);
        figures.put(format!("{name}.read"), self.reads);
        figures.put(format!("{name}.lost"), self.lost());
        figures.put(format!("{name}.duplicates"), duplicates);
        figures.put(format!("{name}.anomalies"), self.anomalies.values().sum::<usize>());
        figures.put(format!("{name}.complaints"), self.complaints);
        for (anomaly, count) in &self.anomalies {
            figures.put(format!("{name}.anomaly.{anomaly}"), count);
        }
    }
}
