use crate::ConfigResource;
use ottla_types::{Str, Uuid};
use std::collections::{BTreeMap, BTreeSet};

/// What a run of records touched. Whoever follows the metadata compares the image before with the image after, but
/// only at the places named here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delta {
    /// Topics created, or with created or changed partitions: which partitions.
    pub topics: BTreeMap<Uuid, BTreeSet<i32>>,
    /// Topics removed, with the name each had.
    pub removed_topics: BTreeMap<Uuid, Str>,
    /// Resources whose settings changed.
    pub configs: BTreeSet<ConfigResource>,
    /// Brokers registered, changed or removed.
    pub brokers: BTreeSet<i32>,
    /// Whether a controller was registered.
    pub controllers: bool,
    /// Whether a feature level changed.
    pub features: bool,
    /// Whether users, rights, quotas or tokens changed.
    pub security: bool,
}

impl Delta {
    /// Whether nothing was touched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what `later` touched.
    pub fn merge(&mut self, later: Self) {
        for (id, name) in later.removed_topics {
            self.topic_removed(id, &name);
        }
        for (id, partitions) in later.topics {
            self.topics.entry(id).or_default().extend(partitions);
        }
        self.configs.extend(later.configs);
        self.brokers.extend(later.brokers);
        self.controllers |= later.controllers;
        self.features |= later.features;
        self.security |= later.security;
    }

    pub(crate) fn topic(&mut self, id: Uuid) {
        self.topics.entry(id).or_default();
    }

    pub(crate) fn partition(&mut self, known: bool, id: Uuid, partition: i32) {
        if known {
            self.topics.entry(id).or_default().insert(partition);
        }
    }

    pub(crate) fn topic_removed(&mut self, id: Uuid, name: &Str) {
        self.topics.remove(&id);
        self.removed_topics.insert(id, name.clone());
    }
}
