//! The checker of consume-transform-produce, on histories made by hand.

use std::collections::BTreeSet;

use ottla_checker::{Fault, check_transform};

/// Two transactions over two partitions: 1 and 2 in one, 3 in another; 9 was aborted by its writer, 4 is unknown.
const GOOD: &str = r#"
{"e":"sent","v":1,"acked":true}
{"e":"sent","v":2,"acked":true}
{"e":"sent","v":3,"acked":true}
{"e":"sent","v":4,"acked":false}
{"e":"read","by":"final","k":"out-0","o":0,"v":1,"txn":"a","i":0,"n":2,"abort":false}
{"e":"read","by":"final","k":"out-1","o":0,"v":2,"txn":"a","i":1,"n":2,"abort":false}
{"e":"read","by":"final","k":"out-0","o":2,"v":3,"txn":"b","i":0,"n":1,"abort":false}
{"e":"read","by":"watch","k":"out-0","o":0,"v":1,"txn":"a","i":0,"n":2,"abort":false}
"#;

fn found(text: &str) -> BTreeSet<&'static str> {
    let report = check_transform([text]).expect("a history");
    report.faults.iter().map(|(fault, _)| fault.name()).collect()
}

fn with(line: &str) -> BTreeSet<&'static str> {
    found(&format!("{GOOD}{line}\n"))
}

fn without(part: &str) -> BTreeSet<&'static str> {
    found(&GOOD.lines().filter(|line| !line.contains(part)).collect::<Vec<_>>().join("\n"))
}

#[test]
fn nothing_is_wrong_with_a_good_history() {
    let report = check_transform([GOOD]).expect("a history");
    assert_eq!(report.faults, []);
    assert_eq!((report.acknowledged, report.unknown, report.outputs), (3, 1, 3));
    assert_eq!((report.transactions, report.read_meanwhile), (2, 1));
    // An unknown input may have come through, once.
    let late = r#"{"e":"read","by":"final","k":"out-1","o":2,"v":4,"txn":"c","i":0,"n":1,"abort":false}"#;
    assert_eq!(with(late), BTreeSet::new());
}

#[test]
fn every_fault_is_found() {
    let read = |by: &str, o: i64, v: i64, txn: &str, n: u32, abort: bool| {
        with(&format!(
            r#"{{"e":"read","by":"{by}","k":"out-1","o":{o},"v":{v},"txn":"{txn}","i":0,"n":{n},"abort":{abort}}}"#
        ))
    };
    let cases = [
        (without("\"txn\":\"b\""), vec![Fault::Lost]),
        (read("final", 2, 3, "d", 1, false), vec![Fault::Doubled]),
        (read("final", 2, 7, "d", 1, false), vec![Fault::Invented]),
        (read("final", 2, 4, "d", 1, true), vec![Fault::Aborted]),
        (read("watch", 5, 9, "d", 1, true), vec![Fault::Aborted, Fault::Vanished]),
        (read("final", 2, 4, "d", 2, false), vec![Fault::Torn]),
        (without("\"v\":2,\"txn\""), vec![Fault::Lost, Fault::Torn]),
        (read("watch", 5, 3, "b", 1, false), vec![Fault::Vanished]),
        (read("watch", 0, 3, "b", 1, false), vec![Fault::Changed]),
    ];
    let mut seen = BTreeSet::new();
    for (at, (found, expected)) in cases.into_iter().enumerate() {
        assert_eq!(found, expected.iter().map(|fault| fault.name()).collect(), "case {at}");
        seen.extend(found);
    }
    assert_eq!(seen, Fault::ALL.into_iter().map(Fault::name).collect());
}

#[test]
fn a_line_that_is_none_of_ours_is_refused_with_its_number() {
    let error = check_transform(["\n{\"e\":\"sent\",\"v\":1}"]).expect_err("not acked or not");
    assert!(error.to_string().contains('2'), "{error}");
}
