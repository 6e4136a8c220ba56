use ottla_types::Str;
use std::{collections::BTreeMap, sync::Arc};

/// Kinds of resource that have settings, with their wire values.
pub mod resource_type {
    /// A topic.
    pub const TOPIC: i8 = 2;
    /// A broker, or all of them with the empty name.
    pub const BROKER: i8 = 4;
    /// A logger of a broker; not kept in the log.
    pub const BROKER_LOGGER: i8 = 8;
    /// A client-metrics subscription.
    pub const CLIENT_METRICS: i8 = 16;
    /// A group.
    pub const GROUP: i8 = 32;
}

/// What a setting belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    /// One of [`resource_type`].
    pub kind: i8,
    /// Topic name, node id in digits (empty: every broker), group id, …
    pub name: Str,
}

impl ConfigResource {
    /// The resource of a topic.
    #[must_use]
    pub fn topic(name: &str) -> Self {
        Self { kind: resource_type::TOPIC, name: name.into() }
    }

    /// The settings of every broker.
    #[must_use]
    pub fn broker_default() -> Self {
        Self { kind: resource_type::BROKER, name: Str::new() }
    }

    /// The settings of one broker.
    #[must_use]
    pub fn broker(id: i32) -> Self {
        Self { kind: resource_type::BROKER, name: id.to_string().into() }
    }

    /// The settings of a group.
    #[must_use]
    pub fn group(name: &str) -> Self {
        Self { kind: resource_type::GROUP, name: name.into() }
    }
}

/// The settings of one resource.
pub type Settings = BTreeMap<Str, Str>;

/// Settings that were changed at run time, of every resource that has any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configs(Arc<BTreeMap<ConfigResource, Arc<Settings>>>);

impl Configs {
    /// The resource's settings; empty when nothing was set.
    #[must_use]
    pub fn get(&self, resource: &ConfigResource) -> Arc<Settings> {
        self.0.get(resource).cloned().unwrap_or_default()
    }

    /// One setting of a resource.
    #[must_use]
    pub fn value(&self, resource: &ConfigResource, key: &str) -> Option<&Str> {
        self.0.get(resource)?.get(key)
    }

    /// Every resource with settings, ordered by kind and name.
    pub fn iter(&self) -> impl Iterator<Item = (&ConfigResource, &Arc<Settings>)> {
        self.0.iter()
    }

    pub(crate) fn set(&mut self, resource: ConfigResource, key: Str, value: Option<Str>) {
        let all = Arc::make_mut(&mut self.0);
        match value {
            Some(value) => {
                Arc::make_mut(all.entry(resource).or_default()).insert(key, value);
            }
            None => {
                let Some(settings) = all.get_mut(&resource) else { return };
                Arc::make_mut(settings).remove(&key);
                if settings.is_empty() {
                    all.remove(&resource);
                }
            }
        }
    }

    /// Forgets a resource; says whether it had settings.
    pub(crate) fn remove(&mut self, resource: &ConfigResource) -> bool {
        self.0.contains_key(resource) && Arc::make_mut(&mut self.0).remove(resource).is_some()
    }
}
