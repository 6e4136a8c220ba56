// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeConfigs request (key 32), versions 0–4.

use crate::Message;
use ottla_types::Str;

/// DescribeConfigs request (key 32), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeConfigs, versions = 0..=4, flexible = 4, response = crate::messages::describe_configs_response::DescribeConfigsResponse)]
pub struct DescribeConfigsRequest {
    /// Resources.
    pub resources: Vec<DescribeConfigsResource>,
    /// Include synonyms; since version 1.
    #[field(versions = 1..)]
    pub include_synonyms: bool,
    /// Include documentation; since version 3.
    #[field(versions = 3..)]
    pub include_documentation: bool,
}

/// Part of [`DescribeConfigsRequest`]: describe configs resource.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeConfigsResource {
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
    /// Configuration keys.
    #[field(nullable)]
    pub configuration_keys: Option<Vec<Str>>,
}
