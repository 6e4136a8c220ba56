use crate::{Features, feature};
use ottla_wire::MetadataRecord;

/// The version a record is written at: the lowest that carries everything this `metadata.version` allows, as Kafka's
/// controller chooses it.
#[must_use]
pub fn record_version(record: &MetadataRecord, features: &Features) -> i16 {
    let level = features.level(feature::METADATA_VERSION);
    match record {
        // 1 controlled shutdown, 2 ZooKeeper migration (3.4-IV0), 3 directories (3.7-IV2), 4 cordoned ones (4.3-IV0).
        MetadataRecord::RegisterBroker(_) => match level {
            30.. => 4,
            17.. => 3,
            8.. => 2,
            _ => 1,
        },
        // Directories since 3.7-IV2 (17), eligible leader replicas since 4.0-IV1 (23).
        MetadataRecord::Partition(_) | MetadataRecord::PartitionChange(_) => match level {
            23.. => 2,
            17.. => 1,
            _ => 0,
        },
        MetadataRecord::BrokerRegistrationChange(change) => {
            if change.cordoned_log_dirs.is_some() {
                3
            } else if !change.log_dirs.is_empty() {
                2
            } else {
                i16::from(change.in_controlled_shutdown != 0)
            }
        }
        _ => 0,
    }
}
