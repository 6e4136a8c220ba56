use super::{ConfigRules, Controller, MIN_IN_SYNC_REPLICAS, Refusal, draft::Draft};
use crate::{ConfigResource, Settings, image::kept, resource_type};
use ottla_types::{ErrorCode, Str, check_topic_name};
use ottla_wire::log_records::metadata::{clear_elr_record::ClearElrRecord, config_record::ConfigRecord};

/// One operation of IncrementalAlterConfigs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigOp {
    /// The value replaces what is there.
    Set,
    /// The setting goes back to its default.
    Delete,
    /// The items are added to a list.
    Append,
    /// The items are taken out of a list.
    Subtract,
}

impl ConfigOp {
    /// The operation with this number on the wire.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }
}

/// What is to happen to the settings of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChanges {
    /// IncrementalAlterConfigs: key, operation, value (ignored for `Delete`).
    Incremental(Vec<(Str, ConfigOp, Option<Str>)>),
    /// AlterConfigs: these are all; whatever else is set goes.
    Replace(Settings),
}

impl Controller {
    /// Changes settings, each resource on its own: one that is refused leaves the others as they are.
    pub(super) fn alter_configs(
        &self,
        draft: &mut Draft,
        changes: Vec<(ConfigResource, ConfigChanges)>,
        validate_only: bool,
    ) -> Vec<(ConfigResource, Result<(), Refusal>)> {
        let mut results = Vec::with_capacity(changes.len());
        for (resource, change) in changes {
            let result = self.alter_resource(draft, &resource, &change);
            results.push((resource, result));
        }
        if validate_only {
            draft.records.clear();
        }
        results
    }

    fn alter_resource(
        &self,
        draft: &mut Draft,
        resource: &ConfigResource,
        change: &ConfigChanges,
    ) -> Result<(), Refusal> {
        check_resource(draft, resource)?;
        let rules = &*self.options.rules;
        let before = draft.image.configs.get(resource);
        let writes = match change {
            ConfigChanges::Incremental(ops) => incremental(rules, resource, &before, ops)?,
            ConfigChanges::Replace(settings) => replaced(resource, &before, settings),
        };
        let mut after: Settings = (*before).clone();
        for (key, value) in &writes {
            match value {
                Some(value) => after.insert(key.clone(), value.clone()),
                None => after.remove(key),
            };
        }
        let changed: Vec<&str> = match change {
            ConfigChanges::Incremental(ops) => ops.iter().map(|(key, ..)| &**key).collect(),
            ConfigChanges::Replace(settings) => settings.keys().map(|key| &**key).collect(),
        };
        // What goes is not looked at: it may be a name from an older time.
        let set: Vec<&str> = changed.iter().copied().filter(|name| after.contains_key(*name)).collect();
        rules.check(resource, &after, &set)?;
        let touched = changed.contains(&MIN_IN_SYNC_REPLICAS)
            || before.contains_key(MIN_IN_SYNC_REPLICAS) && !after.contains_key(MIN_IN_SYNC_REPLICAS);
        if touched {
            check_min_in_sync_replicas(draft, resource, &after)?;
        }
        write(draft, resource, writes);
        Ok(())
    }
}

type Write = (Str, Option<Str>);

fn check_resource(draft: &Draft, resource: &ConfigResource) -> Result<(), Refusal> {
    if resource.kind != resource_type::TOPIC {
        return Ok(());
    }
    check_topic_name(&resource.name)
        .map_err(|e| Refusal::new(ErrorCode::INVALID_TOPIC_EXCEPTION, e.to_string()))?;
    match draft.image.topics.by_name(&resource.name) {
        Some(_) => Ok(()),
        None => {
            let text = format!("The topic '{}' does not exist.", resource.name);
            Err(Refusal::new(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, text))
        }
    }
}

