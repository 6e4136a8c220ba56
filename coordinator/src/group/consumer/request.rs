use ottla_assign::Assignor;
use ottla_types::{ErrorCode, Str, Uuid};

use super::{
    super::reply::Refused,
    member::{LEAVE_EPOCH, LEAVE_STATIC_EPOCH},
};

/// ConsumerGroupHeartbeat. What is `None` has not changed since the member said it last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsumerHeartbeat {
    /// The group.
    pub group_id: Str,
    /// Made by the member itself from version 1 on; empty at first below.
    pub member_id: Str,
    /// The member's epoch; 0 joins, −1 leaves, −2 leaves for a while (static members).
    pub member_epoch: i32,
    /// Set by static members.
    pub instance_id: Option<Str>,
    /// Where the member runs.
    pub rack_id: Option<Str>,
    /// How long it may take to give partitions up; −1 for unchanged.
    pub rebalance_timeout_ms: i32,
    /// The topics it names.
    pub topics: Option<Vec<Str>>,
    /// A regular expression for more; empty for none.
    pub regex: Option<Str>,
    /// The assignor it prefers.
    pub assignor: Option<Str>,
    /// What it has.
    pub owned: Option<Vec<(Uuid, Vec<i32>)>>,
    /// From the request header.
    pub client_id: Str,
    /// The peer's address as Kafka writes it, `/127.0.0.1`.
    pub client_host: Str,
    /// Random; becomes the member id when one has to be made.
    pub fresh_id: Uuid,
    /// Version 1 and above: the member brings its id.
    pub brings_member_id: bool,
}

impl ConsumerHeartbeat {
    /// What can be said about the request without knowing the group.
    pub(super) fn check(&self, assignors: &[Assignor]) -> Result<(), Refused> {
        let invalid = |message: &'static str| Err(Refused::new(ErrorCode::INVALID_REQUEST, message));
        let blank = |text: &Str| text.trim().is_empty();
        let given_blank = |text: &Option<Str>| text.as_ref().is_some_and(blank);
        let needs_id = self.brings_member_id || self.member_epoch > 0 || self.member_epoch == LEAVE_EPOCH;
        if needs_id && blank(&self.member_id) {
            return invalid("MemberId can't be empty.");
        }
        if blank(&self.group_id) {
            return invalid("GroupId can't be empty.");
        }
        if given_blank(&self.instance_id) {
            return invalid("InstanceId can't be empty.");
        }
        if given_blank(&self.rack_id) {
            return invalid("RackId can't be empty.");
        }
        match self.member_epoch {
            0 if self.rebalance_timeout_ms == -1 => {
                return invalid("RebalanceTimeoutMs must be provided in first request.");
            }
            0 if self.owned.as_ref().is_none_or(|owned| !owned.is_empty()) => {
                return invalid("TopicPartitions must be empty when (re-)joining.");
            }
            0 if self.topics.is_none() && self.regex.is_none() => {
                return invalid(
                    "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
                );
            }
            LEAVE_STATIC_EPOCH if self.instance_id.is_none() => return invalid("InstanceId can't be null."),
            epoch if epoch < LEAVE_STATIC_EPOCH => return invalid("MemberEpoch is invalid."),
            _ => {}
        }
        match &self.assignor {
            Some(name) if !assignors.iter().any(|assignor| *assignor.name() == **name) => {
                Err(unsupported_assignor(name, assignors))
            }
            _ => Ok(()),
        }
    }

    /// Everything at once, as a member sends it that wants everything in return.
    pub(super) fn is_full(&self) -> bool {
        self.rebalance_timeout_ms != -1
            && (self.topics.is_some() || self.regex.is_some())
            && self.owned.is_some()
    }
}

fn unsupported_assignor(name: &str, assignors: &[Assignor]) -> Refused {
    let names: Vec<&str> = assignors.iter().map(|assignor| assignor.name()).collect();
    let message =
        format!("ServerAssignor {name} is not supported. Supported assignors: {}.", names.join(", "));
    Refused::new(ErrorCode::UNSUPPORTED_ASSIGNOR, message)
}
