//! A controller for tests: takes every setting, `cleanup.policy` being a list.

use ottla_metadata::{ConfigResource, ConfigRules, Options, Refusal, Settings};
use ottla_wire::MetadataRecord;

pub(crate) struct AnyConfig;

impl ConfigRules for AnyConfig {
    fn check(&self, _: &ConfigResource, _: &Settings, _: &[&str]) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_list(&self, _: i8, key: &str) -> bool {
        key == "cleanup.policy"
    }

    fn default_list(&self, _: i8, _: &str) -> Option<String> {
        Some("delete".into())
    }
}

/// Node 1, whose log begins with `bootstrap`.
pub(crate) fn options(bootstrap: Vec<MetadataRecord>) -> Options {
    Options {
        default_partitions: 1,
        default_replication_factor: 1,
        default_min_in_sync_replicas: 1,
        max_partitions: usize::MAX,
        delete_topic_enable: true,
        node_id: 1,
        local_broker: Some(1),
        bootstrap,
        rules: Box::new(AnyConfig),
    }
}
