//! Every recorded request, answered by Ottla as by Apache Kafka 4.3.1.

use ottla_answers::{cases, golden, server::Server};

#[test]
fn answers_are_those_of_apache_kafka() {
    let cases = cases::all();
    let ottla = Server::ottla().expect("Ottla starts");
    let mut wrong = Vec::new();
    for case in &cases {
        match golden::transcript(ottla.address(), case) {
            Ok(text) => {
                if let Some(difference) = golden::compare(case, &text).expect("the recordings can be read") {
                    wrong.push(format!("{}:\n{difference}", case.path()));
                }
            }
            Err(error) => wrong.push(error.to_string()),
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn every_difference_has_a_reason() {
    let wrong = golden::check_list(&cases::all()).expect("the recordings can be read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
