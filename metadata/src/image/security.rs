use super::kept;
use bytes::Bytes;
use ottla_types::{Str, Uuid};
use ottla_wire::log_records::metadata::{
    access_control_entry_record::AccessControlEntryRecord, client_quota_record::ClientQuotaRecord,
    client_quota_record::EntityData, delegation_token_record::DelegationTokenRecord,
    user_scram_credential_record::UserScramCredentialRecord,
};
use std::collections::BTreeMap;

/// Who a quota is for: entity type (`user`, `client-id`, `ip`) to name, `None` for the default entity.
pub type QuotaEntity = BTreeMap<Str, Option<Str>>;

/// What the log keeps about users and their rights. Nothing here decides; it is kept whole so that a log written by
/// Kafka loses nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Security {
    /// SCRAM credentials by user and mechanism (1 SHA-256, 2 SHA-512).
    pub scram: BTreeMap<(Str, i8), UserScramCredentialRecord>,
    /// Access control entries by id.
    pub acls: BTreeMap<Uuid, AccessControlEntryRecord>,
    /// Delegation tokens by token id.
    pub tokens: BTreeMap<Str, DelegationTokenRecord>,
    /// Quotas by entity, then by key.
    pub quotas: BTreeMap<QuotaEntity, BTreeMap<Str, f64>>,
}

impl Security {
    pub(crate) fn put_scram(&mut self, record: &UserScramCredentialRecord) {
        let record = UserScramCredentialRecord {
            name: kept(&record.name),
            mechanism: record.mechanism,
            salt: Bytes::copy_from_slice(&record.salt),
            stored_key: Bytes::copy_from_slice(&record.stored_key),
            server_key: Bytes::copy_from_slice(&record.server_key),
            iterations: record.iterations,
        };
        self.scram.insert((record.name.clone(), record.mechanism), record);
    }

    pub(crate) fn put_acl(&mut self, record: &AccessControlEntryRecord) {
        let record = AccessControlEntryRecord {
            resource_name: kept(&record.resource_name),
            principal: kept(&record.principal),
            host: kept(&record.host),
            ..record.clone()
        };
        self.acls.insert(record.id, record);
    }

    pub(crate) fn put_token(&mut self, record: &DelegationTokenRecord) {
        let record = DelegationTokenRecord {
            owner: kept(&record.owner),
            requester: kept(&record.requester),
            renewers: record.renewers.iter().map(kept).collect(),
            token_id: kept(&record.token_id),
            ..record.clone()
        };
        self.tokens.insert(record.token_id.clone(), record);
    }

    pub(crate) fn apply_quota(&mut self, record: &ClientQuotaRecord) {
        let pair = |data: &EntityData| (kept(&data.entity_type), data.entity_name.as_ref().map(kept));
        let entity: QuotaEntity = record.entity.iter().map(pair).collect();
        if !record.remove {
            self.quotas.entry(entity).or_default().insert(kept(&record.key), record.value);
        } else if let Some(quotas) = self.quotas.get_mut(&entity) {
            quotas.remove(&record.key);
            if quotas.is_empty() {
                self.quotas.remove(&entity);
            }
        }
    }

    pub(crate) fn quota_records(&self) -> impl Iterator<Item = ClientQuotaRecord> + '_ {
        self.quotas.iter().flat_map(|(entity, quotas)| {
            quotas.iter().map(|(key, value)| ClientQuotaRecord {
                entity: entity
                    .iter()
                    .map(|(kind, name)| EntityData { entity_type: kind.clone(), entity_name: name.clone() })
                    .collect(),
                key: key.clone(),
                value: *value,
                remove: false,
            })
        })
    }
}
