//! The state the metadata log describes.

mod cluster;
mod configs;
mod features;
mod security;
mod shards;
mod snapshot;
mod topics;

pub use cluster::{Broker, Controller as ControllerNode, FeatureRange, Listener};
pub use configs::{ConfigResource, Configs, Settings, resource_type};
pub use features::{FORMATTED, Features, SUPPORTED, feature, release_of};
pub use security::{QuotaEntity, Security};
pub use topics::{LeaderRecoveryState, NO_LEADER, NO_LEADER_CHANGE, Partition, Topic, Topics};

use crate::Delta;
use ottla_types::{Str, Uuid};
use ottla_wire::{MetadataRecord, log_records::metadata::producer_ids_record::ProducerIdsRecord};
use std::{collections::BTreeMap, sync::Arc};

/// Up to where in the log an image reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Offset of the last record contained; −1 for an empty image.
    pub last_offset: i64,
    /// Leader epoch of that record.
    pub epoch: i32,
    /// Append time of that record, milliseconds since the epoch.
    pub timestamp: i64,
}

/// The cluster's metadata at one point of the log. Cloning shares everything; a change after a clone copies a part.
///
/// Only [`apply`](Image::apply) changes an image, so the image is the replay of the log, of a snapshot, and of a
/// snapshot followed by the rest of the log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Image {
    /// Where in the log this is; set by whoever publishes the image, not by records.
    pub provenance: Provenance,
    /// Topics and partitions.
    pub topics: Topics,
    /// Settings changed at run time.
    pub configs: Configs,
    /// Finalized features.
    pub features: Features,
    brokers: Arc<BTreeMap<i32, Broker>>,
    controllers: Arc<BTreeMap<i32, ControllerNode>>,
    security: Arc<Security>,
    producer_ids: Option<ProducerIdsRecord>,
}

/// Copies text out of the frame or batch it was read from: what is kept must not pin its origin.
pub(crate) fn kept(text: &Str) -> Str {
    let text: &str = text;
    Str::from(text)
}

impl Image {
    /// The broker with this node id, fenced or not.
    #[must_use]
    pub fn broker(&self, id: i32) -> Option<&Broker> {
        self.brokers.get(&id)
    }

    /// Every registered broker by id.
    #[must_use]
    pub fn brokers(&self) -> &BTreeMap<i32, Broker> {
        &self.brokers
    }

    /// Whether the broker is registered, unfenced and not on its way down.
    #[must_use]
    pub fn is_active(&self, broker: i32) -> bool {
        self.broker(broker).is_some_and(Broker::is_active)
    }

    /// Every registered controller by id.
    #[must_use]
    pub fn controllers(&self) -> &BTreeMap<i32, ControllerNode> {
        &self.controllers
    }

    /// Users, rights, quotas and tokens.
    #[must_use]
    pub fn security(&self) -> &Security {
        &self.security
    }

    /// The first producer id never handed out.
    #[must_use]
    pub fn next_producer_id(&self) -> i64 {
        self.producer_ids.as_ref().map_or(0, |record| record.next_producer_id)
    }

    /// The cluster-wide `min.insync.replicas`, then the topic's own: what ISR and ELR are held to.
    #[must_use]
    pub fn min_in_sync_replicas(&self, topic: &str) -> Option<usize> {
        const KEY: &str = "min.insync.replicas";
        let own = self.configs.value(&ConfigResource::topic(topic), KEY);
        own.or_else(|| self.configs.value(&ConfigResource::broker_default(), KEY))?.parse().ok()
    }

    /// The same image, said to reach up to `provenance`.
    #[must_use]
    pub fn at(&self, provenance: Provenance) -> Self {
        Self { provenance, ..self.clone() }
    }

    /// Applies one record and notes in `delta` what it touched.
    ///
    /// A record that refers to something unknown changes nothing: a compacted or foreign log must not stop the node.
    pub fn apply(&mut self, record: &MetadataRecord, delta: &mut Delta) {
        match record {
            MetadataRecord::Topic(r) => {
                self.topics.insert(kept(&r.name), r.topic_id);
                delta.topic(r.topic_id);
            }
            MetadataRecord::Partition(r) => {
                let partition = Arc::new(Partition::from_record(r));
                let known = self.topics.edit(r.topic_id, |t| t.partitions.insert(r.partition_id, partition));
                delta.partition(known.is_some(), r.topic_id, r.partition_id);
            }
            MetadataRecord::PartitionChange(r) => {
                let change = |topic: &mut Topic| {
                    topic.partitions.get_mut(&r.partition_id).map(|p| Arc::make_mut(p).change(r))
                };
                let known = self.topics.edit(r.topic_id, change).flatten();
                delta.partition(known.is_some(), r.topic_id, r.partition_id);
            }
            MetadataRecord::RemoveTopic(r) => self.remove_topic(r.topic_id, delta),
            MetadataRecord::ClearElr(r) => self.clear_elr(&r.topic_name, delta),
            MetadataRecord::Config(r) => {
                let resource = ConfigResource { kind: r.resource_type, name: kept(&r.resource_name) };
                self.configs.set(resource.clone(), kept(&r.name), r.value.as_ref().map(kept));
                delta.configs.insert(resource);
            }
            MetadataRecord::FeatureLevel(r) => {
                self.features.apply(r);
                delta.features = true;
            }
            MetadataRecord::ProducerIds(r) => self.producer_ids = Some(r.clone()),
            other => self.apply_to_cluster(other, delta),
        }
    }

