//! Bringing partitions in line with committed metadata: topics that came, went, or changed their settings.

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    pin::Pin,
    sync::Arc,
};

use ottla_config::{DynamicBrokerConfig, TopicConfig};
use ottla_coordinator::group;
use ottla_log::{Log, TopicPartition};
use ottla_metadata::{Image, Topic, feature, resource_type};
use ottla_mutant::mutant;
use ottla_records::Codec;
use ottla_types::{Str, Uuid};
use parking_lot::Mutex;

use crate::{
    broker::{Broker, OFFSETS_TOPIC, TRANSACTIONS_TOPIC},
    clock,
    metadata_shell::{MetadataFollower, MetadataUpdate, random_id},
    partition::{Identity, Leadership, Partition, PartitionJournal},
    settings::{OwnedLayers, connection_limits, log_config},
    transactions,
};

/// Logs that were found on the disks at start and wait for the metadata to say whose they are.
#[derive(Debug, Default)]
pub(crate) struct FoundLogs {
    pub(crate) logs: HashMap<TopicPartition, FoundLog>,
    /// Logs that cannot be opened: their partitions stay offline, and nothing is made in their place.
    pub(crate) damaged: HashSet<TopicPartition>,
}

#[derive(Debug)]
pub(crate) struct FoundLog {
    pub(crate) dir: usize,
    pub(crate) topic_id: Option<Uuid>,
    pub(crate) log: Log,
    pub(crate) high_watermark: i64,
}

/// The broker as a follower of its own metadata.
pub(crate) struct BrokerFollower {
    pub(crate) broker: Arc<Broker>,
    pub(crate) found: Mutex<FoundLogs>,
}

impl MetadataFollower for BrokerFollower {
    fn apply<'a>(&'a self, update: &'a MetadataUpdate) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            self.remove_topics(update).await;
            let layers = OwnedLayers::read(&self.broker.config, &update.after);
            if changes_brokers(update) {
                self.reconfigure_broker(&layers);
            }
            let level = update.after.features.level(feature::TRANSACTION_VERSION);
            self.broker.transactions.change_level(level);
            for (id, changed) in &update.delta.topics {
                if let Some(topic) = update.after.topics.by_id(*id) {
                    let config = layers.topic(&update.after, &topic.name);
                    for index in changed {
                        self.ensure(topic, *index, &config);
                        // Thousands of them take a while, and connections are served by the same threads.
                        tokio::task::yield_now().await;
                    }
                    self.lead_groups(topic);
                    self.lead_transactions(topic);
                }
            }
            self.inform_groups(update, &layers);
            self.reconfigure(update, &layers);
        })
    }
}

impl BrokerFollower {
    async fn remove_topics(&self, update: &MetadataUpdate) {
        let names: Vec<Str> = update.delta.removed_topics.values().cloned().collect();
        for (id, name) in &update.delta.removed_topics {
            let removed = self.broker.partitions.remove_topic(*id);
            if name == OFFSETS_TOPIC {
                self.broker.groups.set_partition_count(0);
                removed.iter().for_each(|partition| self.broker.groups.resign(partition.index()));
            }
            if name == TRANSACTIONS_TOPIC {
                self.broker.transactions.set_partition_count(0);
                removed.iter().for_each(|partition| self.broker.transactions.resign(partition.index()));
            }
            for partition in removed {
                self.remove(&partition);
                tokio::task::yield_now().await;
            }
        }
        if !names.is_empty() {
            self.broker.groups.topics_deleted(&names).await;
        }
    }

    fn remove(&self, partition: &Partition) {
        partition.delete();
        let dir = &self.broker.dirs[partition.dir()].dir;
        let delay = partition.config().file_delete_delay_ms;
        match dir.rename_deleted(&partition.name(), random_id()) {
            Ok(renamed) => {
                self.broker.doomed.lock().push((clock::monotonic().plus(delay).0, renamed));
            }
            Err(error) => {
                tracing::error!(partition = %partition.name(), %error, "cannot remove a deleted partition");
            }
        }
    }

