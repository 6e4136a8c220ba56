//! Kafka's own measuring tools. They find their figures in what the tools print.

use std::{net::SocketAddr, process::Command};

use super::output;
use crate::Result;

/// What `ProducerPerformance` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Produced {
    pub(crate) records: f64,
    pub(crate) records_per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
}

/// Sends records of random letters with `ProducerPerformance`, as fast as it goes.
pub(crate) fn produce(address: SocketAddr, topic: &str, count: u64, size: usize) -> Result<Produced> {
    let mut tool = tool("ProducerPerformance");
    tool.args(["--bootstrap-server", &address.to_string(), "--topic", topic, "--throughput", "-1"]);
    tool.args(["--num-records", &count.to_string(), "--record-size", &size.to_string()]);
    tool.args([
        "--command-property",
        "acks=1",
        "enable.idempotence=false",
        "linger.ms=5",
        "batch.size=262144",
    ]);
    produced(&output(tool)?)
}

/// What `java/Transactions.java` says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Committed {
    pub(crate) transactions: f64,
    pub(crate) seconds: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
}

/// How producers commit with Kafka's client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committing {
    pub(crate) producers: usize,
    pub(crate) records: usize,
    pub(crate) size: usize,
    /// Seconds that do not count, and those that do.
    pub(crate) warm_up: f64,
    pub(crate) measured: f64,
    /// Transactions a second of each producer; 0 for as many as go.
    pub(crate) rate: f64,
}

/// Producers that commit one transaction after the other; the time of a commit counts without that of its records.
pub(crate) fn transactions(address: SocketAddr, topic: &str, how: Committing) -> Result<Committed> {
    let mut java = program("Transactions.java");
    java.args([address.to_string(), topic.to_owned(), how.producers.to_string(), how.records.to_string()]);
    java.args([how.size.to_string(), how.warm_up.to_string(), how.measured.to_string()]);
    java.arg(how.rate.to_string());
    committed(&output(java)?)
}

/// Reads records with `ConsumerPerformance`; how many it read, and how many a second.
pub(crate) fn consume(address: SocketAddr, topic: &str, count: u64) -> Result<(f64, f64)> {
    let mut tool = tool("ConsumerPerformance");
    tool.args(["--bootstrap-server", &address.to_string(), "--topic", topic, "--timeout", "60000"]);
    tool.args(["--num-records", &count.to_string(), "--hide-header"]);
    consumed(&output(tool)?)
}

/// Sends records one at a time and waits for each to come back: median, 99th and 99.9th percentile in milliseconds.
pub(crate) fn end_to_end(address: SocketAddr, topic: &str, count: u64, size: usize) -> Result<[f64; 3]> {
    let mut tool = tool("EndToEndLatency");
    tool.args([&address.to_string(), topic, &count.to_string(), "1", &size.to_string()]);
    percentiles(&output(tool)?)
}

fn tool(class: &str) -> Command {
    let mut java = virtual_machine();
    java.arg(format!("org.apache.kafka.tools.{class}"));
    java
}

/// A program of ours on Kafka's client, from its source.
pub(crate) fn program(file: &str) -> Command {
    let mut java = virtual_machine();
    java.arg(ottla_testkit::workspace().join("bench/java").join(file));
    java
}

fn virtual_machine() -> Command {
    let mut java = Command::new("java");
    java.args(["-Xms512m", "-Xmx512m", "-Dorg.apache.logging.log4j.level=OFF", "-cp"]);
    java.arg(ottla_testkit::kafka_jars().join("*"));
    java
}

/// `N records sent, R records/sec (…), A ms avg latency, …, P ms 50th, P ms 95th, P ms 99th, P ms 99.9th.`
fn produced(said: &str) -> Result<Produced> {
    let line = said.lines().rfind(|line| line.contains("99.9th")).ok_or(format!("no summary in: {said}"))?;
    let before = |unit: &str| {
        let part =
            line.split(", ").find(|part| part.trim_end_matches('.').ends_with(unit) || part.contains(unit));
        let number = part.and_then(|part| part.split_whitespace().next());
        number.and_then(|number| number.parse::<f64>().ok()).ok_or(format!("no `{unit}` in: {line}"))
    };
    Ok(Produced {
        records: before("records sent")?,
        records_per_s: before("records/sec")?,
        p50_ms: before("ms 50th")?,
        p99_ms: before("ms 99th")?,
        p999_ms: before("ms 99.9th")?,
    })
}

/// `transactions N seconds p50 p99 p99.9`.
fn committed(said: &str) -> Result<Committed> {
    let line = said.lines().find_map(|line| line.strip_prefix("transactions "));
    let line = line.ok_or(format!("no summary in: {said}"))?;
    let numbers: Vec<f64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
    let [transactions, seconds, p50_ms, p99_ms, p999_ms] = numbers[..] else {
        return Err(format!("not five numbers: {line}").into());
    };
    Ok(Committed { transactions, seconds, p50_ms, p99_ms, p999_ms })
}

/// `start, end, MB, MB/s, records, records/s, …`.
fn consumed(said: &str) -> Result<(f64, f64)> {
    let line =
        said.lines().rfind(|line| line.split(", ").count() >= 6).ok_or(format!("no figures in: {said}"))?;
    let fields: Vec<&str> = line.split(", ").map(str::trim).collect();
    Ok((fields[4].parse()?, fields[5].parse()?))
}

/// `Percentiles: 50th = 0.5, 99th = 1.2, 99.9th = 3.4`.
fn percentiles(said: &str) -> Result<[f64; 3]> {
    let line = said
        .lines()
        .find(|line| line.starts_with("Percentiles"))
        .ok_or(format!("no percentiles in: {said}"))?;
    let numbers: Vec<f64> = line.split(['=', ',']).filter_map(|part| part.trim().parse().ok()).collect();
    Ok(numbers.try_into().map_err(|_| format!("not three percentiles: {line}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tools_lines_are_understood() {
        let line = "5000 records sent, 12345.7 records/sec (1.18 MB/sec), 3.20 ms avg latency, 200.00 ms max latency, \
                    2 ms 50th, 7 ms 95th, 20 ms 99th, 31 ms 99.9th.\n";
        let expected =
            Produced { records: 5000.0, records_per_s: 12345.7, p50_ms: 2.0, p99_ms: 20.0, p999_ms: 31.0 };
        assert_eq!(produced(line).expect("a summary"), expected);
        let line = "2026-11-25 10:00:00:000, 2026-11-25 10:00:01:000, 4.8, 4.9, 5000, 5100.5, 300, 700, 6.8, 7142.8\n";
        assert_eq!(consumed(line).expect("figures"), (5000.0, 5100.5));
        let line = "Avg latency: 0.7 ms\nPercentiles: 50th = 0.5, 99th = 1.25, 99.9th = 3\n";
        assert_eq!(percentiles(line).expect("percentiles"), [0.5, 1.25, 3.0]);
        let expected =
            Committed { transactions: 812.0, seconds: 4.0, p50_ms: 1.5, p99_ms: 3.25, p999_ms: 7.0 };
        let line = "transactions 812 4.000000 1.500000 3.250000 7.000000\n";
        assert_eq!(committed(line).expect("a summary"), expected);
        assert!(
            produced("nothing").is_err() && consumed("nothing").is_err() && percentiles("nothing").is_err()
        );
    }
}
