//! What the runs gave: as a table, as JSON, as a page.

mod earlier;
mod json;
mod page;
pub(crate) mod tables;

use std::{fs, path::Path};

use crate::{
    Result,
    machine::Facts,
    rounds::Rounds,
    rows::{self, Modes, Row},
    sample::Sample,
    scale::Scale,
    servers::{Durability, Side},
    targets::{Bound, Target},
};

pub(crate) use earlier::{Earlier, renew};
pub(crate) use json::{facts_json, runs_json, verdicts_json};
use tables::Columns;

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
    pub(crate) rounds: Rounds<Side>,
    pub(crate) targets: Vec<Target>,
}

const COLUMNS: Columns<Side> = Columns {
    all: [(Side::Kafka, "Kafka"), (Side::Ottla, "Ottla"), (Side::Limit, "limit")],
    mine: Side::Ottla,
    others: [(Side::Kafka, "Kafka"), (Side::Limit, "limit")],
};

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

    /// The rows of an earlier page, as far as there still are such rows.
    pub(crate) fn keep(&mut self, earlier: &Earlier) {
        for row in rows::all() {
            for durability in Durability::ALL {
                let rounds = earlier.rounds(row.id, Some(durability.name()), &Side::ALL);
                let kept = rounds.map(|rounds| RowResult { rounds, ..RowResult::new(&row, durability) });
                self.rows.extend(kept);
            }
        }
    }

    /// Takes a row in.
    pub(crate) fn put(&mut self, row: RowResult) {
        let order: Vec<&str> = rows::all().iter().map(|row| row.id).collect();
        let place = |row: &RowResult| (order.iter().position(|id| *id == row.id), row.durability);
        renew(&mut self.rows, row, place, |row| row.rounds.error.is_some());
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
            rounds: Rounds::default(),
            targets: if beside { Vec::new() } else { row.targets.clone() },
        }
    }

    /// What went wrong, if something did.
    pub(crate) fn failure(&self) -> Option<String> {
        let error = self.rounds.error.as_ref()?;
        Some(format!("{} ({}) failed: {error}", self.id, self.durability.name()))
    }

    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |target: &Target| {
            let value = match target.other() {
                None => self.rounds.summary(COLUMNS.mine, target.figure).map(|summary| summary.median),
                Some(other) => self.rounds.ratio(target.figure, COLUMNS.mine, other),
            };
            Verdict::new(target.text(), target.bound, value)
        };
        self.targets.iter().map(verdict).collect()
    }

    /// For the terminal.
    pub(crate) fn text(&self) -> String {
        tables::text(&self.rounds, &COLUMNS, &self.verdicts())
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

impl Verdict {
    pub(crate) fn new(target: String, bound: Bound, value: Option<f64>) -> Self {
        Self { target, value, met: value.map(|value| bound.is_met_by(value)) }
    }

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