    /// Makes sure this broker holds the partition if it is a replica, and leads it in the epoch the controller says.
    fn ensure(&self, topic: &Topic, index: i32, config: &Arc<TopicConfig>) {
        let node = self.broker.node_id();
        let Some(state) = topic.partitions.get(&index).filter(|state| state.replicas.contains(&node)) else {
            return;
        };
        let leadership = |high_watermark| Leadership {
            node,
            epoch: state.leader_epoch,
            replicas: state.replicas.clone(),
            isr: state.isr.clone(),
            high_watermark,
        };
        if let Some(held) = self.broker.partitions.by_id(topic.id, index) {
            // Each start begins new leader epochs; clients learn them from the same metadata and name them.
            if state.leader == node {
                held.lead(leadership(0));
            }
            return;
        }
        let name = TopicPartition { topic: topic.name.to_string(), partition: index };
        if self.found.lock().damaged.contains(&name) {
            return;
        }
        let log_config = log_config(config, self.broker.dynamic.load().producer_id_expiration_ms);
        let found = self.found.lock().logs.remove(&name);
        // A log of an earlier topic with this name is not ours (KIP-516); one that lost its id in a crash before
        // anything was flushed is.
        let is_ours = |found: &FoundLog| {
            found.topic_id == Some(topic.id)
                || found.topic_id.is_none() && found.log.next_offset() == 0
                || mutant!("topic_id_ignored")
        };
        let (ours, other) = match found {
            Some(found) if is_ours(&found) => (Some(found), None),
            other => (None, other),
        };
        if let Some(other) = other
            && !self.set_aside(&name, other.dir)
        {
            return;
        }
        let (dir, log, high_watermark) = match ours {
            Some(mut found) => {
                found.log.set_config(log_config);
                (found.dir, found.log, found.high_watermark)
            }
            None => {
                let dir = self.emptiest_dir();
                let log = self.broker.dirs[dir].dir.create(&name, topic.id, log_config, clock::wall());
                match log {
                    Ok(log) => (dir, log, 0),
                    Err(error) => {
                        return tracing::error!(partition = %name, %error, "cannot create the partition");
                    }
                }
            }
        };
        let leadership = leadership(high_watermark);
        let identity = Identity { topic: topic.name.clone(), topic_id: topic.id, index };
        let flusher = Arc::clone(&self.broker.dirs[dir].flusher);
        let config = Arc::clone(config);
        self.broker.partitions.insert(Partition::new(identity, dir, log, config, leadership, flusher));
    }

    fn emptiest_dir(&self) -> usize {
        if self.broker.dirs.len() == 1 {
            return 0;
        }
        let mut counts = vec![0_usize; self.broker.dirs.len()];
        self.broker.partitions.all().iter().for_each(|partition| counts[partition.dir()] += 1);
        let emptiest = counts.iter().enumerate().min_by_key(|(_, count)| **count);
        emptiest.map_or(0, |(dir, _)| dir)
    }

    /// Starts the coordinators of the group partitions led here.
    fn lead_groups(&self, topic: &Topic) {
        if topic.name != OFFSETS_TOPIC {
            return;
        }
        let codec = i16::from(self.broker.config.offsets_topic_compression_codec);
        let codec = Codec::from_id(codec).unwrap_or(Codec::None);
        for (index, journal) in self.led_journals(topic, &self.broker.groups.led(), codec) {
            self.broker.groups.lead(index, journal);
        }
        self.broker.groups.set_partition_count(partition_count(topic));
    }

    /// Starts the coordinators of the transaction partitions led here, each with its writer of markers.
    fn lead_transactions(&self, topic: &Topic) {
        if topic.name != TRANSACTIONS_TOPIC {
            return;
        }
        // Kafka never compresses them.
        for (index, journal) in self.led_journals(topic, &self.broker.transactions.led(), Codec::None) {
            let desk = self.broker.transactions.lead(index, Arc::clone(&journal));
            tokio::spawn(transactions::work(Arc::downgrade(&self.broker), desk, journal));
        }
        self.broker.transactions.set_partition_count(partition_count(topic));
    }

