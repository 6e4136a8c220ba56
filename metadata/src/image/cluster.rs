use super::kept;
use ottla_types::{Str, Uuid};
use ottla_wire::log_records::metadata::{
    broker_registration_change_record::BrokerRegistrationChangeRecord,
    register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord},
    register_controller_record::{ControllerEndpoint, ControllerFeature, RegisterControllerRecord},
};
use std::collections::BTreeMap;

/// Where a broker or controller listens, with which protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Listener name, such as `PLAINTEXT`.
    pub name: Str,
    /// Advertised host name or address.
    pub host: Str,
    /// Advertised port.
    pub port: u16,
    /// 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL.
    pub security_protocol: i16,
}

/// Levels of one feature that a node can run, lowest and highest.
pub type FeatureRange = (i16, i16);

/// A registered broker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Broker {
    /// `node.id`.
    pub id: i32,
    /// One per process lifetime, the offset of its registration: calls with another one are refused.
    pub epoch: i64,
    /// Made by the process when it starts.
    pub incarnation_id: Uuid,
    /// Advertised listeners.
    pub listeners: Vec<Listener>,
    /// What it can run.
    pub features: BTreeMap<Str, FeatureRange>,
    /// `broker.rack`.
    pub rack: Option<Str>,
    /// Not serving: clients are not sent to it, it is in no ISR.
    pub fenced: bool,
    /// Asked to go down; loses its leaderships.
    pub in_controlled_shutdown: bool,
    /// Ids of its log directories that are online, ascending.
    pub log_dirs: Vec<Uuid>,
    /// Ids of those that get no new replicas; `None` when never told.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Broker {
    /// Whether it may be leader and member of an ISR.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    /// The listener of this name.
    #[must_use]
    pub fn listener(&self, name: &str) -> Option<&Listener> {
        self.listeners.iter().find(|listener| *listener.name == *name)
    }

    /// The directory new replicas are registered with: the only one, or "unassigned" (or "migrating" with none known).
    #[must_use]
    pub fn default_directory(&self) -> Uuid {
        match self.log_dirs.as_slice() {
            [] => Uuid::ZERO,
            [only] => *only,
            _ => Uuid::ONE,
        }
    }

    pub(crate) fn from_record(record: &RegisterBrokerRecord) -> Self {
        let listener = |end: &BrokerEndpoint| Listener {
            name: kept(&end.name),
            host: kept(&end.host),
            port: end.port,
            security_protocol: end.security_protocol,
        };
        let feature = |f: &BrokerFeature| (kept(&f.name), (f.min_supported_version, f.max_supported_version));
        Self {
            id: record.broker_id,
            epoch: record.broker_epoch,
            incarnation_id: record.incarnation_id,
            listeners: record.end_points.iter().map(listener).collect(),
            features: record.features.iter().map(feature).collect(),
            rack: record.rack.as_ref().map(kept),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            log_dirs: record.log_dirs.clone(),
            cordoned_log_dirs: record.cordoned_log_dirs.clone(),
        }
    }

    pub(crate) fn to_record(&self) -> RegisterBrokerRecord {
        let end_point = |l: &Listener| BrokerEndpoint {
            name: l.name.clone(),
            host: l.host.clone(),
            port: l.port,
            security_protocol: l.security_protocol,
        };
        let feature = |(name, (min, max)): (&Str, &FeatureRange)| BrokerFeature {
            name: name.clone(),
            min_supported_version: *min,
            max_supported_version: *max,
        };
        RegisterBrokerRecord {
            broker_id: self.id,
            is_migrating_zk_broker: false,
            incarnation_id: self.incarnation_id,
            broker_epoch: self.epoch,
            end_points: self.listeners.iter().map(end_point).collect(),
            features: self.features.iter().map(feature).collect(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.in_controlled_shutdown,
            log_dirs: self.log_dirs.clone(),
            cordoned_log_dirs: self.cordoned_log_dirs.clone(),
        }
    }

    pub(crate) fn change(&mut self, record: &BrokerRegistrationChangeRecord) {
        match record.fenced {
            1 => self.fenced = true,
            -1 => self.fenced = false,
            _ => {}
        }
        if record.in_controlled_shutdown == 1 {
            self.in_controlled_shutdown = true;
        }
        if !record.log_dirs.is_empty() {
            self.log_dirs.clone_from(&record.log_dirs);
        }
        if record.cordoned_log_dirs.is_some() {
            self.cordoned_log_dirs.clone_from(&record.cordoned_log_dirs);
        }
    }
}

/// A registered controller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Controller {
    /// `node.id`.
    pub id: i32,
    /// Made by the process when it starts.
    pub incarnation_id: Uuid,
    /// Its controller listeners.
    pub listeners: Vec<Listener>,
    /// What it can run.
    pub features: BTreeMap<Str, FeatureRange>,
}

impl Controller {
    pub(crate) fn from_record(record: &RegisterControllerRecord) -> Self {
        let listener = |end: &ControllerEndpoint| Listener {
            name: kept(&end.name),
            host: kept(&end.host),
            port: end.port,
            security_protocol: end.security_protocol,
        };
        let feature =
            |f: &ControllerFeature| (kept(&f.name), (f.min_supported_version, f.max_supported_version));
        Self {
            id: record.controller_id,
            incarnation_id: record.incarnation_id,
            listeners: record.end_points.iter().map(listener).collect(),
            features: record.features.iter().map(feature).collect(),
        }
    }

    /// The record that registers it.
    #[must_use]
    pub fn to_record(&self) -> RegisterControllerRecord {
        let end_point = |l: &Listener| ControllerEndpoint {
            name: l.name.clone(),
            host: l.host.clone(),
            port: l.port,
            security_protocol: l.security_protocol,
        };
        let feature = |(name, (min, max)): (&Str, &FeatureRange)| ControllerFeature {
            name: name.clone(),
            min_supported_version: *min,
            max_supported_version: *max,
        };
        RegisterControllerRecord {
            controller_id: self.id,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: false,
            end_points: self.listeners.iter().map(end_point).collect(),
            features: self.features.iter().map(feature).collect(),
        }
    }
}