/// The records the operations lead to. Settings of a broker are written even when nothing changes: that is how a
/// broker is told to read its key stores again.
fn incremental(
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    before: &Settings,
    ops: &[(Str, ConfigOp, Option<Str>)],
) -> Result<Vec<Write>, Refusal> {
    let mut writes = Vec::with_capacity(ops.len());
    for (key, op, value) in ops {
        let current = before.get(key);
        let given = value.as_deref().unwrap_or_default();
        let new: Option<Str> = match op {
            ConfigOp::Set => value.as_ref().map(kept),
            ConfigOp::Delete => None,
            ConfigOp::Append | ConfigOp::Subtract if !rules.is_list(resource.kind, key) => {
                return Err(Refusal::new(ErrorCode::INVALID_CONFIG, no_list(resource.kind, key, *op)));
            }
            ConfigOp::Append | ConfigOp::Subtract => {
                let start = current.map(|value| value.to_string());
                let start = start.or_else(|| rules.default_list(resource.kind, key)).unwrap_or_default();
                Some(edit_list(&start, given, *op).into())
            }
        };
        if new.as_ref() != current || resource.kind == resource_type::BROKER {
            writes.push((kept(key), new));
        }
    }
    Ok(writes)
}

/// Kafka has the settings of brokers looked at by the broker, which says it in other words.
fn no_list(kind: i8, key: &str, op: ConfigOp) -> String {
    let (loud, quiet) = if op == ConfigOp::Append { ("APPEND", "append") } else { ("SUBTRACT", "subtract") };
    if kind == resource_type::BROKER {
        return format!("Config value {quiet} is not allowed for config key: {key}");
    }
    format!("Can't {loud} to key {key} because its type is not LIST.")
}

/// An empty text appends an empty item; behind other items empty ones are nothing.
fn edit_list(start: &str, given: &str, op: ConfigOp) -> String {
    let mut list: Vec<&str> = start.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    let given = if given.is_empty() { given } else { given.trim_end_matches(',') };
    for item in given.split(',').map(str::trim) {
        match op {
            ConfigOp::Append if !list.contains(&item) => list.push(item),
            ConfigOp::Subtract => list.retain(|present| *present != item),
            _ => {}
        }
    }
    list.join(",")
}

fn replaced(resource: &ConfigResource, before: &Settings, settings: &Settings) -> Vec<Write> {
    let is_new = |(key, value): &(&Str, &Str)| {
        before.get(*key) != Some(*value) || resource.kind == resource_type::BROKER
    };
    let set = settings.iter().filter(is_new).map(|(key, value)| (kept(key), Some(kept(value))));
    let is_gone = |key: &&Str| !settings.contains_key(*key);
    let removed = before.keys().filter(is_gone).map(|key| (key.clone(), None));
    set.chain(removed).collect()
}

/// With eligible leader replicas on, the minimum is a matter of topic and cluster, never of one broker.
fn check_min_in_sync_replicas(
    draft: &Draft,
    resource: &ConfigResource,
    after: &Settings,
) -> Result<(), Refusal> {
    if resource.kind != resource_type::BROKER || !draft.image.features.elr_enabled() {
        return Ok(());
    }
    let text = if !resource.name.is_empty() {
        "Broker-level min.insync.replicas cannot be altered while ELR is enabled."
    } else if !after.contains_key(MIN_IN_SYNC_REPLICAS) {
        "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."
    } else {
        return Ok(());
    };
    Err(Refusal::new(ErrorCode::INVALID_CONFIG, text))
}

fn write(draft: &mut Draft, resource: &ConfigResource, writes: Vec<Write>) {
    let clears_elr = writes.iter().any(|(key, _)| **key == *MIN_IN_SYNC_REPLICAS)
        && draft.image.features.elr_enabled()
        && (resource.kind == resource_type::TOPIC || *resource == ConfigResource::broker_default());
    for (name, value) in writes {
        draft.push(ConfigRecord {
            resource_type: resource.kind,
            resource_name: kept(&resource.name),
            name,
            value,
        });
    }
    if clears_elr {
        // Who is eligible was decided under the old minimum.
        draft.push(ClearElrRecord { topic_name: kept(&resource.name) });
    }
}
