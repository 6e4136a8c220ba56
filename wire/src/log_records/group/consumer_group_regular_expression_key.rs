// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupRegularExpressionKey (type 16), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ConsumerGroupRegularExpressionKey (type 16), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ConsumerGroupRegularExpressionKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
    /// Regular expression; versions 0–0.
    pub regular_expression: Str,
}
