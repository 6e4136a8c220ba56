//! Consumer groups (KIP-848): the coordinator assigns, members follow step by step with their heartbeats.
//!
//! Three epochs move a group. The *group epoch* ascends with every change of members, subscriptions or topics. The *target
//! assignment* is computed for it and carries its epoch. A *member epoch* says up to which target a member has come: it
//! first gives up what it must (unrevoked), then gets the target's epoch, then waits for what others still hold
//! (unreleased). A partition is in nobody's assignment before its last owner has confirmed that it is gone.
//!
//! A group is what its records say and nothing else: [`ConsumerGroup::apply`] is the only way it changes. Deciding reads it
//! and writes records (`step.rs` and the files around it); all of `step` sees the group as it was before.
//! Start with `heartbeat.rs`; `classic.rs` serves members of the classic protocol, `convert.rs` changes the type of a group.

mod classic;
mod classic_members;
mod codec;
mod convert;
mod decide;
mod describe;
mod dispatch;
mod embedded;
mod fence;
mod heartbeat;
mod leave;
mod member;
mod offsets;
mod reconcile;
mod record;
mod regex;
mod request;
mod step;
mod subscriptions;
mod target;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_assign::Partitions;
use ottla_types::{Str, Uuid};

pub(super) use codec::{decode, encode};
pub use describe::{ConsumerState, DescribedConsumerGroup, DescribedConsumerMember};
pub use heartbeat::HeartbeatReply;
use member::Member;
pub use record::{
    ClassicMetadata, ConsumerRecord, CurrentAssignment, GroupEpoch, MemberMetadata, MemberState,
    OwnedPartitions, ResolvedRegex, TargetEpoch,
};
pub use request::ConsumerHeartbeat;
pub(super) use step::Watch;
use subscriptions::Subscriptions;

/// The epoch of a group nothing has been written about, and that of its target.
const FIRST_EPOCH: i32 = 1;

/// One consumer group, as the log has it.
#[derive(Debug, Clone, Default)]
pub struct ConsumerGroup {
    pub(super) id: Str,
    epoch: Option<GroupEpoch>,
    partition_metadata: bool,
    target_epoch: Option<TargetEpoch>,
    metadata: BTreeMap<Str, Arc<MemberMetadata>>,
    current: BTreeMap<Str, Arc<CurrentAssignment>>,
    target: BTreeMap<Str, Arc<Partitions>>,
    regexes: BTreeMap<Str, ResolvedRegex>,
    /// How many members have a partition, or have not given it up: 1, or no entry. Made from `current`.
    owners: BTreeMap<(Uuid, i32), u32>,
    /// Member ids by instance id. Made from `metadata`.
    static_members: BTreeMap<Str, Str>,
    /// How many members subscribe by regular expression. Made from `metadata`.
    regex_members: usize,
}

impl PartialEq for ConsumerGroup {
    /// The rest is made from these.
    fn eq(&self, other: &Self) -> bool {
        let about = |group: &Self| (group.epoch, group.partition_metadata, group.target_epoch);
        about(self) == about(other)
            && self.metadata == other.metadata
            && self.current == other.current
            && self.target == other.target
            && self.regexes == other.regexes
            && self.owners == other.owners
            && self.static_members == other.static_members
    }
}

impl ConsumerGroup {
    pub(super) fn new(id: Str) -> Self {
        Self { id, ..Self::default() }
    }

    pub(super) fn apply(&mut self, record: &ConsumerRecord) {
        match record {
            ConsumerRecord::Epoch(value) => self.epoch = *value,
            ConsumerRecord::PartitionMetadata(present) => self.partition_metadata = *present,
            ConsumerRecord::TargetEpoch(value) => self.target_epoch = *value,
            ConsumerRecord::Member { member_id, value } => self.apply_member(member_id, value.as_ref()),
            ConsumerRecord::Target { member_id, value } => put(&mut self.target, member_id, value.as_ref()),
            ConsumerRecord::Current { member_id, value } => self.apply_current(member_id, value.as_ref()),
            ConsumerRecord::Regex { regex, value } => put(&mut self.regexes, regex, value.as_ref()),
        }
    }

    fn apply_member(&mut self, member_id: &Str, value: Option<&Arc<MemberMetadata>>) {
        if let Some(before) = self.metadata.get(member_id) {
            self.regex_members -= usize::from(before.regex().is_some());
            if let Some(instance_id) = &before.instance_id
                && self.static_members.get(instance_id) == Some(member_id)
            {
                self.static_members.remove(instance_id);
            }
        }
        if let Some(value) = value {
            self.regex_members += usize::from(value.regex().is_some());
            if let Some(instance_id) = &value.instance_id {
                self.static_members.insert(instance_id.clone(), member_id.clone());
            }
        }
        put(&mut self.metadata, member_id, value);
    }

