//! The same groups through Kafka's own assignors: a thousand random groups, each over several changes of its members, their
//! subscriptions and the topics, every assignment starting from the one before.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::collections::{BTreeMap, BTreeSet};

use ottla_assign::{Assignor, Partitions, Subscriber, SubscriptionType, assign};
use ottla_testkit::{Rng, workspace};
use ottla_types::{Str, Uuid};
use ottla_wire_tests::oracle::Oracle;
use serde_json::{Value, json};

const GROUPS: u64 = 1_200;
const CHANGES: usize = 6;

struct Group {
    rng: Rng,
    assignor: Assignor,
    subscription_type: SubscriptionType,
    counts: BTreeMap<Uuid, i32>,
    members: BTreeMap<Str, Subscriber>,
    named: usize,
}

impl Group {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let assignor = *rng.pick(&Assignor::ALL);
        let homogeneous = rng.one_in(2);
        let subscription_type =
            if homogeneous { SubscriptionType::Homogeneous } else { SubscriptionType::Heterogeneous };
        let topics = 1 + rng.below(10);
        let mut counts = BTreeMap::new();
        for at in 1..=topics {
            // Kafka takes the topics of a homogeneous group from a hash table: ids for which that is their order.
            let bits = if homogeneous { 0 } else { (u128::from(rng.next()) << 64) | u128::from(rng.next()) };
            let id = Uuid::from_u128(if homogeneous { at as u128 } else { bits });
            let most = if rng.one_in(5) { 60 } else { 8 };
            counts.insert(id, i32::try_from(1 + rng.below(most)).unwrap());
        }
        let mut group = Self { rng, assignor, subscription_type, counts, members: BTreeMap::new(), named: 0 };
        for _ in 0..=group.rng.below(12) {
            group.join();
        }
        group
    }

    fn join(&mut self) {
        self.named += 1;
        let prefix = *self.rng.pick(&["a", "m", "z"]);
        let static_member = self.rng.one_in(4);
        let member = Subscriber {
            member_id: Str::from(format!("{prefix}{}", self.named)),
            instance_id: static_member.then(|| Str::from(format!("i{}", self.rng.below(1_000_000)))),
            topics: self.topics(),
            assigned: Partitions::new(),
        };
        self.members.insert(member.member_id.clone(), member);
    }

    fn topics(&mut self) -> BTreeSet<Uuid> {
        if self.subscription_type == SubscriptionType::Homogeneous {
            let others = self.members.values().next().map(|member| member.topics.clone());
            return others.unwrap_or_else(|| self.counts.keys().copied().collect());
        }
        let wanted = 1 + self.rng.below(3);
        let all: Vec<Uuid> = self.counts.keys().copied().collect();
        all.into_iter().filter(|_| self.rng.below(3) < wanted).collect()
    }

    fn change(&mut self) {
        let some = |rng: &mut Rng, group: &BTreeMap<Str, Subscriber>| {
            (!group.is_empty()).then(|| group.keys().nth(rng.below(group.len())).unwrap().clone())
        };
        match self.rng.below(6) {
            0 | 1 => self.join(),
            2 => {
                if let Some(id) = some(&mut self.rng, &self.members) {
                    self.members.remove(&id);
                }
            }
            3 => {
                let topic = *self.counts.keys().nth(self.rng.below(self.counts.len())).unwrap();
                *self.counts.get_mut(&topic).unwrap() += 1 + i32::try_from(self.rng.below(5)).unwrap();
            }
            4 if self.subscription_type == SubscriptionType::Homogeneous => {
                let fewer: BTreeSet<Uuid> =
                    self.counts.keys().copied().filter(|_| !self.rng.one_in(3)).collect();
                self.members.values_mut().for_each(|member| member.topics.clone_from(&fewer));
            }
            4 => {
                let topics = self.topics();
                if let Some(id) = some(&mut self.rng, &self.members) {
                    self.members.get_mut(&id).unwrap().topics = topics;
                }
            }
            _ => {
                // A static member comes back under another id and takes over its part.
                if let Some(id) = some(&mut self.rng, &self.members) {
                    self.named += 1;
                    let mut member = self.members.remove(&id).unwrap();
                    member.member_id = Str::from(format!("r{}", self.named));
                    self.members.insert(member.member_id.clone(), member);
                }
            }
        }
    }

    fn as_json(&self) -> Value {
        let members = self.members.values().map(|member| {
            let assigned: Vec<Value> = member
                .assigned
                .iter()
                .map(|(topic, partitions)| json!([topic.to_string(), partitions]))
                .collect();
            let topics: Vec<String> = member.topics.iter().map(Uuid::to_string).collect();
            json!({
                "id": &*member.member_id,
                "instance": member.instance_id.as_deref(),
                "topics": topics,
                "assigned": assigned,
            })
        });
        let topics: Vec<Value> =
            self.counts.iter().map(|(topic, count)| json!([topic.to_string(), count])).collect();
        let homogeneous = self.subscription_type == SubscriptionType::Homogeneous;
        json!({
            "assignor": self.assignor.name(),
            "type": if homogeneous { "HOMOGENEOUS" } else { "HETEROGENEOUS" },
            "topics": topics,
            "members": members.collect::<Vec<_>>(),
        })
    }
}

