//! Even, and with as few moves as that takes.
//!
//! Where Kafka goes by the order of a hash table, the order here is that of member ids and partitions.

mod constrained;
mod general;
mod movements;

use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Str;

use super::{
    Assignment, ClassicMember, Partition,
    racks::{Nearness, Racks},
};

/// What members say they have, as far as it can be believed.
struct Claims {
    /// By member, in the members' order.
    owned: Vec<Vec<Partition>>,
    /// Claimed by two members of one generation: nobody's.
    disputed: BTreeSet<Partition>,
    /// The highest generation anybody is of, −1 for none.
    generation: i32,
}

const NO_GENERATION: i32 = -1;

fn generation_of(member: &ClassicMember) -> i32 {
    member.generation.unwrap_or(NO_GENERATION)
}

impl Claims {
    fn of(members: &[&ClassicMember], counts: &BTreeMap<Str, i32>) -> Self {
        let mut claims = Self {
            owned: vec![Vec::new(); members.len()],
            disputed: BTreeSet::new(),
            generation: members.iter().map(|member| generation_of(member)).max().unwrap_or(NO_GENERATION),
        };
        let mut owners: BTreeMap<Partition, usize> = BTreeMap::new();
        let exists =
            |partition: &&Partition| counts.get(&partition.0).is_some_and(|count| partition.1 < *count);
        for (at, member) in members.iter().enumerate() {
            for partition in member.owned.iter().filter(exists) {
                let Some(other) = owners.get(partition).copied() else {
                    claims.owned[at].push(partition.clone());
                    owners.insert(partition.clone(), at);
                    continue;
                };
                let (mine, theirs) = (generation_of(member), generation_of(members[other]));
                if mine < theirs {
                    continue;
                }
                claims.owned[other].retain(|of| of != partition);
                owners.insert(partition.clone(), at);
                if mine > theirs {
                    claims.owned[at].push(partition.clone());
                } else {
                    claims.disputed.insert(partition.clone());
                }
            }
        }
        claims
    }
}

fn have_same_topics(members: &[&ClassicMember]) -> bool {
    members.windows(2).all(|pair| pair[0].topics == pair[1].topics)
}

/// What each member is to read. A partition that changes hands is, to a cooperative group, nobody's until it is given up.
pub(super) fn assign(
    members: &[ClassicMember],
    counts: &BTreeMap<Str, i32>,
    racks: &Racks,
    is_cooperative: bool,
) -> Assignment {
    let mut order: Vec<&ClassicMember> = members.iter().collect();
    order.sort_by_key(|member| &member.member_id);
    let read: BTreeSet<&Str> = members.iter().flat_map(|member| &member.topics).collect();
    let counts: BTreeMap<Str, i32> = counts
        .iter()
        .filter(|(topic, count)| read.contains(topic) && **count > 0)
        .map(|(topic, count)| (topic.clone(), *count))
        .collect();
    let claims = Claims::of(&order, &counts);
    let all = counts.iter().flat_map(|(topic, count)| (0..*count).map(|index| (topic.clone(), index)));
    let nearness = Nearness::of(&order, all, racks);
    let (mut parts, moving) = if have_same_topics(&order) {
        constrained::assign(claims, &counts, &nearness)
    } else {
        let parts = general::assign(&order, claims, &counts, &nearness);
        let moving = changing_hands(&order, &parts);
        (parts, moving)
    };
    if is_cooperative {
        parts.iter_mut().for_each(|part| part.retain(|partition| !moving.contains(partition)));
    }
    order.iter().map(|member| member.member_id.clone()).zip(parts).collect()
}

/// What somebody gets that another one gives up.
fn changing_hands(members: &[&ClassicMember], parts: &[Vec<Partition>]) -> BTreeSet<Partition> {
    let (mut added, mut revoked) = (BTreeSet::new(), BTreeSet::new());
    for (member, part) in members.iter().zip(parts) {
        let (had, has): (BTreeSet<_>, BTreeSet<_>) = (member.owned.iter().collect(), part.iter().collect());
        added.extend(has.difference(&had).map(|partition| (*partition).clone()));
        revoked.extend(had.difference(&has).map(|partition| (*partition).clone()));
    }
    added.intersection(&revoked).cloned().collect()
}
