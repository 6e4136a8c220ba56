// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Any record of the metadata log, and its framing.

use bytes::Bytes;

use super::metadata::{
    abort_transaction_record::AbortTransactionRecord, access_control_entry_record::AccessControlEntryRecord,
    begin_transaction_record::BeginTransactionRecord,
    broker_registration_change_record::BrokerRegistrationChangeRecord, clear_elr_record::ClearElrRecord,
    client_quota_record::ClientQuotaRecord, config_record::ConfigRecord,
    delegation_token_record::DelegationTokenRecord, end_transaction_record::EndTransactionRecord,
    feature_level_record::FeatureLevelRecord, fence_broker_record::FenceBrokerRecord,
    no_op_record::NoOpRecord, partition_change_record::PartitionChangeRecord,
    partition_record::PartitionRecord, producer_ids_record::ProducerIdsRecord,
    register_broker_record::RegisterBrokerRecord, register_controller_record::RegisterControllerRecord,
    remove_access_control_entry_record::RemoveAccessControlEntryRecord,
    remove_delegation_token_record::RemoveDelegationTokenRecord, remove_topic_record::RemoveTopicRecord,
    remove_user_scram_credential_record::RemoveUserScramCredentialRecord, topic_record::TopicRecord,
    unfence_broker_record::UnfenceBrokerRecord, unregister_broker_record::UnregisterBrokerRecord,
    user_scram_credential_record::UserScramCredentialRecord,
    zk_migration_state_record::ZkMigrationStateRecord,
};
use crate::{DecodeError, EncodeError, Message, Reader, VersionRange, Writer, decode_body};

/// The frame version in front of every metadata record.
const FRAME_VERSION: u32 = 1;

macro_rules! metadata_records {
    ($($name:ident = $code:literal, $record:ident;)*) => {
        /// Any record of `__cluster_metadata`.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each variant holds the record of its name")]
        pub enum MetadataRecord {
            $($name($record),)*
        }

        impl MetadataRecord {
            /// Kafka's name of the record.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($record),)* }
            }

            /// The versions this build knows of the record.
            #[must_use]
            pub const fn versions(&self) -> VersionRange {
                match self { $(Self::$name(_) => <$record as Message>::VERSIONS,)* }
            }

            /// Reads a record's value: frame version, type, version, message.
            ///
            /// # Errors
            /// The bytes are no record, or one of a type or version this build does not know.
            pub fn decode(value: Bytes) -> Result<Self, DecodeError> {
                let mut r = Reader::new(value);
                let frame = r.unsigned_varint()?;
                if frame != FRAME_VERSION {
                    return Err(DecodeError::UnknownRecordType(i64::from(frame)));
                }
                let code = r.unsigned_varint()?;
                let version = i16::try_from(r.unsigned_varint()?).unwrap_or(i16::MAX);
                match code {
                    $($code => decode_body(r.rest(), version).map(Self::$name),)*
                    _ => Err(DecodeError::UnknownRecordType(i64::from(code))),
                }
            }

            /// Writes the record's value at `version` of its message.
            ///
            /// # Errors
            /// The version is unknown or cannot carry what the record holds.
            pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
                let mut w = Writer::new();
                w.unsigned_varint(FRAME_VERSION);
                match self {
                    $(Self::$name(record) => {
                        w.unsigned_varint($code);
                        w.unsigned_varint(u32::from(version.unsigned_abs()));
                        record.encode(&mut w, version)?;
                    })*
                }
                Ok(w.into_bytes())
            }
        }

        $(impl From<$record> for MetadataRecord {
            fn from(record: $record) -> Self {
                Self::$name(record)
            }
        })*
    };
}

metadata_records! {
    RegisterBroker = 0, RegisterBrokerRecord;
    UnregisterBroker = 1, UnregisterBrokerRecord;
    Topic = 2, TopicRecord;
    Partition = 3, PartitionRecord;
    Config = 4, ConfigRecord;
    PartitionChange = 5, PartitionChangeRecord;
    FenceBroker = 7, FenceBrokerRecord;
    UnfenceBroker = 8, UnfenceBrokerRecord;
    RemoveTopic = 9, RemoveTopicRecord;
    DelegationToken = 10, DelegationTokenRecord;
    UserScramCredential = 11, UserScramCredentialRecord;
    FeatureLevel = 12, FeatureLevelRecord;
    ClientQuota = 14, ClientQuotaRecord;
    ProducerIds = 15, ProducerIdsRecord;
    BrokerRegistrationChange = 17, BrokerRegistrationChangeRecord;
    AccessControlEntry = 18, AccessControlEntryRecord;
    RemoveAccessControlEntry = 19, RemoveAccessControlEntryRecord;
    NoOp = 20, NoOpRecord;
    ZkMigrationState = 21, ZkMigrationStateRecord;
    RemoveUserScramCredential = 22, RemoveUserScramCredentialRecord;
    BeginTransaction = 23, BeginTransactionRecord;
    EndTransaction = 24, EndTransactionRecord;
    AbortTransaction = 25, AbortTransactionRecord;
    RemoveDelegationToken = 26, RemoveDelegationTokenRecord;
    RegisterController = 27, RegisterControllerRecord;
    ClearElr = 28, ClearElrRecord;
}
