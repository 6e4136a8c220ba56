//! Every client we promise to serve, with the number of its cases.

use ottla_conformance::{languages, run};

#[test]
fn confluent_kafka_python() {
    run("confluent-kafka", 17, &mut languages::python("confluent_suite.py", "requirements.txt"));
}

#[test]
fn kafka_python() {
    run("kafka-python", 11, &mut languages::python("kafka_python_suite.py", "requirements.txt"));
}

#[test]
fn kafka_python_2_0_2() {
    run("kafka-python 2.0.2", 11, &mut languages::python("kafka_python_suite.py", "requirements-old.txt"));
}

#[test]
fn aiokafka() {
    run("aiokafka", 8, &mut languages::python("aiokafka_suite.py", "requirements.txt"));
}

#[test]
fn kcat() {
    ottla_testkit::tool("kcat", "kcat");
    run("kcat", 14, &mut languages::python("kcat_suite.py", "requirements.txt"));
}
