use std::fmt::Write;

use super::{COLUMNS, Results, RowResult, tables};
use crate::{rows::LATER, servers::Durability};

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
    tables::facts(&mut page, results.scale, &results.facts);
    tables::targets(&mut page, results.rows.iter().map(|row| (row.id, row.verdicts())));
    for durability in Durability::ALL {
        let rows: Vec<&RowResult> = results.rows.iter().filter(|row| row.durability == durability).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(page, "\n## {}\n", title(durability));
        rows.into_iter().for_each(|row| tables::row(&mut page, (row.id, &row.what), &row.rounds, &COLUMNS));
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
