//! One step of one member towards its target.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_assign::Partitions;
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Uuid};

use super::{
    super::reply::Refused,
    ConsumerGroup,
    member::Member,
    record::{CurrentAssignment, MemberState, OwnedPartitions},
};

/// What a member says it has; `None` when it says nothing.
pub(super) type Owned<'a> = Option<&'a [(Uuid, Vec<i32>)]>;

/// What is to be reached, and what is known on the way.
pub(super) struct Goal<'a> {
    pub(super) group: &'a ConsumerGroup,
    pub(super) target_epoch: i32,
    pub(super) target: &'a Partitions,
    /// The ids of the topics the member is subscribed to.
    pub(super) subscribed: &'a BTreeSet<Uuid>,
    pub(super) subscription_changed: bool,
    pub(super) owned: Owned<'a>,
}

impl Goal<'_> {
    /// What the member has next. Nothing is given to it that somebody else may still have, and it comes to the target's
    /// epoch only when it no longer has what it must not.
    pub(super) fn reconcile(&self, member: &Member) -> Result<Arc<CurrentAssignment>, Refused> {
        let current = &member.current;
        let next = match current.state {
            MemberState::Stable if current.epoch != self.target_epoch => self.next(current),
            MemberState::UnrevokedPartitions if !self.still_has(&current.revoking) => self.next(current),
            MemberState::Stable | MemberState::UnrevokedPartitions if self.subscription_changed => {
                return Ok(self.drop_unsubscribed(current));
            }
            MemberState::Stable | MemberState::UnrevokedPartitions => return Ok(Arc::clone(current)),
            MemberState::UnreleasedPartitions => self.next(current),
            MemberState::Unknown if self.owned.is_some_and(<[_]>::is_empty) => {
                self.next(&CurrentAssignment { epoch: self.target_epoch, ..(**current).clone() })
            }
            MemberState::Unknown => {
                return Err(Refused::new(
                    ErrorCode::FENCED_MEMBER_EPOCH,
                    "The consumer group member is in a unknown state. \
                     The member must abandon all its partitions and rejoin.",
                ));
            }
        };
        let next = CurrentAssignment { previous_epoch: current.epoch, ..next };
        Ok(if next == **current { Arc::clone(current) } else { Arc::new(next) })
    }

    /// Whether the member says, or keeps quiet about, having any of these.
    fn still_has(&self, partitions: &OwnedPartitions) -> bool {
        let Some(owned) = self.owned else { return true };
        owned.iter().any(|(topic, indexes)| {
            let pending = partitions.get(topic);
            pending.is_some_and(|pending| indexes.iter().any(|index| pending.contains_key(index)))
        })
    }

    /// Topics no longer subscribed to are taken at once, without waiting for a new target.
    fn drop_unsubscribed(&self, current: &Arc<CurrentAssignment>) -> Arc<CurrentAssignment> {
        let mut assigned = current.assigned.clone();
        let mut revoking = current.revoking.clone();
        for (topic, partitions) in &current.assigned {
            if !self.subscribed.contains(topic) {
                assigned.remove(topic);
                revoking.entry(*topic).or_default().extend(partitions);
            }
        }
        if assigned == current.assigned {
            return Arc::clone(current);
        }
        let unrevoked = self.still_has(&revoking);
        Arc::new(CurrentAssignment {
            epoch: current.epoch,
            previous_epoch: current.epoch,
            state: if unrevoked { MemberState::UnrevokedPartitions } else { current.state },
            assigned,
            revoking: if unrevoked { revoking } else { current.revoking.clone() },
        })
    }

    fn next(&self, current: &CurrentAssignment) -> CurrentAssignment {
        let mut next = CurrentAssignment {
            epoch: self.target_epoch,
            previous_epoch: current.epoch,
            state: MemberState::Stable,
            assigned: OwnedPartitions::new(),
            revoking: OwnedPartitions::new(),
        };
        let mut revoking = OwnedPartitions::new();
        let mut free = Partitions::new();
        let mut unreleased = false;
        let topics: BTreeSet<Uuid> = self.target.keys().chain(current.assigned.keys()).copied().collect();
        let (no_target, nothing) = (BTreeSet::new(), BTreeMap::new());
        for topic in topics {
            let target = self.target.get(&topic).filter(|_| self.subscribed.contains(&topic));
            let target = target.unwrap_or(&no_target);
            let has = current.assigned.get(&topic).unwrap_or(&nothing);
            let (keep, give_up): (BTreeMap<i32, i32>, BTreeMap<i32, i32>) =
                has.iter().partition(|(partition, _)| target.contains(*partition));
            let missing = target.iter().copied().filter(|partition| !keep.contains_key(partition));
            let (get, wait): (BTreeSet<i32>, BTreeSet<i32>) =
                missing.partition(|partition| self.is_free_for(current, topic, *partition));
            unreleased |= !wait.is_empty();
            insert_unless_empty(&mut next.assigned, topic, keep);
            insert_unless_empty(&mut revoking, topic, give_up);
            if !get.is_empty() {
                free.insert(topic, get);
            }
        }
        if !revoking.is_empty() && self.still_has(&revoking) && !mutant!("revocation_not_awaited") {
            next.epoch = current.epoch;
            next.state = MemberState::UnrevokedPartitions;
            next.revoking = revoking;
            return next;
        }
        for (topic, partitions) in free {
            let epochs = partitions.into_iter().map(|partition| (partition, self.target_epoch));
            next.assigned.entry(topic).or_default().extend(epochs);
        }
        if unreleased {
            next.state = MemberState::UnreleasedPartitions;
        }
        next
    }

    /// Nobody has it, or only this member, who was to give it up.
    fn is_free_for(&self, current: &CurrentAssignment, topic: Uuid, partition: i32) -> bool {
        let own = current.revoking.get(&topic).is_some_and(|partitions| partitions.contains_key(&partition));
        own || !self.group.is_owned(topic, partition) || mutant!("partition_given_before_it_is_free")
    }
}

fn insert_unless_empty(owned: &mut OwnedPartitions, topic: Uuid, partitions: BTreeMap<i32, i32>) {
    if !partitions.is_empty() {
        owned.insert(topic, partitions);
    }
}
