// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DefaultPrincipalData, versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DefaultPrincipalData, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct DefaultPrincipalData {
    /// Type.
    pub r#type: Str,
    /// Name.
    pub name: Str,
    /// Token authenticated.
    pub token_authenticated: bool,
}
