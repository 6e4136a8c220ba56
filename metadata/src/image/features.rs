use super::kept;
use ottla_types::Str;
use ottla_wire::log_records::metadata::feature_level_record::FeatureLevelRecord;
use std::collections::BTreeMap;

/// Names of the features a 4.3 cluster finalizes.
pub mod feature {
    /// Which records the metadata log may hold.
    pub const METADATA_VERSION: &str = "metadata.version";
    /// Which control records the quorum may write; finalized by the quorum, not by a FeatureLevel record.
    pub const KRAFT_VERSION: &str = "kraft.version";
    /// Eligible leader replicas (KIP-966).
    pub const ELR_VERSION: &str = "eligible.leader.replicas.version";
    /// The consumer group protocol (KIP-848).
    pub const GROUP_VERSION: &str = "group.version";
    /// Share groups.
    pub const SHARE_VERSION: &str = "share.version";
    /// Streams groups.
    pub const STREAMS_VERSION: &str = "streams.version";
    /// Transactions.
    pub const TRANSACTION_VERSION: &str = "transaction.version";
}

/// What a node of this release can run: name, lowest, highest.
pub const SUPPORTED: [(&str, i16, i16); 7] = [
    (feature::ELR_VERSION, 0, 1),
    (feature::GROUP_VERSION, 0, 1),
    (feature::KRAFT_VERSION, 0, 1),
    (feature::METADATA_VERSION, 7, 30),
    (feature::SHARE_VERSION, 0, 1),
    (feature::STREAMS_VERSION, 0, 1),
    (feature::TRANSACTION_VERSION, 0, 2),
];

/// Levels that a format of 4.3 finalizes, in the order it writes them.
pub const FORMATTED: [(&str, i16); 6] = [
    (feature::METADATA_VERSION, 30),
    (feature::ELR_VERSION, 1),
    (feature::GROUP_VERSION, 1),
    (feature::SHARE_VERSION, 1),
    (feature::STREAMS_VERSION, 1),
    (feature::TRANSACTION_VERSION, 2),
];

/// The release and step each `metadata.version` came with, from the lowest that is served on.
const RELEASES: [&str; 24] = [
    "3.3-IV3", "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2", "3.7-IV0",
    "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0", "4.0-IV0", "4.0-IV1", "4.0-IV2",
    "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0", "4.2-IV1", "4.3-IV0",
];
const FIRST_RELEASE: i16 = 7;

/// Kafka's name of a `metadata.version`, such as `4.3-IV0`.
#[must_use]
pub fn release_of(metadata_version: i16) -> Option<&'static str> {
    let at = usize::try_from(metadata_version.checked_sub(FIRST_RELEASE)?).ok()?;
    RELEASES.get(at).copied()
}

/// Finalized feature levels. Level 0 is the same as absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features(BTreeMap<Str, i16>);

impl Features {
    /// The level of a feature, 0 when it was never raised.
    #[must_use]
    pub fn level(&self, name: &str) -> i16 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// Whether eligible leader replicas are kept.
    #[must_use]
    pub fn elr_enabled(&self) -> bool {
        self.level(feature::ELR_VERSION) >= 1
    }

    /// Every finalized feature by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, i16)> {
        self.0.iter().map(|(name, level)| (name, *level))
    }

    pub(crate) fn apply(&mut self, record: &FeatureLevelRecord) {
        if record.feature_level == 0 {
            self.0.remove(&record.name);
        } else {
            self.0.insert(kept(&record.name), record.feature_level);
        }
    }

    /// `metadata.version` first, as every reader needs it to understand the rest.
    pub(crate) fn to_records(&self) -> Vec<FeatureLevelRecord> {
        let record =
            |(name, level): (&Str, &i16)| FeatureLevelRecord { name: name.clone(), feature_level: *level };
        let mut records: Vec<_> = self.0.iter().map(record).collect();
        records.sort_by_key(|record| record.name != feature::METADATA_VERSION);
        records
    }
}
