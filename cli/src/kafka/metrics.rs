//! `--print-metrics` of the tools that measure: those of Kafka's metrics that this client counts, under Kafka's names and laid
//! out as Kafka's tools do it. What it does not count, as rates over windows of time, is left out: nothing is made up.

use ottla_client::Traffic;

use super::decimal::fixed;
use crate::verbs::say::say;

/// Metrics of one client, by name and tags.
#[derive(Debug)]
pub(super) struct Metrics {
    client_id: String,
    /// As they are printed, with the value.
    all: Vec<(String, f64)>,
}

impl Metrics {
    pub(super) fn new(client_id: &str) -> Self {
        Self { client_id: client_id.to_owned(), all: Vec::new() }
    }

    /// `tags` behind that of the client.
    pub(super) fn add(&mut self, group: &str, name: &str, tags: &[(&str, &str)], value: f64) {
        let tags: String = tags.iter().map(|(tag, value)| format!(", {tag}={value}")).collect();
        self.all.push((format!("{group}:{name}:{{client-id={}{tags}}}", self.client_id), value));
    }

    /// A number of things.
    pub(super) fn count(&mut self, group: &str, name: &str, tags: &[(&str, &str)], count: u64) {
        self.add(group, name, tags, double(count));
    }

    /// What went over the connections.
    pub(super) fn add_traffic(&mut self, group: &str, traffic: &Traffic) {
        let Traffic { connections, requests, bytes_out, largest_request, responses, bytes_in } = *traffic;
        self.count(group, "connection-creation-total", &[], connections);
        self.count(group, "incoming-byte-total", &[], bytes_in);
        self.count(group, "network-io-total", &[], requests + responses);
        self.count(group, "outgoing-byte-total", &[], bytes_out);
        self.add(group, "request-size-avg", &[], double(bytes_out) / double(requests));
        self.count(group, "request-size-max", &[], largest_request);
        self.count(group, "request-total", &[], requests);
        self.count(group, "response-total", &[], responses);
    }

    pub(super) fn print(self) {
        self.lines().iter().for_each(|line| say!("{line}"));
    }

    /// By name, the values under each other.
    fn lines(mut self) -> Vec<String> {
        self.all.sort_by(|(a, _), (b, _)| a.cmp(b));
        let width = self.all.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let head = [String::new(), format!("{:<width$}   Value", "Metric Name")];
        let line = |(name, value): &(String, f64)| format!("{name:<width$} : {}", fixed(*value, 3));
        head.into_iter().chain(self.all.iter().map(line)).collect()
    }
}

#[allow(clippy::cast_precision_loss, reason = "as Java's (double)")]
const fn double(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_laid_out_as_kafkas_tools_do_it() {
        let mut metrics = Metrics::new("perf-producer-client");
        metrics.count("producer-topic-metrics", "record-send-total", &[("topic", "t")], 1000);
        metrics.add("producer-metrics", "request-size-avg", &[], 9228.5);
        let lines = [
            "",
            "Metric Name                                                                           Value",
            "producer-metrics:request-size-avg:{client-id=perf-producer-client}                  : 9228.500",
            "producer-topic-metrics:record-send-total:{client-id=perf-producer-client, topic=t} : 1000.000",
        ];
        let printed = metrics.lines();
        assert_eq!(printed.len(), 4);
        for (line, expected) in printed.iter().zip(lines) {
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(line), words(expected));
        }
        // The values stand under each other, and the head of theirs above.
        let at = |line: &String| line.rfind(" : ").expect("a value") + 3;
        assert_eq!(at(&printed[2]), at(&printed[3]));
        assert_eq!(printed[1].find("Value"), Some(at(&printed[3])));
    }

    #[test]
    fn traffic_is_what_was_counted() {
        let traffic = Traffic {
            connections: 2,
            requests: 4,
            bytes_out: 100,
            largest_request: 70,
            responses: 3,
            bytes_in: 60,
        };
        let mut metrics = Metrics::new("c");
        metrics.add_traffic("g", &traffic);
        let value = |name: &str| {
            let name = format!("g:{name}:{{client-id=c}}");
            metrics.all.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
        };
        assert_eq!(value("request-size-avg"), Some(25.0));
        assert_eq!(value("network-io-total"), Some(7.0));
        assert_eq!(value("outgoing-byte-total"), Some(100.0));
        assert_eq!(value("incoming-byte-total"), Some(60.0));
        assert_eq!(value("request-size-max"), Some(70.0));
    }
}
