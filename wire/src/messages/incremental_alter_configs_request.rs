// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! IncrementalAlterConfigs request (key 44), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// IncrementalAlterConfigs request (key 44), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = IncrementalAlterConfigs, versions = 0..=1, flexible = 1, response = crate::messages::incremental_alter_configs_response::IncrementalAlterConfigsResponse)]
pub struct IncrementalAlterConfigsRequest {
    /// Resources.
    pub resources: Vec<AlterConfigsResource>,
    /// Validate only.
    pub validate_only: bool,
}

/// Part of [`IncrementalAlterConfigsRequest`]: alter configs resource.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterConfigsResource {
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Configs.
    pub configs: Vec<AlterableConfig>,
}

/// Part of [`IncrementalAlterConfigsRequest`]: alterable config.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterableConfig {
    /// Name.
    pub name: Str,
    /// Config operation.
    pub config_operation: i8,
    /// Value.
    #[field(nullable)]
    pub value: Option<Str>,
}
