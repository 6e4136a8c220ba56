use std::fmt::Write;

use super::{Results, RowResult, Verdict, number};
use crate::{
    rows::LATER,
    sample::higher_is_better,
    scale::Scale,
    servers::{Durability, Side},
};

/// A Markdown page.
pub(super) fn of(results: &Results) -> String {
    let mut page = String::new();
    let date = &results.facts.date;
    // Writing to a string does not fail.
    let _ = writeln!(
        page,
        "# Ottla beside Apache Kafka and the limit of the machine: {}, {date}\n",
        results.scale
    );
    let _ = writeln!(
        page,
        "Made by `{}`. Figures are medians, the best run in parentheses; a ratio is the",
        results.command
    );
    page.push_str(
        "median of the ratios of runs of the same round. CPU is that of the broker's process tree.\n\n",
    );
    if results.scale == Scale::SMOKE.name {
        page.push_str("**A smoke run shows that the harness works. Its figures say nothing.**\n\n");
    }
    page.push_str("| | |\n| --- | --- |\n");
    for (name, value) in &results.facts.lines {
        let _ = writeln!(page, "| {name} | {} |", value.replace('|', "/"));
    }
    page.push_str("\n## Targets\n\n| row | target | value | |\n| --- | --- | --- | --- |\n");
    for row in &results.rows {
        for verdict in row.verdicts() {
            page.push_str(&target_line(row, &verdict));
        }
    }
    for durability in [Durability::PageCache, Durability::Synced] {
        let rows: Vec<&RowResult> = results.rows.iter().filter(|row| row.durability == durability).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n## {}\n", title(durability));
        rows.into_iter().for_each(|row| table(&mut page, row));
    }
    page.push_str("\n## Later\n\n");
    for (id, needs) in LATER {
        let _ = writeln!(page, "- {id}: needs {needs}");
    }
    page
}

fn title(durability: Durability) -> &'static str {
    match durability {
        Durability::PageCache => "Page cache: Kafka's default, Ottla with flush.messages=9223372036854775807",
        Durability::Synced => "Synced: Ottla's default, Kafka with flush.messages=1",
    }
}

fn target_line(row: &RowResult, verdict: &Verdict) -> String {
    let value = verdict.value.map_or("–".to_owned(), number);
    let word = match verdict.met {
        Some(true) => "met",
        Some(false) => "**missed**",
        None => "not compared",
    };
    format!("| {} | {} | {value} | {word} |\n", row.id, verdict.target)
}

fn table(page: &mut String, row: &RowResult) {
    let _ = writeln!(page, "### {}\n\n{}.\n", row.id, row.what);
    if let Some(error) = &row.error {
        let _ = writeln!(page, "Failed: {error}\n");
    }
    let runs: Vec<String> =
        row.runs.iter().map(|(side, runs)| format!("{} {}", side.name(), runs.len())).collect();
    let dropped: Vec<String> = row.dropped.iter().map(|(why, count)| format!("{count} × {why}")).collect();
    let dropped = if dropped.is_empty() { "none".to_owned() } else { dropped.join("; ") };
    let _ = writeln!(page, "Runs: {}. Dropped: {dropped}.\n", runs.join(", "));
    page.push_str(
        "| | Kafka | Ottla | limit | ÷ Kafka | ÷ limit |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for figure in row.figures() {
        let cell = |side| {
            let summary = row.summary(side, &figure);
            summary.map_or("–".to_owned(), |of| format!("{} ({})", number(of.median), number(of.best)))
        };
        let ratio = |side| row.ratio(&figure, side).map_or("–".to_owned(), number);
        let arrow = if higher_is_better(&figure) { " ↑" } else { "" };
        let _ = writeln!(
            page,
            "| {figure}{arrow} | {} | {} | {} | {} | {} |",
            cell(Side::Kafka),
            cell(Side::Ottla),
            cell(Side::Limit),
            ratio(Side::Kafka),
            ratio(Side::Limit)
        );
    }
    page.push('\n');
}
