use crate::{Layers, Scope, Settings};

/// A group's settings in force. Classic groups read none of them; the newer protocols do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is the setting of its name, described in tables/group.tsv")]
pub struct GroupConfig {
    pub consumer_heartbeat_interval_ms: i64,
    pub consumer_session_timeout_ms: i64,
}

impl GroupConfig {
    /// What is in force for a group with these settings of its own.
    #[must_use]
    pub fn new(layers: &Layers<'_>, own: &Settings) -> Self {
        let number = |name: &str| {
            layers.value(Scope::Group, name, own).and_then(|value| value.parse().ok()).unwrap_or_default()
        };
        Self {
            consumer_heartbeat_interval_ms: number("consumer.heartbeat.interval.ms"),
            consumer_session_timeout_ms: number("consumer.session.timeout.ms"),
        }
    }
}
