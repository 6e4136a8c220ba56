// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ControllerRegistration request (key 70), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ControllerRegistration request (key 70), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ControllerRegistration, versions = 0..=0, flexible = 0, response = crate::messages::controller_registration_response::ControllerRegistrationResponse)]
pub struct ControllerRegistrationRequest {
    /// Controller id.
    pub controller_id: i32,
    /// Incarnation id.
    pub incarnation_id: Uuid,
    /// Zk migration ready.
    pub zk_migration_ready: bool,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Features.
    pub features: Vec<Feature>,
}

/// Part of [`ControllerRegistrationRequest`]: listener.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Listener {
    /// Name.
    pub name: Str,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
    /// Security protocol.
    pub security_protocol: i16,
}

/// Part of [`ControllerRegistrationRequest`]: feature.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Feature {
    /// Name.
    pub name: Str,
    /// Min supported version.
    pub min_supported_version: i16,
    /// Max supported version.
    pub max_supported_version: i16,
}
