//! A broker's settings that take effect while it runs, apart from those that stand behind a topic's.

use std::{collections::HashMap, net::IpAddr, str::FromStr};

use crate::Layers;

/// What is in force of a broker's own settings that may change at run time; the names are Kafka's with underscores.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each field is the setting of its name, described in tables/broker.tsv")]
pub struct DynamicBrokerConfig {
    pub log_cleaner_backoff_ms: u64,
    pub log_cleaner_dedupe_buffer_size: u64,
    pub log_cleaner_io_buffer_load_factor: f64,
    pub log_cleaner_io_buffer_size: u64,
    pub log_cleaner_io_max_bytes_per_second: f64,
    pub log_cleaner_threads: usize,
    pub max_connections: usize,
    pub max_connections_per_ip: usize,
    pub max_connections_per_ip_overrides: HashMap<IpAddr, usize>,
    pub max_connection_creation_rate: u32,
    pub producer_id_expiration_ms: i64,
    pub group_consumer_assignment_interval_ms: i32,
    pub transaction_partition_verification_enable: bool,
}

impl DynamicBrokerConfig {
    /// The settings read here.
    pub const NAMES: [&str; 13] = [
        "log.cleaner.backoff.ms",
        "log.cleaner.dedupe.buffer.size",
        "log.cleaner.io.buffer.load.factor",
        "log.cleaner.io.buffer.size",
        "log.cleaner.io.max.bytes.per.second",
        "log.cleaner.threads",
        "max.connections",
        "max.connections.per.ip",
        "max.connections.per.ip.overrides",
        "max.connection.creation.rate",
        "producer.id.expiration.ms",
        "group.consumer.assignment.interval.ms",
        "transaction.partition.verification.enable",
    ];

    /// What is in force on this broker.
    #[must_use]
    pub fn new(layers: &Layers<'_>) -> Self {
        let text = |name: &str| layers.broker_value(name).map(|(value, _)| value).unwrap_or_default();
        Self {
            log_cleaner_backoff_ms: number(&text("log.cleaner.backoff.ms")),
            log_cleaner_dedupe_buffer_size: number(&text("log.cleaner.dedupe.buffer.size")),
            log_cleaner_io_buffer_load_factor: number(&text("log.cleaner.io.buffer.load.factor")),
            log_cleaner_io_buffer_size: number(&text("log.cleaner.io.buffer.size")),
            log_cleaner_io_max_bytes_per_second: number(&text("log.cleaner.io.max.bytes.per.second")),
            log_cleaner_threads: number(&text("log.cleaner.threads")),
            max_connections: number(&text("max.connections")),
            max_connections_per_ip: number(&text("max.connections.per.ip")),
            // Checked when it was set.
            max_connections_per_ip_overrides: parse_per_ip(&text("max.connections.per.ip.overrides"))
                .unwrap_or_default(),
            max_connection_creation_rate: number(&text("max.connection.creation.rate")),
            producer_id_expiration_ms: number(&text("producer.id.expiration.ms")),
            group_consumer_assignment_interval_ms: number(&text("group.consumer.assignment.interval.ms")),
            transaction_partition_verification_enable: text("transaction.partition.verification.enable")
                .trim()
                .eq_ignore_ascii_case("true"),
        }
    }
}

/// Type and range have been checked against the table.
fn number<T: FromStr + Default>(text: &str) -> T {
    text.trim().parse().unwrap_or_default()
}

/// Reads `max.connections.per.ip.overrides`: `address:count` pairs separated by commas, an IPv6 address in brackets or
/// not. A host name stands for nothing here: looking it up is no business of a file that is read.
///
/// # Errors
/// Names the item that is no such pair.
pub(crate) fn parse_per_ip(text: &str) -> Result<HashMap<IpAddr, usize>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let one = |item: &str| {
        let (address, count) = item.rsplit_once(':')?;
        let address = address.trim().trim_start_matches('[').trim_end_matches(']');
        let address = if address.eq_ignore_ascii_case("localhost") { "127.0.0.1" } else { address };
        Some((address.parse::<IpAddr>().ok()?.to_canonical(), count.trim().parse::<u32>().ok()? as usize))
    };
    let pair = |item: &str| {
        one(item).ok_or_else(|| {
            format!(
                "Invalid value {text} for configuration max.connections.per.ip.overrides: `{item}` is not of the form \
                 address:count"
            )
        })
    };
    items.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_addresses_with_counts() {
        let parsed = parse_per_ip("127.0.0.1:200, ::1:3,[fe80::1]:4").unwrap();
        let of = |address: &str| parsed.get(&address.parse::<IpAddr>().unwrap()).copied();
        assert_eq!((of("127.0.0.1"), of("::1"), of("fe80::1")), (Some(200), Some(3), Some(4)));
        assert!(parse_per_ip("").unwrap().is_empty());
        for wrong in ["127.0.0.1:x", "127.0.0.1", "127.0.0.1:-1", ":5", "1.2.3.4:5,nowhere"] {
            assert!(parse_per_ip(wrong).unwrap_err().contains("max.connections.per.ip.overrides"), "{wrong}");
        }
    }
}
