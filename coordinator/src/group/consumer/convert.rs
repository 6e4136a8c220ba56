//! A group changes its type while its members work: `group.consumer.migration.policy`.

use std::sync::Arc;

use ottla_types::{ErrorCode, Str};

use super::{
    super::{
        classic::{ClassicGroup, Member as ClassicMember},
        metadata::Metadata,
        reply::Refused,
        settings::Settings,
    },
    ConsumerGroup, FIRST_EPOCH, Subscriptions,
    embedded::{Assigned, read_assignment, read_subscription, write_assignment},
    member::Member,
    record::{
        ClassicMetadata, ConsumerRecord, CurrentAssignment, GroupEpoch, MemberMetadata, MemberState,
        TargetEpoch,
    },
    step::Step,
};

/// The records that make a consumer group of a classic one with members. The generation becomes the epoch of everything.
pub(in crate::group) fn upgrade(
    classic: &ClassicGroup,
    settings: &Settings,
    metadata: &Metadata,
) -> Result<Vec<ConsumerRecord>, Refused> {
    let refuse = |why: &str| {
        let message = format!("Cannot upgrade classic group {} to consumer group because {why}.", classic.id);
        Err(Refused::new(ErrorCode::GROUP_ID_NOT_FOUND, message))
    };
    if !settings.consumer.migration.upgrades() {
        return refuse("online upgrade is disabled");
    }
    if !classic.uses_consumer_protocol() {
        return refuse("the group does not use the consumer embedded protocol");
    }
    if classic.members.len() > settings.consumer.max_size {
        return refuse("the group size exceeds the consumer group maximum size");
    }
    let protocol = classic.working_protocol();
    // A group that has not come to its first generation begins like a new one.
    let epoch = classic.generation.max(FIRST_EPOCH);
    let mut group = ConsumerGroup::new(classic.id.clone());
    let mut records = Vec::new();
    for member in classic.members.values() {
        match upgraded_member(member, epoch, &protocol, metadata) {
            Upgraded::Member(parts) => records.extend(*parts),
            Upgraded::UserData => {
                return refuse(
                    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a \
                     default assignor before re-attempting the upgrade",
                );
            }
            Upgraded::Malformed => return refuse("the embedded consumer protocol is malformed"),
        }
    }
    // All members first, then the group, their targets, and what they have: the order Kafka writes them in.
    records.sort_by_key(|record| match record {
        ConsumerRecord::Member { .. } => 0,
        ConsumerRecord::Target { .. } => 1,
        _ => 2,
    });
    records.iter().for_each(|record| group.apply(record));
    let metadata_hash = Subscriptions::of(&group).metadata_hash(metadata);
    let group_epoch = ConsumerRecord::Epoch(Some(GroupEpoch { epoch, metadata_hash }));
    let target_epoch = ConsumerRecord::TargetEpoch(Some(TargetEpoch { epoch, timestamp: 0 }));
    let count = classic.members.len();
    records.insert(count * 2, target_epoch);
    records.insert(count, group_epoch);
    Ok(records)
}

enum Upgraded {
    Member(Box<[ConsumerRecord; 3]>),
    UserData,
    Malformed,
}

