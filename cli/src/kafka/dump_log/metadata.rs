//! Records of the quorum's log: what the cluster is, change by change; and the quorum's own notes between them.

use bytes::Bytes;
use ottla_records::{ControlRecord, ControlType};
use ottla_wire::{
    DecodeError, Message, Reader,
    log_records::control::{
        end_txn_marker::EndTxnMarker, kraft_version_record::KRaftVersionRecord,
        leader_change_message::LeaderChangeMessage, snapshot_footer_record::SnapshotFooterRecord,
        snapshot_header_record::SnapshotHeaderRecord, voters_record::VotersRecord,
    },
};

use super::json::{self, Json};

/// The frame version in front of every record.
const FRAME_VERSION: u32 = 1;

/// Reads a message at a version.
type Read = fn(&mut Reader, i16) -> Result<Json, DecodeError>;

macro_rules! records {
    ($($code:literal $file:ident::$record:ident;)*) => {
        /// The name of a type and how it is read.
        fn kind(code: u32) -> Option<(&'static str, Read)> {
            match code {
                $($code => Some((
                    stringify!($file),
                    json::message::<ottla_wire::log_records::metadata::$file::$record> as Read,
                )),)*
                _ => None,
            }
        }

        /// Each type with a record of it that says nothing.
        #[cfg(test)]
        fn blanks() -> Vec<(u32, ottla_wire::MetadataRecord)> {
            vec![$((
                $code,
                ottla_wire::log_records::metadata::$file::$record::default().into(),
            )),*]
        }
    };
}

records! {
    0 register_broker_record::RegisterBrokerRecord;
    1 unregister_broker_record::UnregisterBrokerRecord;
    2 topic_record::TopicRecord;
    3 partition_record::PartitionRecord;
    4 config_record::ConfigRecord;
    5 partition_change_record::PartitionChangeRecord;
    7 fence_broker_record::FenceBrokerRecord;
    8 unfence_broker_record::UnfenceBrokerRecord;
    9 remove_topic_record::RemoveTopicRecord;
    10 delegation_token_record::DelegationTokenRecord;
    11 user_scram_credential_record::UserScramCredentialRecord;
    12 feature_level_record::FeatureLevelRecord;
    14 client_quota_record::ClientQuotaRecord;
    15 producer_ids_record::ProducerIdsRecord;
    17 broker_registration_change_record::BrokerRegistrationChangeRecord;
    18 access_control_entry_record::AccessControlEntryRecord;
    19 remove_access_control_entry_record::RemoveAccessControlEntryRecord;
    20 no_op_record::NoOpRecord;
    21 zk_migration_state_record::ZkMigrationStateRecord;
    22 remove_user_scram_credential_record::RemoveUserScramCredentialRecord;
    23 begin_transaction_record::BeginTransactionRecord;
    24 end_transaction_record::EndTransactionRecord;
    25 abort_transaction_record::AbortTransactionRecord;
    26 remove_delegation_token_record::RemoveDelegationTokenRecord;
    27 register_controller_record::RegisterControllerRecord;
    28 clear_elr_record::ClearElrRecord;
}

/// A record's value, as it is printed behind `payload:`.
pub(super) fn print(offset: i64, value: Option<&[u8]>) -> String {
    let read = || -> Result<String, String> {
        let text = |error: DecodeError| error.to_string();
        let mut reader = Reader::new(Bytes::copy_from_slice(value.ok_or("the record has no value")?));
        let frame = reader.unsigned_varint().map_err(text)?;
        if frame != FRAME_VERSION {
            return Err(format!(
                "Could not deserialize metadata record due to unknown frame version {frame}"
            ));
        }
        let code = reader.unsigned_varint().map_err(text)?;
        let version = reader.unsigned_varint().map_err(text)?;
        let (name, read) = kind(code).ok_or_else(|| format!("Unknown metadata id {code}"))?;
        let data = read(&mut reader, i16::try_from(version).unwrap_or(i16::MAX)).map_err(text)?;
        let name = name.to_uppercase();
        Ok(format!(r#"{{"type":"{name}","version":{version},"data":{data}}}"#))
    };
    read().unwrap_or_else(|why| format!("Error at {offset}, skipping. {why}"))
}

/// A control record, as it is printed behind what every record has.
pub(super) fn control(record: &ControlRecord) -> String {
    let json = match record.kind {
        ControlType::Abort => return marker("ABORT", record),
        ControlType::Commit => return marker("COMMIT", record),
        ControlType::LeaderChange => ("LeaderChange:", content::<LeaderChangeMessage>(record)),
        ControlType::SnapshotHeader => ("SnapshotHeader", content::<SnapshotHeaderRecord>(record)),
        ControlType::SnapshotFooter => ("SnapshotFooter", content::<SnapshotFooterRecord>(record)),
        ControlType::KraftVersion => ("KRaftVersion", content::<KRaftVersionRecord>(record)),
        ControlType::KraftVoters => ("KRaftVoters", content::<VotersRecord>(record)),
        // Java has one name for all it does not know.
        ControlType::Unknown(code) => return format!("controlType: UNKNOWN({code})"),
    };
    match json {
        (name, Ok(json)) => format!("{name} {json}"),
        (name, Err(error)) => format!("{name} {error}"),
    }
}

/// Their first field is the version they are written in.
fn content<T: Message>(record: &ControlRecord) -> Result<Json, DecodeError> {
    let mut reader = Reader::new(Bytes::clone(&record.value));
    let version = reader.clone().i16()?;
    json::message::<T>(&mut reader, version)
}

fn marker(name: &str, record: &ControlRecord) -> String {
    // Two bytes of version stand before it.
    let mut reader = Reader::new(Bytes::clone(&record.value));
    let epoch = reader.i16().ok().and_then(|_| EndTxnMarker::decode(&mut reader, 0).ok());
    let epoch = epoch.map_or_else(|| "?".to_owned(), |marker| marker.coordinator_epoch.to_string());
    format!("endTxnMarker: {name} coordinatorEpoch: {epoch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_the_name_and_the_versions_it_has_on_the_wire() {
        assert_eq!(blanks().len(), 26);
        for (code, record) in blanks() {
            let (min, max) = (record.versions().min, record.versions().max);
            for version in min..=max {
                let bytes = record.encode(version).expect("it can be written");
                let printed = print(3, Some(&bytes));
                let (name, _) = kind(code).expect("a type");
                assert!(record.name().eq_ignore_ascii_case(&name.replace('_', "")), "{name}");
                let head = format!(r#"{{"type":"{}","version":{version},"data":{{"#, name.to_uppercase());
                assert!(printed.starts_with(&head), "{printed}");
                assert!(serde_json::from_str::<serde_json::Value>(&printed).is_ok(), "{printed}");
            }
        }
    }

    #[test]
    fn what_is_no_record_is_skipped() {
        assert_eq!(print(7, Some(&[1, 99, 0])), "Error at 7, skipping. Unknown metadata id 99");
        assert!(print(7, Some(&[2, 0, 0])).contains("unknown frame version 2"));
        assert!(print(7, Some(&[1, 2, 0, 5])).starts_with("Error at 7, skipping. "));
        assert!(print(7, None).starts_with("Error at 7, skipping. "));
    }
}
