//! UpdateFeatures (KIP-584, KIP-1022): which levels the cluster may move to, and what else moves with them.

use super::{Controller, MIN_IN_SYNC_REPLICAS, Refusal, draft::Draft};
use crate::{ConfigResource, FeatureRange, SUPPORTED, feature, image::kept, release_of, resource_type};
use ottla_types::{
    ErrorCode, Str,
    java::{DEFAULT_ROOM, hash_order},
};
use ottla_wire::log_records::metadata::{
    config_record::ConfigRecord, feature_level_record::FeatureLevelRecord, no_op_record::NoOpRecord,
};
use std::collections::{BTreeMap, HashMap};

/// Levels of `metadata.version` that brought new records or fields: none of them can be taken back.
const CHANGED_RECORDS: [i16; 9] = [7, 8, 11, 13, 14, 15, 17, 23, 30];
/// The `metadata.version` eligible leader replicas need (4.0-IV1).
const ELIGIBLE_LEADER_REPLICAS: i16 = 23;
/// A feature a node does not name.
const DISABLED: FeatureRange = (0, 0);

/// Which way a level may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeType {
    /// Only up.
    Upgrade,
    /// Down, where nothing is lost by it.
    SafeDowngrade,
    /// Down, whatever is lost.
    UnsafeDowngrade,
}

impl UpgradeType {
    /// The type with this number on the wire.
    #[must_use]
    pub const fn from_code(code: i8) -> Option<Self> {
        match code {
            1 => Some(Self::Upgrade),
            2 => Some(Self::SafeDowngrade),
            3 => Some(Self::UnsafeDowngrade),
            _ => None,
        }
    }
}

/// One level that is to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureUpdate {
    /// The feature.
    pub feature: Str,
    /// The level it is to have; 0 switches it off.
    pub level: i16,
    /// Which way; `None` for a type nobody knows.
    pub upgrade_type: Option<UpgradeType>,
}

impl Controller {
    /// Moves all of the levels, or none. `kraft_version` is what the quorum runs, which no record of the metadata says.
    pub(super) fn update_features(
        &self,
        draft: &mut Draft,
        updates: &[FeatureUpdate],
        kraft_version: i16,
        validate_only: bool,
    ) -> Result<(), Refusal> {
        let updates = as_looked_at(updates);
        for update in &updates {
            self.check_update(draft, update, kraft_version, &updates)?;
        }
        if validate_only {
            return Ok(());
        }
        if updates.iter().any(|update| update.feature == feature::ELR_VERSION && update.level > 0) {
            self.ensure_min_in_sync_replicas(draft);
            forget_min_in_sync_replicas_of_brokers(draft);
        }
        for update in updates {
            if update.feature != feature::KRAFT_VERSION {
                let name = kept(&update.feature);
                draft.push(FeatureLevelRecord { name, feature_level: update.level });
            } else if update.upgrade_type == Some(UpgradeType::Upgrade) {
                // The quorum keeps that level; the log only shows that something was asked.
                draft.push(NoOpRecord {});
            }
        }
        Ok(())
    }

    fn check_update(
        &self,
        draft: &Draft,
        update: &FeatureUpdate,
        kraft_version: i16,
        updates: &[&FeatureUpdate],
    ) -> Result<(), Refusal> {
        let (name, level) = (&*update.feature, update.level);
        let invalid = |why: String| {
            let text = format!("Invalid update version {level} for feature {name}. {why}");
            Err(Refusal::new(ErrorCode::INVALID_UPDATE_VERSION, text))
        };
        let Some(upgrade_type) = update.upgrade_type else {
            return invalid("The controller does not support the given upgrade type.".into());
        };
        if level < 0 {
            return invalid("A feature version cannot be less than 0.".into());
        }
        if let Some(why) = self.unsupported(draft, name, level) {
            return invalid(why);
        }
        let features = &draft.image.features;
        let current = if name == feature::KRAFT_VERSION { kraft_version } else { features.level(name) };
        if level < current && upgrade_type == UpgradeType::Upgrade {
            return invalid(
                "Can't downgrade the version of this feature without setting the upgrade type to either safe \
                 or unsafe downgrade."
                    .into(),
            );
        }
        if level > current && upgrade_type != UpgradeType::Upgrade {
            return invalid("Can't downgrade to a newer version.".into());
        }
        match name {
            feature::METADATA_VERSION => check_metadata_version(current, level, upgrade_type),
            feature::KRAFT_VERSION if level < current => {
                invalid("Can't downgrade the version of this feature.".into())
            }
            feature::KRAFT_VERSION if level > current => {
                // The voters stand in the configuration file; the log cannot take them over while it is in use.
                Err(Refusal::new(
                    ErrorCode::INVALID_UPDATE_VERSION,
                    format!("Invalid upgrade of {name} to {level} because not all of the voters support it"),
                ))
            }
            feature::ELR_VERSION if level >= 1 => {
                let proposed = updates.iter().find(|other| other.feature == feature::METADATA_VERSION);
                let proposed =
                    proposed.map_or_else(|| features.level(feature::METADATA_VERSION), |other| other.level);
                if proposed >= ELIGIBLE_LEADER_REPLICAS {
                    return Ok(());
                }
                invalid(format!(
                    "{name} could not be set to {level} because it depends on metadata.version level \
                     {ELIGIBLE_LEADER_REPLICAS}"
                ))
            }
            _ if SUPPORTED.iter().all(|(known, ..)| *known != name) => {
                invalid(format!("Feature {name} not found."))
            }
            _ => Ok(()),
        }
    }

