//! The harness works: every row runs once on every side that is there, what was produced is read back, and the results
//! can be read. No timing decides anything here.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use serde_json::Value;

fn bench() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ottla-bench"))
}

fn has_java() -> bool {
    Command::new("java").arg("-version").output().is_ok_and(|done| done.status.success())
}

#[test]
fn every_row_runs_and_what_it_says_can_be_read() {
    let results = tempfile::tempdir().expect("a temporary directory");
    let mut smoke = bench();
    smoke.args(["--smoke", "--results"]).arg(results.path());
    if !has_java() {
        smoke.args(["--only", "ottla,limit"]);
    }
    let done = smoke.output().expect("the harness can be started");
    let (said, failed) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    // What failed comes first: of a long message only the beginning may be shown.
    assert!(done.status.success(), "{failed}\n{said}");
    let text = fs::read_to_string(results.path().join("smoke.json")).expect("the results");
    let json: Value = serde_json::from_str(&text).expect("the results are JSON");
    let rows = json["rows"].as_array().expect("rows");
    let ids: BTreeSet<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert!(ids.len() >= 30, "only {ids:?} ran");
    for row in rows {
        let runs = row["runs"]["ottla"].as_array().expect("runs of Ottla");
        assert!(!runs.is_empty(), "no run of {}", row["id"]);
        for run in runs {
            let figures = run["figures"].as_object().expect("figures");
            assert!(!figures.is_empty(), "no figures of {}", row["id"]);
            assert!(figures.values().all(|figure| figure.as_f64().is_some_and(f64::is_finite)), "{row}");
        }
        for target in row["targets"].as_array().expect("targets") {
            let of_itself = !target["target"].as_str().is_some_and(|text| text.contains('×'));
            assert!(!of_itself || target["value"].is_number(), "a target without its figure: {row}");
        }
    }
    let page = fs::read_to_string(results.path().join("smoke.md")).expect("the page");
    assert!(ids.iter().all(|id| page.contains(&format!("### {id}"))), "{page}");
}

#[test]
fn the_clients_run_beside_each_other() {
    let results = tempfile::tempdir().expect("a temporary directory");
    let mut smoke = bench();
    smoke.args(["--smoke", "client", "--results"]).arg(results.path());
    let java = has_java();
    if !java {
        smoke.arg("--no-kafka");
    }
    let done = smoke.output().expect("the harness can be started");
    let (said, failed) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{failed}\n{said}");
    let text = fs::read_to_string(results.path().join("client.json")).expect("the results");
    let json: Value = serde_json::from_str(&text).expect("the results are JSON");
    for workload in json["workloads"].as_array().filter(|all| all.len() >= 5).expect("workloads") {
        let ran = |rival: &str| workload["runs"][rival].as_array().is_some_and(|runs| !runs.is_empty());
        assert!(ran("native") && ran("librdkafka") && (ran("java") || !java), "{workload}");
        let targets = workload["targets"].as_array().expect("targets");
        assert!(targets.iter().any(|target| target["value"].is_number()), "{workload}");
    }
    let page = fs::read_to_string(results.path().join("client.md")).expect("the page");
    assert!(page.contains("client-latency-1k") && page.contains("p99_ms"), "{page}");
}

#[test]
fn a_row_that_comes_later_says_what_it_waits_for() {
    let done = bench().args(["--smoke", "failover"]).output().expect("the harness can be started");
    assert!(!done.status.success());
    assert!(String::from_utf8_lossy(&done.stderr).contains("needs a cluster"));
}

#[test]
fn memory_is_held_until_the_parent_is_gone() {
    let mut hold =
        bench().args(["--hold", "1"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a child");
    let mut line = String::new();
    BufReader::new(hold.stdout.take().expect("the output is piped")).read_line(&mut line).expect("a line");
    assert_eq!(line, "held\n");
    let status = fs::read_to_string(format!("/proc/{}/status", hold.id())).expect("it lives");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its resident memory");
    let kib: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    assert!(kib > 1 << 20, "{kib} KiB are resident");
    drop(hold.stdin.take());
    assert!(hold.wait().expect("a child can be waited for").success());
}