fn parts_as_json(parts: &[Partitions]) -> Value {
    let part = |part: &Partitions| {
        let topics = part.iter().map(|(topic, partitions)| (topic.to_string(), json!(partitions)));
        Value::Object(topics.collect())
    };
    parts.iter().map(part).collect()
}

/// Every partition somebody reads has one owner, who reads its topic.
fn check_complete(group: &Group, members: &[Subscriber], parts: &[Partitions]) {
    let mut owned = BTreeSet::new();
    for (member, part) in members.iter().zip(parts) {
        for (topic, partitions) in part {
            assert!(member.topics.contains(topic));
            assert!(partitions.iter().all(|partition| owned.insert((*topic, *partition))));
        }
    }
    let read: BTreeSet<Uuid> = members.iter().flat_map(|member| &member.topics).copied().collect();
    let wanted: i32 = read.iter().map(|topic| group.counts[topic]).sum();
    assert_eq!(owned.len(), usize::try_from(wanted).unwrap());
}

#[test]
fn assignments_are_those_of_kafkas_assignors() {
    let mut oracle = Oracle::kafka_program(&workspace().join("assign/tests/java/AssignorOracle.java"));
    let mut moved = 0;
    for seed in 0..GROUPS {
        let mut group = Group::new(seed);
        for change in 0..CHANGES {
            let members: Vec<Subscriber> = group.members.values().cloned().collect();
            let parts = assign(group.assignor, group.subscription_type, &members, &group.counts).unwrap();
            check_complete(&group, &members, &parts);
            let answer = oracle.ask(&group.as_json().to_string()).unwrap();
            let theirs: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(parts_as_json(&parts), theirs, "seed {seed}, change {change}: {}", group.as_json());
            for (member, part) in group.members.values_mut().zip(parts) {
                moved += usize::from(change > 0 && member.assigned != part);
                member.assigned = part;
            }
            group.change();
        }
    }
    assert!(moved > 5_000, "the groups change: {moved}");
}

#[test]
fn a_topic_nobody_counted_is_an_error() {
    let member = Subscriber { topics: BTreeSet::from([Uuid::ONE]), ..Subscriber::default() };
    for assignor in Assignor::ALL {
        let parts =
            assign(assignor, SubscriptionType::Homogeneous, std::slice::from_ref(&member), &BTreeMap::new());
        assert_eq!(parts, Err(ottla_assign::AssignError::UnknownTopic(Uuid::ONE)));
    }
}

#[test]
fn assignors_have_kafkas_names() {
    assert_eq!(Assignor::by_name("uniform"), Some(Assignor::Uniform));
    assert_eq!(Assignor::by_name("range"), Some(Assignor::Range));
    assert_eq!(Assignor::by_name("sticky"), None);
}
