//! What the runs gave: as a table, as JSON, as a page.

mod json;
mod page;

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    Result,
    machine::Facts,
    rows::{Modes, Row},
    sample::{Sample, Summary, paired_ratio, summary},
    scale::Scale,
    servers::{Durability, Side},
    targets::Target,
};

/// Everything one call of the harness gave.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) scale: &'static str,
    pub(crate) command: String,
    pub(crate) facts: Facts,
    pub(crate) rows: Vec<RowResult>,
}

/// One row in one durability mode.
#[derive(Debug)]
pub(crate) struct RowResult {
    pub(crate) id: &'static str,
    pub(crate) what: String,
    pub(crate) durability: Durability,
    /// Each with its round.
    pub(crate) runs: BTreeMap<Side, Vec<(usize, Sample)>>,
    /// Runs that did not count, by the reason.
    pub(crate) dropped: BTreeMap<String, usize>,
    pub(crate) targets: Vec<Target>,
    pub(crate) error: Option<String>,
}

/// What became of a target.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) target: String,
    /// `None` when the side it is compared with did not run.
    pub(crate) value: Option<f64>,
    pub(crate) met: Option<bool>,
}

impl Results {
    pub(crate) fn new(scale: &Scale, facts: Facts) -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let command = format!("cargo xtask bench {}", arguments.join(" ")).trim_end().to_owned();
        let mut results = Self { scale: scale.name, command, facts, rows: Vec::new() };
        let warm_up = scale.warm_up.as_secs();
        let heap = scale.kafka_heap_gib;
        let kafka = format!("one KRaft node, -Xms{heap}g -Xmx{heap}g, G1 as its start script sets it");
        results.fact("Kafka", kafka);
        results.fact("Kafka's warm-up (s)", warm_up.to_string());
        results
            .fact("topics", "one replica, flush.messages by mode, everything else at its default".to_owned());
        results
    }

    pub(crate) fn fact(&mut self, name: &'static str, value: String) {
        self.facts.lines.push((name, value));
    }
}

impl RowResult {
    pub(crate) fn new(row: &Row, durability: Durability) -> Self {
        // The targets of rows that know both modes were set for the page cache.
        let beside = row.modes == Modes::Either && durability == Durability::Synced;
        Self {
            id: row.id,
            what: row.what.clone(),
            durability,
            runs: BTreeMap::new(),
            dropped: BTreeMap::new(),
            targets: if beside { Vec::new() } else { row.targets.clone() },
            error: None,
        }
    }

    /// What went wrong, if something did.
    pub(crate) fn failure(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(format!("{} ({}) failed: {error}", self.id, self.durability.name()))
    }

    /// Names of all figures, in order.
    pub(crate) fn figures(&self) -> Vec<String> {
        let samples = self.runs.values().flatten();
        let mut names: Vec<String> = samples.flat_map(|(_, sample)| sample.0.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// One figure of one side, with the rounds.
    fn values(&self, side: Side, figure: &str) -> Vec<(usize, f64)> {
        let runs = self.runs.get(&side).into_iter().flatten();
        runs.filter_map(|(round, sample)| Some((*round, sample.get(figure)?))).collect()
    }

    pub(crate) fn summary(&self, side: Side, figure: &str) -> Option<Summary> {
        let values: Vec<f64> = self.values(side, figure).into_iter().map(|(_, value)| value).collect();
        summary(figure, &values)
    }

    /// Ottla's figure as a multiple of another side's, of runs of the same round.
    pub(crate) fn ratio(&self, figure: &str, other: Side) -> Option<f64> {
        paired_ratio(&self.values(Side::Ottla, figure), &self.values(other, figure))
    }

    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |target: &Target| {
            let value = match target.other() {
                None => self.summary(Side::Ottla, target.figure).map(|summary| summary.median),
                Some(other) => self.ratio(target.figure, other),
            };
            Verdict { target: target.text(), value, met: value.map(|value| target.is_met_by(value)) }
        };
        self.targets.iter().map(verdict).collect()
    }
}

/// Writes `<scale>.json` and `<scale>.md`.
pub(crate) fn write(results: &Results, dir: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(&json::of(results))?;
    fs::write(dir.join(format!("{}.json", results.scale)), text + "\n")?;
    fs::write(dir.join(format!("{}.md", results.scale)), page::of(results))?;
    Ok(())
}

/// One run on one line.
pub(crate) fn line(sample: &Sample) -> String {
    let figures: Vec<String> =
        sample.0.iter().map(|(name, value)| format!("{name} {}", number(*value))).collect();
    figures.join("  ")
}

/// One row for the terminal.
pub(crate) fn row_text(row: &RowResult) -> String {
    let mut lines = vec![format!(
        "   {:28}{:>12}{:>12}{:>12}{:>10}{:>10}",
        "median (best)", "kafka", "ottla", "limit", "/kafka", "/limit"
    )];
    for figure in row.figures() {
        let of = |side| row.summary(side, &figure).map_or("–".to_owned(), |of| number(of.median));
        let ratio = |side| row.ratio(&figure, side).map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        lines.push(format!(
            "   {figure:28}{:>12}{:>12}{:>12}{:>10}{:>10}",
            of(Side::Kafka),
            of(Side::Ottla),
            of(Side::Limit),
            ratio(Side::Kafka),
            ratio(Side::Limit)
        ));
    }
    lines.extend(row.verdicts().iter().map(|verdict| format!("   {}", verdict.text())));
    lines.extend(row.error.iter().map(|error| format!("   FAILED: {error}")));
    lines.join("\n")
}

impl Verdict {
    pub(crate) fn text(&self) -> String {
        let word = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "not compared",
        };
        let value = self.value.map_or(String::new(), |value| format!(": {}", number(value)));
        format!("{word} {}{value}", self.target)
    }
}

/// Three significant digits, or whole with commas.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let decimals =
        if size >= 100.0 || size == 0.0 { 0 } else { (2 - size.log10().floor() as i32).clamp(0, 4) as usize };
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.trim_start_matches('-');
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if whole.starts_with('-') { "-" } else { "" };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{fraction}") }
}

#[cfg(test)]
mod tests;
