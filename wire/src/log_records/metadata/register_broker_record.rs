// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RegisterBrokerRecord (type 0), versions 0–4.

use crate::Message;
use ottla_types::{Str, Uuid};

/// RegisterBrokerRecord (type 0), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=4, flexible = 0)]
pub struct RegisterBrokerRecord {
    /// Broker id.
    pub broker_id: i32,
    /// Is migrating zk broker; since version 2.
    #[field(versions = 2..)]
    pub is_migrating_zk_broker: bool,
    /// Incarnation id.
    pub incarnation_id: Uuid,
    /// Broker epoch.
    pub broker_epoch: i64,
    /// End points.
    pub end_points: Vec<BrokerEndpoint>,
    /// Features.
    pub features: Vec<BrokerFeature>,
    /// Rack.
    #[field(nullable)]
    pub rack: Option<Str>,
    /// Fenced.
    #[field(default = true)]
    pub fenced: bool,
    /// In controlled shutdown; since version 1.
    #[field(versions = 1..)]
    pub in_controlled_shutdown: bool,
    /// Log dirs; since version 3.
    #[field(versions = 3.., tag = 0)]
    pub log_dirs: Vec<Uuid>,
    /// Cordoned log dirs; since version 4.
    #[field(versions = 4.., nullable = 4.., tag = 1)]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

/// Part of [`RegisterBrokerRecord`]: broker endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct BrokerEndpoint {
    /// Name.
    pub name: Str,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
    /// Security protocol.
    pub security_protocol: i16,
}

/// Part of [`RegisterBrokerRecord`]: broker feature.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct BrokerFeature {
    /// Name.
    pub name: Str,
    /// Min supported version.
    pub min_supported_version: i16,
    /// Max supported version.
    pub max_supported_version: i16,
}
