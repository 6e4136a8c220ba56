use super::results::{COLUMNS, Results};
use crate::report::tables;

const HOW: &str = "\
Made by `cargo xtask bench client`: each client in turn, a process of its own, sends to or reads from the same Ottla broker: one
partition in the page cache, acks=all, idempotent, no codec. The JVM has done the same once before it counts. Medians, the best run in
parentheses; a ratio is the median of the ratios of runs of the same round.

";

/// A Markdown page.
pub(super) fn of(results: &Results) -> String {
    let mut page =
        format!("# The native client beside librdkafka and Kafka's own: {}\n\n", results.facts.date);
    page.push_str(HOW);
    tables::facts(&mut page, results.scale, &results.facts);
    tables::targets(&mut page, results.workloads.iter().map(|of| (of.workload.id, of.verdicts())));
    page.push_str("\n## Workloads\n\n");
    for of in &results.workloads {
        tables::row(&mut page, (of.workload.id, &of.workload.what), &of.rounds, &COLUMNS);
    }
    page
}
