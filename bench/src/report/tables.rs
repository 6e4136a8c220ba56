//! What both pages, and the terminal, are made of.

use std::fmt::Write;

use super::{Verdict, number};
use crate::{
    machine::Facts,
    rounds::{Contestant, Rounds},
    sample::higher_is_better,
    scale::Scale,
};

/// Who stands in which column, and whose figures are divided by whose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns<S: 'static> {
    /// Each with its title on a page.
    pub(crate) all: [(S, &'static str); 3],
    pub(crate) mine: S,
    pub(crate) others: [(S, &'static str); 2],
}

/// What stands above the rows: that a smoke run says nothing, and what a reader has to know of the machine.
pub(crate) fn facts(page: &mut String, scale: &str, facts: &Facts) {
    if scale == Scale::SMOKE.name {
        page.push_str("**A smoke run shows that the harness works. Its figures say nothing.**\n\n");
    }
    page.push_str("| | |\n| --- | --- |\n");
    // Writing to a string does not fail, here and below.
    for (name, value) in &facts.lines {
        let _ = writeln!(page, "| {name} | {} |", value.replace('|', "/"));
    }
}

/// The targets of all rows, each with its verdict.
pub(crate) fn targets<'a>(page: &mut String, rows: impl Iterator<Item = (&'a str, Vec<Verdict>)>) {
    page.push_str("\n## Targets\n\n| row | target | value | |\n| --- | --- | --- | --- |\n");
    for (id, verdicts) in rows {
        for verdict in verdicts {
            let value = verdict.value.map_or("–".to_owned(), number);
            let word = match verdict.met {
                Some(true) => "met",
                Some(false) => "**missed**",
                None => "not compared",
            };
            let _ = writeln!(page, "| {id} | {} | {value} | {word} |", verdict.target);
        }
    }
}

/// One row: what it is, how many runs, and every figure.
pub(crate) fn row<S: Contestant>(
    page: &mut String,
    (id, what): (&str, &str),
    rounds: &Rounds<S>,
    columns: &Columns<S>,
) {
    let _ = writeln!(page, "### {id}\n\n{what}.\n");
    if let Some(error) = &rounds.error {
        let _ = writeln!(page, "Failed: {error}\n");
    }
    let runs: Vec<String> =
        rounds.runs.iter().map(|(who, runs)| format!("{} {}", who.name(), runs.len())).collect();
    let dropped: Vec<String> = rounds.dropped.iter().map(|(why, count)| format!("{count} × {why}")).collect();
    let dropped = if dropped.is_empty() { "none".to_owned() } else { dropped.join("; ") };
    let measured = rounds.commit.as_ref().map_or(String::new(), |commit| format!("Measured at {commit}. "));
    let _ = writeln!(page, "{measured}Runs: {}. Dropped: {dropped}.\n", runs.join(", "));
    let titles = columns.all.iter().map(|(_, title)| (*title).to_owned());
    let titles = titles.chain(columns.others.iter().map(|(_, title)| format!("÷ {title}")));
    let _ = writeln!(page, "| | {} |", titles.collect::<Vec<_>>().join(" | "));
    page.push_str("| --- | ---: | ---: | ---: | ---: | ---: |\n");
    for figure in rounds.figures() {
        let cell = |(who, _): &(S, &str)| {
            let summary = rounds.summary(*who, &figure);
            summary.map_or("–".to_owned(), |of| format!("{} ({})", number(of.median), number(of.best)))
        };
        let ratio = |(other, _): &(S, &str)| {
            rounds.ratio(&figure, columns.mine, *other).map_or("–".to_owned(), number)
        };
        let arrow = if higher_is_better(&figure) { " ↑" } else { "" };
        let cells = columns.all.iter().map(cell).chain(columns.others.iter().map(ratio));
        let _ = writeln!(page, "| {figure}{arrow} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    page.push('\n');
}

/// One row for the terminal.
pub(crate) fn text<S: Contestant>(rounds: &Rounds<S>, columns: &Columns<S>, verdicts: &[Verdict]) -> String {
    let names = columns.all.iter().map(|(who, _)| format!("{:>12}", who.name()));
    let ratios = columns.others.iter().map(|(who, _)| format!("{:>12}", format!("/{}", who.name())));
    let mut lines = vec![format!("   {:28}{}", "median", names.chain(ratios).collect::<String>())];
    for figure in rounds.figures() {
        let median = |(who, _): &(S, &str)| {
            let median = rounds.summary(*who, &figure).map_or("–".to_owned(), |of| number(of.median));
            format!("{median:>12}")
        };
        let ratio = |(other, _): &(S, &str)| {
            let ratio = rounds.ratio(&figure, columns.mine, *other);
            format!("{:>12}", ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}")))
        };
        let cells = columns.all.iter().map(median).chain(columns.others.iter().map(ratio));
        lines.push(format!("   {figure:28}{}", cells.collect::<String>()));
    }
    lines.extend(verdicts.iter().map(|verdict| format!("   {}", verdict.text())));
    lines.extend(rounds.error.iter().map(|error| format!("   FAILED: {error}")));
    lines.join("\n")
}
