//! Settings in force: the broker's file under what was changed at run time.

use std::{collections::BTreeMap, sync::Arc};

use ottla_config::{BrokerConfig, DynamicBrokerConfig, Kind, Layers, Scope, Settings, TopicConfig, alter};
use ottla_coordinator::group::GroupOverrides;
use ottla_log::LogConfig;
use ottla_metadata::{ConfigResource, ConfigRules, Image, Refusal, resource_type};
use ottla_net::ConnectionLimits;
use ottla_types::{ErrorCode, Str};

/// What was set on a resource at run time.
pub(crate) fn set_on(image: &Image, resource: &ConfigResource) -> Settings {
    image.configs.get(resource).iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

/// The layers of a broker's settings, owned.
pub(crate) struct OwnedLayers {
    broker: Settings,
    cluster: Settings,
    file: Settings,
}

impl OwnedLayers {
    pub(crate) fn read(config: &BrokerConfig, image: &Image) -> Self {
        Self {
            broker: set_on(image, &ConfigResource::broker(config.node_id)),
            cluster: set_on(image, &ConfigResource::broker_default()),
            file: config.file.clone(),
        }
    }

    pub(crate) fn view(&self) -> Layers<'_> {
        Layers { broker: &self.broker, cluster: &self.cluster, file: &self.file }
    }

    /// A topic's settings in force.
    pub(crate) fn topic(&self, image: &Image, topic: &str) -> Arc<TopicConfig> {
        Arc::new(TopicConfig::new(&self.view(), &set_on(image, &ConfigResource::topic(topic))))
    }

    /// What groups have set of their own.
    pub(crate) fn groups(&self, image: &Image) -> BTreeMap<Str, GroupOverrides> {
        let groups = image.configs.iter().filter(|(at, _)| at.kind == resource_type::GROUP);
        let overrides = groups.map(|(at, settings)| {
            // Type and range have been checked when it was set.
            let number = |name: &str| settings.get(name).and_then(|value| value.trim().parse().ok());
            let overrides = GroupOverrides {
                session_timeout_ms: number("consumer.session.timeout.ms"),
                heartbeat_interval_ms: number("consumer.heartbeat.interval.ms"),
                assignment_interval_ms: number("consumer.assignment.interval.ms"),
            };
            (at.name.clone(), overrides)
        });
        overrides.collect()
    }
}

/// What is in force where nothing has been changed at run time yet.
pub(crate) fn dynamic_config_of_file(file: &Settings) -> DynamicBrokerConfig {
    let nothing = Settings::new();
    DynamicBrokerConfig::new(&Layers { broker: &nothing, cluster: &nothing, file })
}

/// What the network layer needs to know of a broker's settings at run time.
pub(crate) fn connection_limits(config: &DynamicBrokerConfig) -> ConnectionLimits {
    ConnectionLimits {
        max: config.max_connections,
        per_ip: config.max_connections_per_ip,
        per_ip_overrides: config.max_connections_per_ip_overrides.clone(),
        creation_rate: config.max_connection_creation_rate,
    }
}

/// What a log needs to know of its topic's settings.
pub(crate) fn log_config(topic: &TopicConfig, producer_id_expiration_ms: i64) -> LogConfig {
    let size = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
    LogConfig {
        segment_bytes: size(topic.segment_bytes),
        segment_ms: topic.segment_ms,
        segment_jitter_ms: topic.segment_jitter_ms,
        segment_index_bytes: size(topic.segment_index_bytes),
        index_interval_bytes: size(topic.index_interval_bytes),
        retention_ms: topic.retention_ms,
        retention_bytes: topic.retention_bytes,
        delete: topic.cleanup_policy.delete,
        compact: topic.cleanup_policy.compact,
        delete_retention_ms: topic.delete_retention_ms,
        min_compaction_lag_ms: topic.min_compaction_lag_ms,
        max_compaction_lag_ms: topic.max_compaction_lag_ms,
        file_delete_delay_ms: topic.file_delete_delay_ms,
        synced: topic.flush_messages <= 1,
        producer_id_expiration_ms,
    }
}

