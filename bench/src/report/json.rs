use serde_json::{Map, Value, json};

use super::{Results, RowResult};
use crate::{rows::LATER, servers::Side};

/// Everything, every single run included.
pub(super) fn of(results: &Results) -> Value {
    let facts: Map<String, Value> =
        results.facts.lines.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({
        "date": results.facts.date,
        "scale": results.scale,
        "command": results.command,
        "facts": facts,
        "rows": results.rows.iter().map(row).collect::<Vec<_>>(),
        "later": LATER.iter().map(|(id, needs)| json!({"id": id, "needs": needs})).collect::<Vec<_>>(),
    })
}

fn row(row: &RowResult) -> Value {
    let runs = |side: &Side| {
        let runs = row.runs.get(side).into_iter().flatten();
        let runs =
            runs.map(|(round, sample)| json!({"round": round, "figures": sample.0})).collect::<Vec<_>>();
        (side.name().to_owned(), json!(runs))
    };
    let figures: Map<String, Value> =
        row.figures().into_iter().map(|name| (name.clone(), figure(row, &name))).collect();
    json!({
        "id": row.id,
        "what": row.what,
        "durability": row.durability.name(),
        "runs": Side::ALL.iter().map(runs).collect::<Map<_, _>>(),
        "dropped": row.dropped,
        "figures": figures,
        "targets": row.verdicts().iter().map(|verdict| json!({
            "target": verdict.target,
            "value": verdict.value,
            "met": verdict.met,
        })).collect::<Vec<_>>(),
        "error": row.error,
    })
}

fn figure(row: &RowResult, name: &str) -> Value {
    let mut value = Map::new();
    for side in Side::ALL {
        if let Some(summary) = row.summary(side, name) {
            value.insert(side.name().to_owned(), json!({"median": summary.median, "best": summary.best}));
        }
    }
    for side in [Side::Kafka, Side::Limit] {
        if let Some(ratio) = row.ratio(name, side) {
            value.insert(format!("ottla/{}", side.name()), json!(ratio));
        }
    }
    Value::Object(value)
}
