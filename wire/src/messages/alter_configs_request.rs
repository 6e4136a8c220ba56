// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterConfigs request (key 33), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// AlterConfigs request (key 33), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterConfigs, versions = 0..=2, flexible = 2, response = crate::messages::alter_configs_response::AlterConfigsResponse)]
pub struct AlterConfigsRequest {
    /// Resources.
    pub resources: Vec<AlterConfigsResource>,
    /// Validate only.
    pub validate_only: bool,
}

/// Part of [`AlterConfigsRequest`]: alter configs resource.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterConfigsResource {
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Configs.
    pub configs: Vec<AlterableConfig>,
}

/// Part of [`AlterConfigsRequest`]: alterable config.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterableConfig {
    /// Name.
    pub name: Str,
    /// Value.
    #[field(nullable)]
    pub value: Option<Str>,
}
