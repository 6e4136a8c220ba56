//! Every client we promise to serve, with the number of its cases.

use ottla_conformance::{languages, run};

#[test]
fn confluent_kafka_python() {
    run("confluent-kafka", 22, &mut languages::python("confluent_suite.py", "requirements.txt"));
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

#[test]
fn kafkajs() {
    run("kafkajs", 27, &mut languages::node("kafkajs_suite.js"));
}

#[test]
fn franz_go() {
    run("franz-go", 51, &mut languages::go("franz"));
}

#[test]
fn sarama() {
    run("sarama", 70, &mut languages::go("sarama"));
}

#[test]
fn rust_rdkafka() {
    run("rust-rdkafka", 24, &mut languages::rust());
}

#[test]
fn kafka_clients() {
    run("kafka-clients", 14, &mut languages::java("ClientsSuite"));
}

#[test]
fn kafka_clients_groups() {
    run("kafka-clients groups", 6, &mut languages::java("GroupsSuite"));
}

#[test]
fn kafka_clients_admin() {
    run("kafka-clients admin", 8, &mut languages::java("AdminSuite"));
}

#[test]
fn kafka_clients_transactions() {
    run("kafka-clients transactions", 12, &mut languages::java("TransactionsSuite"));
}

#[test]
fn kafka_clients_2_8_transactions() {
    let mut suite = languages::java_with_clients("2.8.2", "OldTransactionsSuite");
    run("kafka-clients 2.8.2 transactions", 5, &mut suite);
}

#[test]
fn kafka_clients_3_6_transactions() {
    let mut suite = languages::java_with_clients("3.6.2", "OldTransactionsSuite");
    run("kafka-clients 3.6.2 transactions", 5, &mut suite);
}

#[test]
fn kafka_tools() {
    run("kafka tools", 9, &mut languages::java("ToolsSuite"));
}

#[test]
fn kafka_streams() {
    run("kafka streams", 2, &mut languages::java("StreamsSuite"));
}

#[test]
fn kafka_connect() {
    run("kafka connect", 2, &mut languages::java("ConnectSuite"));
}