    fn apply_to_cluster(&mut self, record: &MetadataRecord, delta: &mut Delta) {
        match record {
            MetadataRecord::RegisterBroker(r) => {
                Arc::make_mut(&mut self.brokers).insert(r.broker_id, Broker::from_record(r));
                delta.brokers.insert(r.broker_id);
            }
            MetadataRecord::UnregisterBroker(r) => {
                Arc::make_mut(&mut self.brokers).remove(&r.broker_id);
                delta.brokers.insert(r.broker_id);
            }
            MetadataRecord::BrokerRegistrationChange(r) => {
                self.edit_broker(r.broker_id, delta, |broker| broker.change(r));
            }
            MetadataRecord::FenceBroker(r) => self.edit_broker(r.id, delta, |broker| broker.fenced = true),
            MetadataRecord::UnfenceBroker(r) => self.edit_broker(r.id, delta, |broker| broker.fenced = false),
            MetadataRecord::RegisterController(r) => {
                let node = ControllerNode::from_record(r);
                Arc::make_mut(&mut self.controllers).insert(r.controller_id, node);
                delta.controllers = true;
            }
            other => self.apply_to_security(other, delta),
        }
    }

    fn apply_to_security(&mut self, record: &MetadataRecord, delta: &mut Delta) {
        let security = Arc::make_mut(&mut self.security);
        delta.security |= match record {
            MetadataRecord::UserScramCredential(r) => {
                security.put_scram(r);
                true
            }
            MetadataRecord::RemoveUserScramCredential(r) => {
                security.scram.remove(&(r.name.clone(), r.mechanism)).is_some()
            }
            MetadataRecord::AccessControlEntry(r) => {
                security.put_acl(r);
                true
            }
            MetadataRecord::RemoveAccessControlEntry(r) => security.acls.remove(&r.id).is_some(),
            MetadataRecord::DelegationToken(r) => {
                security.put_token(r);
                true
            }
            MetadataRecord::RemoveDelegationToken(r) => security.tokens.remove(&r.token_id).is_some(),
            MetadataRecord::ClientQuota(r) => {
                security.apply_quota(r);
                true
            }
            // Carry no state: no-ops, the marks of metadata transactions (see `Loader`), ZooKeeper's leftovers.
            _ => false,
        };
    }

    fn edit_broker(&mut self, id: i32, delta: &mut Delta, edit: impl FnOnce(&mut Broker)) {
        if let Some(broker) = Arc::make_mut(&mut self.brokers).get_mut(&id) {
            edit(broker);
            delta.brokers.insert(id);
        }
    }

    fn remove_topic(&mut self, id: Uuid, delta: &mut Delta) {
        let Some(topic) = self.topics.remove(id) else { return };
        let resource = ConfigResource::topic(&topic.name);
        if self.configs.remove(&resource) {
            delta.configs.insert(resource);
        }
        delta.topic_removed(id, &topic.name);
    }

    /// Forgets the eligible leader replicas of one topic, or of all with the empty name.
    fn clear_elr(&mut self, name: &str, delta: &mut Delta) {
        let ids = match name {
            "" => self.topics.ids(),
            _ => self.topics.by_name(name).map(|topic| topic.id).into_iter().collect(),
        };
        for id in ids {
            let has_elr = |p: &Arc<Partition>| !p.elr.is_empty() || !p.last_known_elr.is_empty();
            if !self.topics.by_id(id).is_some_and(|topic| topic.partitions.values().any(has_elr)) {
                continue;
            }
            self.topics.edit(id, |topic| {
                for (number, partition) in &mut topic.partitions {
                    if has_elr(partition) {
                        let partition = Arc::make_mut(partition);
                        partition.elr.clear();
                        partition.last_known_elr.clear();
                        delta.partition(true, id, *number);
                    }
                }
            });
        }
    }
}
