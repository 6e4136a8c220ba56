use super::*;
use crate::{
    machine::Facts,
    rows,
    targets::{Of, Target},
};

fn sample(cpu: f64) -> Sample {
    let mut sample = Sample::default();
    sample.set("cpu_s_per_gb", cpu);
    sample
}

fn row() -> RowResult {
    let mut row = RowResult::new(&rows::all()[0], Durability::PageCache);
    row.targets = vec![
        Target::at_most("cpu_s_per_gb", 1.3, Of::Limit),
        Target::at_most("cpu_s_per_gb", 0.5, Of::Kafka),
        Target::at_most("cpu_s_per_gb", 0.4, Of::Itself),
    ];
    row.rounds.runs.insert(Side::Ottla, vec![(0, sample(0.5)), (1, sample(0.4)), (2, sample(0.6))]);
    row.rounds.runs.insert(Side::Kafka, vec![(0, sample(1.0)), (1, sample(1.0)), (2, sample(1.0))]);
    row
}

fn results() -> Results {
    let facts = Facts { date: "2026-11-25".to_owned(), lines: vec![("kernel", "6".to_owned())] };
    let mut results = Results::new(&Scale::CORE, facts);
    results.rows.push(row());
    results
}

#[test]
fn a_target_is_met_missed_or_not_compared() {
    let verdicts: Vec<_> = row().verdicts().iter().map(|verdict| (verdict.value, verdict.met)).collect();
    assert_eq!(verdicts, [(None, None), (Some(0.5), Some(true)), (Some(0.5), Some(false))]);
}

#[test]
fn numbers_are_short() {
    let shown = [0.0, 0.04567, 0.456, 4.561, 45.6, 456.7, 4_567.8, 1_234_567.0, -1_234.0, 1.3].map(number);
    assert_eq!(shown, ["0", "0.0457", "0.456", "4.56", "45.6", "457", "4,568", "1,234,567", "-1,234", "1.3"]);
}

#[test]
fn the_json_holds_every_run_and_can_be_read_again() {
    let text = serde_json::to_string(&json::of(&results())).expect("JSON");
    let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(read["rows"][0]["runs"]["ottla"].as_array().map(Vec::len), Some(3));
    assert_eq!(read["rows"][0]["figures"]["cpu_s_per_gb"]["ottla"]["best"], 0.4);
    assert_eq!(read["rows"][0]["targets"][1]["met"], true);
    assert_eq!(read["later"].as_array().map(Vec::len), Some(rows::LATER.len()));
}

#[test]
fn the_page_names_what_was_missed() {
    let page = page::of(&results());
    assert!(page.contains("| produce-1k-p1 | cpu_s_per_gb ≤ 0.4 | 0.5 | **missed** |"), "{page}");
    assert!(page.contains("| cpu_s_per_gb | 1 (1) | 0.5 (0.4) | – | 0.5 | – |"), "{page}");
}

#[test]
fn targets_for_the_page_cache_are_not_asked_of_synced_runs() {
    let rows = rows::all();
    let either = rows.iter().find(|row| row.id == "requests-16").expect("a row of both modes");
    assert!(RowResult::new(either, Durability::Synced).targets.is_empty());
    assert!(!RowResult::new(either, Durability::PageCache).targets.is_empty());
    let flushed = rows.iter().find(|row| row.id == "flushed-16").expect("a row of the synced mode");
    assert!(!RowResult::new(flushed, Durability::Synced).targets.is_empty());
}
