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

/// Another row than the first, as a later call measures it.
fn other_row() -> RowResult {
    let other = &rows::all()[1];
    RowResult { rounds: row().rounds, ..RowResult::new(other, Durability::PageCache) }
}

fn written(results: &Results) -> (tempfile::TempDir, Earlier) {
    let dir = tempfile::tempdir().expect("a folder");
    write(results, dir.path()).expect("a folder to write into");
    let earlier = Earlier::read(&dir.path().join("core.json"), "rows").expect("what was just written");
    (dir, earlier)
}

#[test]
fn rows_that_are_not_measured_now_stay_with_their_commit() {
    let facts =
        |commit: &str| Facts { date: "2026-11-25".to_owned(), lines: vec![("Ottla", commit.to_owned())] };
    let mut first = Results::new(&Scale::CORE, facts("abc"));
    first.put(row());
    let (_dir, earlier) = written(&first);
    let mut second = Results::new(&Scale::CORE, facts("def"));
    second.keep(&earlier);
    second.put(other_row());
    let (_dir, earlier) = written(&second);
    let mut third = Results::new(&Scale::CORE, facts("ghi"));
    third.keep(&earlier);
    let commits: Vec<_> = third.rows.iter().map(|row| (row.id, row.rounds.commit.as_deref())).collect();
    assert_eq!(commits, [(rows::all()[0].id, Some("abc")), (rows::all()[1].id, Some("def"))]);
    assert_eq!(third.rows[0].rounds.runs, row().rounds.runs);
    let page = page::of(&third);
    assert!(page.contains("Measured at abc. Runs: kafka 3, ottla 3."), "{page}");
}

#[test]
fn a_row_that_failed_does_not_take_the_place_of_one_that_did_not() {
    let mut results = results();
    let mut failed = row();
    failed.rounds = Rounds { error: Some("disturbed".to_owned()), ..Rounds::default() };
    results.put(failed);
    assert_eq!((results.rows.len(), results.rows[0].rounds.error.clone()), (1, None));
    results.put(row());
    assert_eq!(results.rows.len(), 1, "the new one took its place");
}

#[test]
fn without_a_page_nothing_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut results = results();
    results.rows.clear();
    results.keep(&Earlier::read(&dir.path().join("core.json"), "rows").expect("an empty page"));
    assert!(results.rows.is_empty());
}
