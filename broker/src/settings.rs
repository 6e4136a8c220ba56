//! Settings in force: the broker's file under what was changed at run time.

use std::sync::Arc;

use ottla_config::{Layers, Scope, Settings, TopicConfig, alter};
use ottla_log::LogConfig;
use ottla_metadata::{ConfigResource, ConfigRules, Image, Refusal, resource_type};
use ottla_types::ErrorCode;

use crate::broker::Broker;

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
    pub(crate) fn of(broker: &Broker, image: &Image) -> Self {
        Self {
            broker: set_on(image, &ConfigResource::broker(broker.node_id())),
            cluster: set_on(image, &ConfigResource::broker_default()),
            file: broker.config.file.clone(),
        }
    }

    pub(crate) fn view(&self) -> Layers<'_> {
        Layers { broker: &self.broker, cluster: &self.cluster, file: &self.file }
    }

    /// A topic's settings in force.
    pub(crate) fn topic(&self, image: &Image, topic: &str) -> Arc<TopicConfig> {
        Arc::new(TopicConfig::new(&self.view(), &set_on(image, &ConfigResource::topic(topic))))
    }
}

/// What a log needs to know of its topic's settings.
pub(crate) fn log_config(topic: &TopicConfig, producer_id_expiration_ms: i64) -> LogConfig {
    let size = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
    LogConfig {
        segment_bytes: size(topic.segment_bytes),
        segment_ms: topic.segment_ms,
        segment_jitter_ms: 0,
        segment_index_bytes: size(topic.segment_index_bytes),
        index_interval_bytes: size(topic.index_interval_bytes),
        retention_ms: topic.retention_ms,
        retention_bytes: topic.retention_bytes,
        delete: topic.cleanup_policy.delete,
        file_delete_delay_ms: topic.file_delete_delay_ms,
        producer_id_expiration_ms,
    }
}

/// What the controller asks about settings.
pub(crate) struct Rules;

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
        let Some(scope) = scope_of(resource.kind) else {
            return Err(Refusal::new(
                ErrorCode::INVALID_REQUEST,
                format!("Unexpected resource type {}", resource.kind),
            ));
        };
        let after: Settings = after.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        alter::check(scope, &after, changed).map_err(|error| match error {
            alter::AlterError::InvalidConfig(text) => Refusal::new(ErrorCode::INVALID_CONFIG, text),
            alter::AlterError::InvalidRequest(text) => Refusal::new(ErrorCode::INVALID_REQUEST, text),
        })
    }

    fn is_list(&self, kind: i8, key: &str) -> bool {
        scope_of(kind).is_some_and(|scope| alter::is_list(scope, key))
    }

    fn default_list(&self, kind: i8, key: &str) -> Option<String> {
        alter::default_list(scope_of(kind)?, key)
    }
}
