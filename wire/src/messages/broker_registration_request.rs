// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BrokerRegistration request (key 62), versions 0–4.

use crate::Message;
use ottla_types::{Str, Uuid};

/// BrokerRegistration request (key 62), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = BrokerRegistration, versions = 0..=4, flexible = 0, response = crate::messages::broker_registration_response::BrokerRegistrationResponse)]
pub struct BrokerRegistrationRequest {
    /// Broker id.
    pub broker_id: i32,
    /// Cluster id.
    pub cluster_id: Str,
    /// Incarnation id.
    pub incarnation_id: Uuid,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Features.
    pub features: Vec<Feature>,
    /// Rack.
    #[field(nullable)]
    pub rack: Option<Str>,
    /// Is migrating zk broker; since version 1.
    #[field(versions = 1..)]
    pub is_migrating_zk_broker: bool,
    /// Log dirs; since version 2.
    #[field(versions = 2.., ignorable)]
    pub log_dirs: Vec<Uuid>,
    /// Previous broker epoch; since version 3.
    #[field(versions = 3.., ignorable, default = -1)]
    pub previous_broker_epoch: i64,
}

/// Part of [`BrokerRegistrationRequest`]: listener.
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

/// Part of [`BrokerRegistrationRequest`]: feature.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Feature {
    /// Name.
    pub name: Str,
    /// Min supported version.
    pub min_supported_version: i16,
    /// Max supported version.
    pub max_supported_version: i16,
}
