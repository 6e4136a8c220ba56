use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_types::{ErrorCode, Millis, Str, Uuid};

use super::{
    super::{
        Settings,
        metadata::{Metadata, Topic},
        record::Record,
        reply::Refused,
        timers::{Timer, Timers},
    },
    ConsumerGroup, Subscriptions,
    member::Member,
    record::{ConsumerRecord, GroupEpoch, MemberMetadata},
};

/// What is known of a group beside its records; a new coordinator begins with nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::group) struct Watch {
    /// The version of the metadata against which the group's topics have been checked.
    pub(super) checked: Option<i64>,
}

/// One decision about one group: it sees the group as it is and collects what is to change.
pub(in crate::group) struct Step<'a> {
    pub(in crate::group) now: Millis,
    pub(in crate::group) settings: &'a Settings,
    pub(in crate::group) metadata: &'a Metadata,
    pub(in crate::group) group: &'a ConsumerGroup,
    pub(in crate::group) watch: &'a mut Watch,
    pub(in crate::group) timers: &'a mut Timers,
    /// The version of the metadata that last brought new topics.
    pub(in crate::group) topics_since: i64,
    pub(in crate::group) records: Vec<ConsumerRecord>,
}

impl Step<'_> {
    /// What is to be written.
    pub(in crate::group) fn into_records(self) -> impl Iterator<Item = Record> {
        let group_id = self.group.id.clone();
        self.records.into_iter().map(move |record| Record::Consumer { group_id: group_id.clone(), record })
    }

    /// A group at its limit takes nobody new.
    pub(super) fn check_room(&self, member_id: &str) -> Result<(), Refused> {
        let max = self.settings.consumer.max_size;
        if self.group.size() < max || self.group.has_member(member_id) {
            return Ok(());
        }
        let message = format!("The consumer group has reached its maximum capacity of {max} members.");
        Err(Refused::new(ErrorCode::GROUP_MAX_SIZE_REACHED, message))
    }

    /// The member a request without instance id is about; a new one if it may join.
    pub(super) fn dynamic_member(&self, member_id: &Str, joins: bool) -> Result<Member, Refused> {
        match self.group.member(member_id) {
            Some(member) => Ok(member),
            None if joins => Ok(Member::new(Str::from(member_id.to_string()))),
            None => Err(unknown_member(member_id, &self.group.id)),
        }
    }

    /// The present holder of an instance id, if it is the caller.
    pub(super) fn static_member(&self, member_id: &str, instance_id: &str) -> Result<Member, Refused> {
        let unknown =
            || Refused::new(ErrorCode::UNKNOWN_MEMBER_ID, format!("Instance id {instance_id} is unknown."));
        let holder = self.group.static_member(instance_id).ok_or_else(unknown)?;
        if *holder.id == *member_id {
            return Ok(holder);
        }
        let message = format!(
            "Static member {member_id} with instance id {instance_id} was fenced by member {}.",
            holder.id
        );
        Err(Refused::new(ErrorCode::FENCED_INSTANCE_ID, message))
    }

    /// Somebody new holds an instance id: it takes over what the one before was to have and has.
    pub(super) fn replace_static_member(&mut self, holder: &Member, member_id: &Str) -> Member {
        let mut current = (*holder.current).clone();
        (current.epoch, current.previous_epoch) = (0, 0);
        let member = Member {
            id: Str::from(member_id.to_string()),
            metadata: Arc::clone(&holder.metadata),
            current: Arc::new(current),
        };
        self.records.extend(Member::obituary(&holder.id));
        self.records.push(member.metadata_record());
        let target = self.group.target.get(&holder.id).cloned().unwrap_or_default();
        self.records.push(ConsumerRecord::Target { member_id: member.id.clone(), value: Some(target) });
        self.records.push(member.current_record());
        member
    }

    /// Writes what a member says of itself if that has changed; true if the topics it names have.
    pub(super) fn update_metadata(&mut self, member: &mut Member, metadata: MemberMetadata) -> bool {
        if *member.metadata == metadata {
            return false;
        }
        let topics_changed = member.metadata.topics != metadata.topics;
        member.metadata = Arc::new(metadata);
        self.records.push(member.metadata_record());
        topics_changed
    }

    /// The topics have not been looked at since the metadata changed.
    pub(super) fn is_stale(&self) -> bool {
        self.watch.checked.is_none_or(|checked| checked < self.metadata.version)
    }

    /// The group epoch for the subscriptions as they will be; the next one when they or their topics differ.
    pub(super) fn update_epoch(&mut self, bump: bool, subscriptions: &Subscriptions) -> i32 {
        let metadata_hash = subscriptions.metadata_hash(self.metadata);
        let epoch = self.group.epoch() + i32::from(bump || metadata_hash != self.group.metadata_hash());
        if epoch > self.group.epoch() {
            self.records.push(ConsumerRecord::Epoch(Some(GroupEpoch { epoch, metadata_hash })));
        }
        self.watch.checked = Some(self.metadata.version);
        if self.group.partition_metadata {
            self.records.push(ConsumerRecord::PartitionMetadata(false));
        }
        epoch
    }

    /// The ids of the existing topics a member is subscribed to, by name or by regular expression.
    pub(super) fn subscribed_ids(&self, metadata: &MemberMetadata) -> BTreeSet<Uuid> {
        subscribed(self.group, metadata, self.metadata).map(|topic| topic.id).collect()
    }

    pub(super) fn session_timeout_ms(&self) -> i32 {
        let overrides = self.metadata.overrides(&self.group.id);
        overrides.session_timeout_ms.unwrap_or(self.settings.consumer.session_timeout_ms)
    }

    pub(super) fn heartbeat_interval_ms(&self) -> i32 {
        let overrides = self.metadata.overrides(&self.group.id);
        overrides.heartbeat_interval_ms.unwrap_or(self.settings.consumer.heartbeat_interval_ms)
    }

    /// Something happens to a member unless it is heard of in time.
    pub(super) fn set_timer(
        &mut self,
        timer: impl FnOnce(Str, Str) -> Timer,
        member_id: &Str,
        after_ms: i32,
    ) {
        let timer = timer(self.group.id.clone(), member_id.clone());
        self.timers.set(timer, self.now.plus(i64::from(after_ms.max(0))));
    }

    pub(super) fn cancel_timer(&mut self, timer: impl FnOnce(Str, Str) -> Timer, member_id: &Str) {
        self.timers.cancel(&timer(self.group.id.clone(), member_id.clone()));
    }
}

/// The existing topics a member is subscribed to; one may come twice.
pub(super) fn subscribed<'a>(
    group: &'a ConsumerGroup,
    member: &'a MemberMetadata,
    metadata: &'a Metadata,
) -> impl Iterator<Item = &'a Topic> {
    let resolved = member.regex().and_then(|regex| group.regexes.get(regex));
    let found = resolved.into_iter().flat_map(|resolved| &resolved.topics);
    member.topics.iter().chain(found).filter_map(|name| metadata.topic(name))
}

pub(super) fn unknown_member(member_id: &str, group_id: &str) -> Refused {
    let message = format!("Member {member_id} is not a member of group {group_id}.");
    Refused::new(ErrorCode::UNKNOWN_MEMBER_ID, message)
}

/// How many partitions each of the topics has.
pub(super) fn partition_counts<'a>(topics: impl Iterator<Item = &'a Topic>) -> BTreeMap<Uuid, i32> {
    topics.map(|topic| (topic.id, topic.partitions)).collect()
}