    fn apply_current(&mut self, member_id: &Str, value: Option<&Arc<CurrentAssignment>>) {
        if let Some(before) = self.current.get(member_id) {
            for partition in before.held() {
                if let Some(owners) = self.owners.get_mut(&partition) {
                    *owners -= 1;
                    if *owners == 0 {
                        self.owners.remove(&partition);
                    }
                }
            }
        }
        for partition in value.iter().flat_map(|value| value.held()) {
            *self.owners.entry(partition).or_default() += 1;
        }
        put(&mut self.current, member_id, value);
    }

    /// Nothing is left of it.
    pub(super) fn is_gone(&self) -> bool {
        self.epoch.is_none()
            && !self.partition_metadata
            && self.target_epoch.is_none()
            && self.metadata.is_empty()
            && self.current.is_empty()
            && self.target.is_empty()
            && self.regexes.is_empty()
    }

    /// The group epoch.
    #[must_use]
    pub fn epoch(&self) -> i32 {
        self.epoch.map_or(FIRST_EPOCH, |epoch| epoch.epoch)
    }

    pub(super) fn metadata_hash(&self) -> i64 {
        self.epoch.map_or(0, |epoch| epoch.metadata_hash)
    }

    /// The epoch of the target assignment.
    #[must_use]
    pub fn target_epoch(&self) -> i32 {
        self.target_epoch.map_or(FIRST_EPOCH, |target| target.epoch)
    }

    fn target_timestamp(&self) -> i64 {
        self.target_epoch.map_or(0, |target| target.timestamp)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.metadata.is_empty()
    }

    /// How many members it has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.metadata.len()
    }

    /// The ids of its members.
    pub fn member_ids(&self) -> impl Iterator<Item = &Str> {
        self.metadata.keys()
    }

    /// What a member has.
    #[must_use]
    pub fn current(&self, member_id: &str) -> Option<&CurrentAssignment> {
        self.current.get(member_id).map(Arc::as_ref)
    }

    /// What a member is to have.
    #[must_use]
    pub fn target(&self, member_id: &str) -> Option<&Partitions> {
        self.target.get(member_id).map(Arc::as_ref)
    }

    fn has_member(&self, member_id: &str) -> bool {
        self.metadata.contains_key(member_id)
    }

    fn member(&self, member_id: &str) -> Option<Member> {
        let (id, metadata) = self.metadata.get_key_value(member_id)?;
        let current = self.current.get(member_id).cloned().unwrap_or_default();
        Some(Member { id: id.clone(), metadata: Arc::clone(metadata), current })
    }

    fn members(&self) -> impl Iterator<Item = Member> {
        self.metadata.keys().filter_map(|member_id| self.member(member_id))
    }

    fn static_member(&self, instance_id: &str) -> Option<Member> {
        self.member(self.static_members.get(instance_id)?)
    }

    /// Whether some member may still read the partition.
    fn is_owned(&self, topic: Uuid, partition: i32) -> bool {
        self.owners.contains_key(&(topic, partition))
    }

    /// Whether any member names the topic, or a regular expression found it.
    pub(super) fn subscribed_topics(&self) -> BTreeSet<Str> {
        let named = self.metadata.values().flat_map(|metadata| &metadata.topics);
        named.chain(self.regexes.values().flat_map(|regex| &regex.topics)).cloned().collect()
    }

    /// Tombstones for all of it, the group's own last.
    pub(super) fn obituary(&self) -> Vec<ConsumerRecord> {
        let ids: BTreeSet<&Str> = self.current.keys().chain(self.metadata.keys()).collect();
        let current = ids.iter().map(|id| ConsumerRecord::Current { member_id: (*id).clone(), value: None });
        let targets: BTreeSet<&Str> = self.target.keys().chain(self.metadata.keys()).collect();
        let target =
            targets.iter().map(|id| ConsumerRecord::Target { member_id: (*id).clone(), value: None });
        let members =
            self.metadata.keys().map(|id| ConsumerRecord::Member { member_id: id.clone(), value: None });
        let regexes =
            self.regexes.keys().map(|regex| ConsumerRecord::Regex { regex: regex.clone(), value: None });
        let mut records: Vec<ConsumerRecord> = current.chain(target).collect();
        records.push(ConsumerRecord::TargetEpoch(None));
        records.extend(members.chain(regexes));
        records.extend([ConsumerRecord::PartitionMetadata(false), ConsumerRecord::Epoch(None)]);
        records
    }
}

fn put<V: Clone>(map: &mut BTreeMap<Str, V>, key: &Str, value: Option<&V>) {
    match value {
        Some(value) => map.insert(key.clone(), value.clone()),
        None => map.remove(key),
    };
}