fn upgraded_member(member: &ClassicMember, generation: i32, protocol: &str, metadata: &Metadata) -> Upgraded {
    let Some(subscription) = read_subscription(&member.metadata(protocol)) else {
        return Upgraded::Malformed;
    };
    let partitions = match read_assignment(&member.assignment, metadata) {
        Some(Assigned::Partitions(partitions)) => partitions,
        Some(Assigned::UserData) => return Upgraded::UserData,
        None => return Upgraded::Malformed,
    };
    let own = super::heartbeat::own;
    let about = MemberMetadata {
        instance_id: member.instance_id.clone(),
        rack_id: subscription.rack_id.as_ref().filter(|rack| !rack.is_empty()).map(own),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        topics: subscription.topics.iter().map(own).collect(),
        rebalance_timeout_ms: member.rebalance_timeout_ms,
        classic: Some(ClassicMetadata {
            session_timeout_ms: member.session_timeout_ms,
            protocols: member.protocols.clone(),
        }),
        ..MemberMetadata::default()
    };
    let assigned = partitions
        .iter()
        .map(|(topic, indexes)| (*topic, indexes.iter().map(|index| (*index, generation)).collect()));
    let current = CurrentAssignment {
        epoch: generation,
        previous_epoch: generation,
        state: MemberState::Stable,
        assigned: assigned.collect(),
        ..CurrentAssignment::default()
    };
    let member_id = || member.id.clone();
    Upgraded::Member(Box::new([
        ConsumerRecord::Member { member_id: member_id(), value: Some(Arc::new(about)) },
        ConsumerRecord::Target { member_id: member_id(), value: Some(Arc::new(partitions)) },
        ConsumerRecord::Current { member_id: member_id(), value: Some(Arc::new(current)) },
    ]))
}

impl Step<'_> {
    /// Without these members the group has only classic ones, and may become a classic group.
    pub(in crate::group) fn may_downgrade_without(&self, leaving: &[Member]) -> bool {
        let left = self.group.size().saturating_sub(leaving.len());
        left > 0
            && left <= self.settings.max_group_size
            && self.settings.consumer.migration.downgrades()
            && self.others_are_classic(|id| leaving.iter().any(|member| member.id == *id))
    }

    /// The last member of the consumer protocol is replaced by a classic one.
    pub(super) fn may_downgrade_replacing(&self, replaced: &Member) -> bool {
        !replaced.uses_classic_protocol()
            && self.group.size() <= self.settings.max_group_size
            && self.settings.consumer.migration.downgrades()
            && self.others_are_classic(|id| *id == replaced.id)
    }

    fn others_are_classic(&self, except: impl Fn(&Str) -> bool) -> bool {
        self.group.metadata.iter().all(|(id, metadata)| metadata.classic.is_some() || except(id))
    }

    /// The members of the classic group this one becomes, with what they are to have as their assignments. `joining` takes
    /// the place of whoever held its instance id.
    pub(in crate::group) fn classic_members(
        &self,
        leaving: &[Member],
        joining: Option<&Member>,
    ) -> Vec<ClassicMember> {
        let instance = joining.and_then(|member| member.metadata.instance_id.as_ref());
        let replaced = instance.and_then(|instance| self.group.static_members.get(instance));
        let stays =
            |member: &Member| leaving.iter().all(|gone| gone.id != member.id) && Some(&member.id) != replaced;
        let mut members: Vec<ClassicMember> = self
            .group
            .members()
            .filter(stays)
            .filter_map(|member| self.classic_member_of(&member, &member.id))
            .collect();
        members.extend(
            joining.and_then(|member| self.classic_member_of(member, replaced.unwrap_or(&member.id))),
        );
        members
    }

    fn classic_member_of(&self, member: &Member, target_of: &str) -> Option<ClassicMember> {
        let classic = member.metadata.classic.as_ref()?;
        let target = self.group.target(target_of).into_iter().flatten();
        let topics = target.map(|(topic, partitions)| (*topic, partitions.iter().copied().collect()));
        let subscription = &classic.protocols.first()?.metadata;
        Some(ClassicMember {
            id: member.id.clone(),
            instance_id: member.metadata.instance_id.clone(),
            client_id: member.metadata.client_id.clone(),
            client_host: member.metadata.client_host.clone(),
            rebalance_timeout_ms: member.metadata.rebalance_timeout_ms,
            session_timeout_ms: classic.session_timeout_ms,
            protocol_type: Str::from_static("consumer"),
            protocols: classic.protocols.clone(),
            assignment: write_assignment(topics, subscription, self.metadata).unwrap_or_default(),
            is_new: false,
            join_ticket: None,
            sync_ticket: None,
        })
    }
}
