use ottla_assign::Partitions;
use ottla_types::Str;

use super::{
    super::{metadata::Metadata, settings::Settings},
    ConsumerGroup,
    member::Member,
    subscriptions::preferred_assignor,
};

/// Where a consumer group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsumerState {
    /// No members; it may have offsets.
    Empty,
    /// A new target assignment is due.
    Assigning,
    /// Members are on their way to the target.
    Reconciling,
    /// Everybody has what it is to have.
    Stable,
}

impl ConsumerState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Empty, Self::Assigning, Self::Reconciling, Self::Stable];

    /// Kafka's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
        }
    }
}

/// One consumer group in full.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedConsumerGroup {
    /// The group.
    pub group_id: Str,
    /// Where it stands.
    pub state: ConsumerState,
    /// The group epoch.
    pub epoch: i32,
    /// The epoch of the target.
    pub target_epoch: i32,
    /// The assignor most members prefer, or the default.
    pub assignor: Str,
    /// Its members.
    pub members: Vec<DescribedConsumerMember>,
}

/// One member of a described consumer group.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedConsumerMember {
    /// Its id.
    pub member_id: Str,
    /// Its instance id if static.
    pub instance_id: Option<Str>,
    /// Where it runs.
    pub rack_id: Option<Str>,
    /// Its epoch.
    pub epoch: i32,
    /// From its last request.
    pub client_id: Str,
    /// From its last request.
    pub client_host: Str,
    /// The topics it names.
    pub topics: Vec<Str>,
    /// Its regular expression.
    pub regex: Option<Str>,
    /// What it may still read, of topics that exist.
    pub assigned: Vec<(Str, ottla_types::Uuid, Vec<i32>)>,
    /// What it is to have, of topics that exist.
    pub target: Vec<(Str, ottla_types::Uuid, Vec<i32>)>,
    /// It uses the classic protocol.
    pub is_classic: bool,
}

impl ConsumerGroup {
    /// Where the group stands.
    #[must_use]
    pub fn state(&self) -> ConsumerState {
        if self.is_empty() {
            ConsumerState::Empty
        } else if self.epoch() > self.target_epoch() {
            ConsumerState::Assigning
        } else if self.members().all(|member| member.is_reconciled_to(self.target_epoch())) {
            ConsumerState::Stable
        } else {
            ConsumerState::Reconciling
        }
    }

    pub(in crate::group) fn describe(
        &self,
        settings: &Settings,
        metadata: &Metadata,
    ) -> DescribedConsumerGroup {
        let assignor = preferred_assignor(self, None, settings.consumer.default_assignor());
        DescribedConsumerGroup {
            group_id: self.id.clone(),
            state: self.state(),
            epoch: self.epoch(),
            target_epoch: self.target_epoch(),
            assignor: Str::from_static(assignor.name()),
            members: self.members().map(|member| self.describe_member(&member, metadata)).collect(),
        }
    }

    fn describe_member(&self, member: &Member, metadata: &Metadata) -> DescribedConsumerMember {
        let mut held = Partitions::new();
        for (topic, partition) in member.current.held() {
            held.entry(topic).or_default().insert(partition);
        }
        let named = |partitions: &Partitions| {
            let known = partitions.iter().filter_map(|(id, indexes)| {
                let topic = metadata.topic_by_id(*id)?;
                Some((topic.name.clone(), *id, indexes.iter().copied().collect()))
            });
            known.collect()
        };
        let about = &member.metadata;
        DescribedConsumerMember {
            member_id: member.id.clone(),
            instance_id: about.instance_id.clone(),
            rack_id: about.rack_id.clone(),
            epoch: member.epoch(),
            client_id: about.client_id.clone(),
            client_host: about.client_host.clone(),
            topics: about.topics.iter().cloned().collect(),
            regex: about.regex.clone(),
            assigned: named(&held),
            target: self.target(&member.id).map(named).unwrap_or_default(),
            is_classic: member.uses_classic_protocol(),
        }
    }
}
