use std::fmt::Write;

use super::{
    programs::Rival,
    results::{Results, WorkloadResult},
};
use crate::{report::number, sample::higher_is_better};

/// A Markdown page.
pub(super) fn of(results: &Results) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(page, "# The native client beside librdkafka and Kafka's own: {}\n", results.facts.date);
    page.push_str(
        "Made by `cargo xtask bench client`: each client in turn, a process of its own, sends to or reads from the same Ottla broker: one\n\
         partition in the page cache, acks=all, idempotent, no codec. The JVM has done the same once before it counts. Medians, the best run in\n\
         parentheses; a ratio is the median of the ratios of runs of the same round.\n\n",
    );
    if results.scale == crate::scale::Scale::SMOKE.name {
        page.push_str("**A smoke run shows that the harness works. Its figures say nothing.**\n\n");
    }
    page.push_str("| | |\n| --- | --- |\n");
    for (name, value) in &results.facts.lines {
        let _ = writeln!(page, "| {name} | {} |", value.replace('|', "/"));
    }
    page.push_str("\n## Targets\n\n| workload | target | value | |\n| --- | --- | --- | --- |\n");
    for result in &results.workloads {
        for (target, verdict) in result.verdicts() {
            let (value, word) = match verdict {
                Some((value, true)) => (number(value), "met"),
                Some((value, false)) => (number(value), "**missed**"),
                None => ("–".to_owned(), "not compared"),
            };
            let _ = writeln!(page, "| {} | {} | {value} | {word} |", result.workload.id, target.text());
        }
    }
    results.workloads.iter().for_each(|result| table(&mut page, result));
    page
}

fn table(page: &mut String, result: &WorkloadResult) {
    let _ = writeln!(page, "\n## {}\n\n{}.\n", result.workload.id, result.workload.what);
    page.push_str(
        "| | native | librdkafka | Java | ÷ librdkafka | ÷ Java |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for figure in result.figures() {
        let cell = |rival| {
            let summary = result.summary(rival, &figure);
            summary.map_or("–".to_owned(), |of| format!("{} ({})", number(of.median), number(of.best)))
        };
        let ratio = |rival| result.ratio(&figure, rival).map_or("–".to_owned(), number);
        let arrow = if higher_is_better(&figure) { " ↑" } else { "" };
        let _ = writeln!(
            page,
            "| {figure}{arrow} | {} | {} | {} | {} | {} |",
            cell(Rival::Native),
            cell(Rival::Librdkafka),
            cell(Rival::Java),
            ratio(Rival::Librdkafka),
            ratio(Rival::Java)
        );
    }
}