/// What the controller asks about settings.
pub(crate) struct Rules {
    /// The broker's file, for the bounds it sets.
    pub(crate) file: Settings,
}

/// Settings of a client-metrics subscription (KIP-714), with their defaults.
pub(crate) const CLIENT_METRICS: [(&str, &str, Kind); 3] =
    [("interval.ms", "300000", Kind::Int), ("match", "", Kind::List), ("metrics", "", Kind::List)];

/// What a subscription may match clients by.
const MATCHES: [&str; 6] = [
    "client_instance_id",
    "client_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

fn scope_of(kind: i8) -> Option<Scope> {
    match kind {
        resource_type::TOPIC => Some(Scope::Topic),
        resource_type::BROKER => Some(Scope::Broker),
        resource_type::GROUP => Some(Scope::Group),
        _ => None,
    }
}

impl ConfigRules for Rules {
    fn check(
        &self,
        resource: &ConfigResource,
        after: &ottla_metadata::Settings,
        changed: &[&str],
    ) -> Result<(), Refusal> {
        let after: Settings = after.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        if resource.kind == resource_type::CLIENT_METRICS {
            return check_client_metrics(&after, changed);
        }
        let Some(scope) = scope_of(resource.kind) else {
            let text = format!("Unknown resource type {}", resource.kind);
            return Err(Refusal::new(ErrorCode::INVALID_REQUEST, text));
        };
        let nothing = Settings::new();
        let layers = Layers { broker: &nothing, cluster: &nothing, file: &self.file };
        let checked = alter::check(scope, &after, changed).and_then(|()| match scope {
            Scope::Group => alter::check_group_bounds(&layers, &after, changed),
            Scope::Broker if resource.name.is_empty() => alter::check_cluster_default(&after, changed),
            _ => Ok(()),
        });
        checked.map_err(|error| match error {
            alter::AlterError::InvalidConfig(text) => Refusal::new(ErrorCode::INVALID_CONFIG, text),
            alter::AlterError::InvalidRequest(text) => Refusal::new(ErrorCode::INVALID_REQUEST, text),
        })
    }

    fn is_list(&self, kind: i8, key: &str) -> bool {
        match scope_of(kind) {
            Some(scope) => alter::is_list(scope, key),
            // Kafka's controller knows no types of client metrics, and refuses APPEND and SUBTRACT for all of them.
            None => false,
        }
    }

    fn default_list(&self, kind: i8, key: &str) -> Option<String> {
        alter::default_list(scope_of(kind)?, key)
    }
}

fn check_client_metrics(after: &Settings, changed: &[&str]) -> Result<(), Refusal> {
    let known = |name: &str| CLIENT_METRICS.iter().any(|(known, ..)| *known == name);
    let mut set = changed.iter().filter(|name| after.contains_key(**name));
    if let Some(unknown) = set.find(|name| !known(name)) {
        let text = format!("Unknown client metrics configuration: {unknown}");
        return Err(Refusal::new(ErrorCode::INVALID_REQUEST, text));
    }
    if let Some(value) = after.get("interval.ms") {
        let Ok(interval) = value.trim().parse::<i32>() else {
            let text =
                format!("Invalid value {value} for configuration interval.ms: Not a number of type INT");
            return Err(Refusal::new(ErrorCode::INVALID_CONFIG, text));
        };
        if !(100..=3_600_000).contains(&interval) {
            let text = format!(
                "Invalid value {value} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
            );
            return Err(Refusal::new(ErrorCode::INVALID_REQUEST, text));
        }
    }
    let patterns = after.get("match").map_or("", |value| value).split(',').map(str::trim);
    let legal = |pattern: &str| {
        pattern
            .split_once('=')
            .is_some_and(|(by, regex)| MATCHES.contains(&by.trim()) && !regex.trim().is_empty())
    };
    match patterns.filter(|pattern| !pattern.is_empty()).find(|pattern| !legal(pattern)) {
        Some(pattern) => {
            let text = format!("Illegal client matching pattern: {pattern}");
            Err(Refusal::new(ErrorCode::INVALID_CONFIG, text))
        }
        None => Ok(()),
    }
}