    /// Why a node of the cluster cannot run a feature at this level; `None` when all can.
    fn unsupported(&self, draft: &Draft, name: &str, level: i16) -> Option<String> {
        let own = SUPPORTED.iter().find(|(known, ..)| *known == name);
        let own = own.map_or(DISABLED, |(_, lowest, highest)| (*lowest, *highest));
        if let Some(why) = outside(level, own) {
            return Some(format!("Local controller {}{why}", self.options.node_id));
        }
        let range = |features: &BTreeMap<Str, FeatureRange>| features.get(name).copied().unwrap_or(DISABLED);
        let image = &draft.image;
        let brokers = image.brokers().values().map(|broker| ("Broker", broker.id, range(&broker.features)));
        let others = image.controllers().values().filter(|node| node.id != self.options.node_id);
        let controllers = others.map(|node| ("Controller", node.id, range(&node.features)));
        brokers
            .chain(controllers)
            .find_map(|(what, id, range)| outside(level, range).map(|why| format!("{what} {id}{why}")))
    }
}

/// Of a feature that is named twice the last counts; and the order is that of the hash table Kafka keeps them in, for
/// of several mistakes the first one found is told.
fn as_looked_at(updates: &[FeatureUpdate]) -> Vec<&FeatureUpdate> {
    let mut last: HashMap<&str, usize> = HashMap::with_capacity(updates.len());
    let mut distinct: Vec<&FeatureUpdate> = Vec::with_capacity(updates.len());
    for update in updates {
        match last.get(&*update.feature) {
            Some(at) => distinct[*at] = update,
            None => {
                last.insert(&update.feature, distinct.len());
                distinct.push(update);
            }
        }
    }
    hash_order(distinct, DEFAULT_ROOM, |update| update.feature.to_string())
}

fn outside(level: i16, (lowest, highest): FeatureRange) -> Option<String> {
    match highest {
        _ if (lowest..=highest).contains(&level) => None,
        0 => Some(" does not support this feature.".into()),
        _ if lowest == highest => Some(format!(" only supports versions {lowest}")),
        _ => Some(format!(" only supports versions {lowest}-{highest}")),
    }
}

/// Down only as far as no record changes its form: the log may hold what an older release cannot read.
fn check_metadata_version(current: i16, level: i16, upgrade_type: UpgradeType) -> Result<(), Refusal> {
    if release_of(level).is_none() {
        let text = format!("Invalid metadata.version {level}. Unknown metadata.version.");
        return Err(Refusal::new(ErrorCode::INVALID_UPDATE_VERSION, text));
    }
    if level >= current || !CHANGED_RECORDS.iter().any(|changed| (level + 1..=current).contains(changed)) {
        return Ok(());
    }
    let why = if upgrade_type == UpgradeType::UnsafeDowngrade {
        "Unsafe metadata downgrade is not supported in this version."
    } else {
        "Refusing to perform the requested downgrade because it might delete metadata information."
    };
    let text = format!("Unsupported metadata.version downgrade from {current} to {level}. {why}");
    Err(Refusal::new(ErrorCode::INVALID_UPDATE_VERSION, text))
}

/// With eligible leader replicas on, the minimum is a matter of topic and cluster: what single brokers say goes.
fn forget_min_in_sync_replicas_of_brokers(draft: &mut Draft) {
    let of_one_broker =
        |at: &ConfigResource| at.kind == resource_type::BROKER && *at != ConfigResource::broker_default();
    let configs = &draft.image.configs;
    let concerned: Vec<ConfigResource> = configs
        .iter()
        .filter(|(at, settings)| of_one_broker(at) && settings.contains_key(MIN_IN_SYNC_REPLICAS))
        .map(|(at, _)| at.clone())
        .collect();
    for at in concerned {
        draft.push(ConfigRecord {
            resource_type: at.kind,
            resource_name: at.name,
            name: MIN_IN_SYNC_REPLICAS.into(),
            value: None,
        });
    }
}
