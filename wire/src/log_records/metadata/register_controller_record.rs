// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RegisterControllerRecord (type 27), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// RegisterControllerRecord (type 27), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RegisterControllerRecord {
    /// Controller id.
    pub controller_id: i32,
    /// Incarnation id.
    pub incarnation_id: Uuid,
    /// Zk migration ready.
    pub zk_migration_ready: bool,
    /// End points.
    pub end_points: Vec<ControllerEndpoint>,
    /// Features.
    pub features: Vec<ControllerFeature>,
}

/// Part of [`RegisterControllerRecord`]: controller endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ControllerEndpoint {
    /// Name.
    pub name: Str,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
    /// Security protocol.
    pub security_protocol: i16,
}

/// Part of [`RegisterControllerRecord`]: controller feature.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ControllerFeature {
    /// Name.
    pub name: Str,
    /// Min supported version.
    pub min_supported_version: i16,
    /// Max supported version.
    pub max_supported_version: i16,
}
