//! The checker on histories made by hand: each bad one shows exactly the anomalies that its first line expects, each
//! good one shows none though it looks bad.

use std::{collections::BTreeSet, fs, path::Path};

use ottla_checker::{Anomaly, History, check};

/// Name, text and expectation of every history in a folder.
fn histories(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let files =
        fs::read_dir(&folder).expect("the folder of histories").map(|entry| entry.expect("a file").path());
    files.map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a history"))).collect()
}

fn found(name: &str, text: &str) -> BTreeSet<&'static str> {
    let history = History::parse([text]).unwrap_or_else(|error| panic!("{name}: {error}"));
    check(&history).findings.iter().map(|finding| finding.anomaly.name()).collect()
}

#[test]
fn bad_histories_are_reported_for_what_is_bad_about_them() {
    for (name, text) in histories("bad") {
        let expected = text.lines().next().and_then(|line| line.strip_prefix("# expect: "));
        let expected = expected.unwrap_or_else(|| panic!("{name} does not say what is expected"));
        let expected: BTreeSet<_> = expected.split_whitespace().collect();
        assert_eq!(found(&name, &text), expected, "{name}");
    }
}

#[test]
fn every_anomaly_has_a_bad_history_of_its_own() {
    let covered: BTreeSet<_> = histories("bad").iter().flat_map(|(name, text)| found(name, text)).collect();
    let all: BTreeSet<_> = Anomaly::ALL.into_iter().map(Anomaly::name).collect();
    assert_eq!(covered, all);
    for anomaly in all {
        let file = format!("/{anomaly}.jsonl");
        assert!(histories("bad").iter().any(|(name, _)| name.ends_with(&file)), "no bad{file}");
    }
}

#[test]
fn good_histories_that_look_bad_are_not_reported() {
    let good = histories("good");
    assert!(!good.is_empty());
    for (name, text) in good {
        assert_eq!(found(&name, &text), BTreeSet::new(), "{name}");
    }
}

#[test]
fn a_line_that_is_none_of_ours_is_refused_with_its_number() {
    for (bad, why) in [
        ("{\"t\":1,\"p\":1,\"e\":\"ok\",\"id\":4}", "nobody began"),
        ("{\"t\":1,\"p\":1,\"e\":\"invoke\"}", "needs an id"),
        ("{\"t\":1,\"p\":1,\"e\":\"ok\"}", "needs its start"),
        ("{\"t\":1,\"p\":1,\"e\":\"odd\"}", "unknown variant"),
        ("{\"t\":1,\"p\":1,\"e\":\"open\",\"x\":1}", "unknown field"),
        ("not JSON", "expected"),
    ] {
        let error = History::parse([format!("# a comment\n{bad}").as_str()]).unwrap_err().to_string();
        assert!(error.starts_with("line 2: ") && error.contains(why), "{error}");
    }
}
