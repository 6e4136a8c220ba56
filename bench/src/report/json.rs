use serde_json::{Map, Value, json};

use super::{COLUMNS, Results, RowResult, Verdict};
use crate::{
    machine::Facts,
    rounds::{Contestant, Rounds},
    rows::LATER,
};

/// Everything, every single run included.
pub(super) fn of(results: &Results) -> Value {
    json!({
        "date": results.facts.date,
        "scale": results.scale,
        "command": results.command,
        "facts": facts_json(&results.facts),
        "rows": results.rows.iter().map(row).collect::<Vec<_>>(),
        "later": LATER.iter().map(|(id, needs)| json!({"id": id, "needs": needs})).collect::<Vec<_>>(),
    })
}

/// What a reader has to know of the machine.
pub(crate) fn facts_json(facts: &Facts) -> Map<String, Value> {
    facts.lines.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

/// Every single run, by who ran.
pub(crate) fn runs_json<S: Contestant>(rounds: &Rounds<S>, all: &[S]) -> Map<String, Value> {
    let runs = |who: &S| {
        let runs = rounds.runs.get(who).into_iter().flatten();
        let runs = runs.map(|(round, sample)| json!({"round": round, "figures": sample.0}));
        (who.name().to_owned(), json!(runs.collect::<Vec<_>>()))
    };
    all.iter().map(runs).collect()
}

/// What became of the targets of a row.
pub(crate) fn verdicts_json(verdicts: &[Verdict]) -> Value {
    let one =
        |verdict: &Verdict| json!({"target": verdict.target, "value": verdict.value, "met": verdict.met});
    verdicts.iter().map(one).collect()
}

fn row(row: &RowResult) -> Value {
    let rounds = &row.rounds;
    let figures: Map<String, Value> =
        rounds.figures().into_iter().map(|name| (name.clone(), figure(row, &name))).collect();
    json!({
        "id": row.id,
        "what": row.what,
        "durability": row.durability.name(),
        "commit": rounds.commit,
        "runs": runs_json(rounds, &COLUMNS.all.map(|(side, _)| side)),
        "dropped": rounds.dropped,
        "figures": figures,
        "targets": verdicts_json(&row.verdicts()),
        "error": rounds.error,
    })
}

fn figure(row: &RowResult, name: &str) -> Value {
    let mut value = Map::new();
    for (side, _) in COLUMNS.all {
        if let Some(summary) = row.rounds.summary(side, name) {
            value.insert(side.name().to_owned(), json!({"median": summary.median, "best": summary.best}));
        }
    }
    for (side, _) in COLUMNS.others {
        if let Some(ratio) = row.rounds.ratio(name, COLUMNS.mine, side) {
            value.insert(format!("ottla/{}", side.name()), json!(ratio));
        }
    }
    Value::Object(value)
}