    /// The partitions of a coordinators' topic that are led here and have no coordinator yet.
    fn led_journals(&self, topic: &Topic, led: &[i32], codec: Codec) -> Vec<(i32, Arc<PartitionJournal>)> {
        let node = self.broker.node_id();
        let new =
            topic.partitions.iter().filter(|(index, state)| state.leader == node && !led.contains(index));
        let journal = |index: i32| {
            let partition = self.broker.partitions.by_id(topic.id, index)?;
            Some((index, Arc::new(PartitionJournal { partition, codec })))
        };
        new.filter_map(|(index, _)| journal(*index)).collect()
    }

    /// Tells the group coordinators of topics, their partitions and racks, and of groups' settings.
    fn inform_groups(&self, update: &MetadataUpdate, layers: &OwnedLayers) {
        let (delta, image) = (&update.delta, &update.after);
        let settings = delta.configs.iter().any(|at| at.kind == resource_type::GROUP);
        let racks = !delta.brokers.is_empty();
        if delta.topics.is_empty() && delta.removed_topics.is_empty() && !settings && !racks {
            return;
        }
        let groups = &self.broker.groups;
        let mut metadata = (*groups.metadata()).clone();
        metadata.version = image.provenance.last_offset;
        delta.removed_topics.keys().for_each(|id| metadata.remove_topic(*id));
        if racks {
            image.topics.iter().for_each(|topic| metadata.put_topic(topic_of_groups(image, topic)));
        } else {
            let changed = delta.topics.keys().filter_map(|id| image.topics.by_id(*id));
            changed.for_each(|topic| metadata.put_topic(topic_of_groups(image, topic)));
        }
        if settings {
            metadata.set_overrides(layers.groups(image));
        }
        groups.metadata_changed(Arc::new(metadata));
    }

    /// Settings of the broker itself; those behind a topic's follow with the topics.
    fn reconfigure_broker(&self, layers: &OwnedLayers) {
        let config = DynamicBrokerConfig::new(&layers.view());
        self.broker.connections.set(connection_limits(&config));
        let interval_ms = config.group_consumer_assignment_interval_ms;
        self.broker.groups.change_settings(|settings| settings.consumer.assignment_interval_ms = interval_ms);
        self.broker.dynamic.store(Arc::new(config));
    }

    fn reconfigure(&self, update: &MetadataUpdate, layers: &OwnedLayers) {
        let everything = changes_brokers(update);
        for topic in update.after.topics.iter() {
            let changed = everything
                || update
                    .delta
                    .configs
                    .iter()
                    .any(|at| at.kind == resource_type::TOPIC && at.name == topic.name);
            if !changed {
                continue;
            }
            let config = layers.topic(&update.after, &topic.name);
            let log_config = log_config(&config, self.broker.dynamic.load().producer_id_expiration_ms);
            for partition in self.broker.partitions.of_topic(topic.id) {
                partition.reconfigure(Arc::clone(&config), log_config);
            }
        }
    }

    /// Logs no topic of the metadata claims are set aside.
    pub(crate) fn set_strays_aside(&self) {
        for (name, found) in std::mem::take(&mut self.found.lock().logs) {
            self.set_aside(&name, found.dir);
        }
    }

    /// A log stays where it is, under a name nobody takes for a partition, as Kafka does it: whoever misses the records
    /// finds them there. False when it cannot be renamed.
    fn set_aside(&self, name: &TopicPartition, dir: usize) -> bool {
        match self.broker.dirs[dir].dir.rename_stray(name, random_id()) {
            Ok(to) => {
                tracing::warn!(partition = %name, to = %to.display(), "a partition no topic claims is set aside");
                true
            }
            Err(error) => {
                tracing::error!(partition = %name, %error, "cannot set a stray partition aside");
                false
            }
        }
    }
}

/// A topic as group coordinators see it.
fn topic_of_groups(image: &Image, topic: &Topic) -> Arc<group::Topic> {
    let rack = |broker: &i32| image.broker(*broker)?.rack.clone();
    let racks = topic.partitions.values().map(|state| state.replicas.iter().filter_map(rack).collect());
    Arc::new(group::Topic::new(topic.name.clone(), topic.id, &racks.collect::<Vec<_>>()))
}

fn partition_count(topic: &Topic) -> i32 {
    i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX)
}

fn changes_brokers(update: &MetadataUpdate) -> bool {
    update.delta.configs.iter().any(|at| at.kind == resource_type::BROKER)
}
