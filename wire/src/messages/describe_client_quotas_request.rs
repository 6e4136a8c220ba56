// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeClientQuotas request (key 48), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// DescribeClientQuotas request (key 48), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeClientQuotas, versions = 0..=1, flexible = 1, response = crate::messages::describe_client_quotas_response::DescribeClientQuotasResponse)]
pub struct DescribeClientQuotasRequest {
    /// Components.
    pub components: Vec<ComponentData>,
    /// Strict.
    pub strict: bool,
}

/// Part of [`DescribeClientQuotasRequest`]: component data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ComponentData {
    /// Entity type.
    pub entity_type: Str,
    /// Match type.
    pub match_type: i8,
    /// Match.
    #[field(nullable)]
    pub r#match: Option<Str>,
}
