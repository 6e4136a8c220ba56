//! The same classic groups through the assignors of Kafka's consumer: random groups over several changes of their members,
//! subscriptions and topics, every assignment starting from the one before.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::collections::{BTreeMap, BTreeSet};

use ottla_assign::{ClassicAssignor, ClassicMember, Partition, Racks};
use ottla_testkit::{Rng, workspace};
use ottla_types::Str;
use ottla_wire_tests::oracle::Oracle;
use serde_json::{Value, json};

const GROUPS: u64 = 1000;
const CHANGES: usize = 6;
/// Ids for which the order of Kafka's hash tables is that of their letters.
const IDS: &str = "abcdefghijkl";

struct Group {
    rng: Rng,
    assignor: ClassicAssignor,
    same_topics: bool,
    counts: BTreeMap<Str, i32>,
    /// Brokers and members have racks, of which there are so many; 0 for none.
    racks: usize,
    /// Those of partitions.
    replicas: Racks,
    members: BTreeMap<Str, ClassicMember>,
    generation: i32,
}

impl Group {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let assignor = *rng.pick(&ClassicAssignor::ALL);
        let same_topics = rng.one_in(2);
        let topics = 1 + rng.below(5);
        let most = if rng.one_in(5) { 30 } else { 6 };
        let count = |rng: &mut Rng| i32::try_from(1 + rng.below(most)).unwrap();
        let counts = (0..topics).map(|at| (Str::from(format!("topic-{at}")), count(&mut rng))).collect();
        let (members, generation) = (BTreeMap::new(), 0);
        let racks = if rng.one_in(2) { 0 } else { 1 + rng.below(4) };
        let replicas = Racks::new();
        let mut group = Self { rng, assignor, same_topics, counts, racks, replicas, members, generation };
        (0..=group.rng.below(5)).for_each(|_| group.join());
        group.place();
        group
    }

    fn rack(&mut self) -> Str {
        Str::from(format!("rack-{}", self.rng.below(self.racks)))
    }

    /// Gives every partition replicas that has none: one to three, in racks that need not be different.
    fn place(&mut self) {
        let counts = self.counts.iter();
        let all: Vec<Partition> =
            counts.flat_map(|(topic, count)| (0..*count).map(|index| (topic.clone(), index))).collect();
        let has_racks = self.racks > 0;
        for partition in all.into_iter().filter(|_| has_racks) {
            let racks = (0..=self.rng.below(3)).map(|_| self.rack()).collect();
            self.replicas.entry(partition).or_insert(racks);
        }
    }

    fn topics(&mut self) -> BTreeSet<Str> {
        if self.same_topics {
            let others = self.members.values().next().map(|member| member.topics.clone());
            return others.unwrap_or_else(|| self.counts.keys().cloned().collect());
        }
        let all: Vec<Str> = self.counts.keys().cloned().collect();
        let always = self.rng.below(all.len());
        all.into_iter()
            .enumerate()
            .filter(|(at, _)| *at == always || !self.rng.one_in(3))
            .map(|of| of.1)
            .collect()
    }

    fn join(&mut self) {
        let at = self.rng.below(IDS.len());
        let id = Str::from(&IDS[at..=at]);
        let is_static = self.rng.one_in(4);
        let member = ClassicMember {
            member_id: id.clone(),
            instance_id: is_static.then(|| Str::from(format!("i{}", self.rng.below(1_000_000)))),
            topics: self.topics(),
            owned: Vec::new(),
            generation: None,
            rack: (self.racks > 0 && !self.rng.one_in(6)).then(|| self.rack()),
        };
        self.members.entry(id).or_insert(member);
    }

    fn change(&mut self) {
        let (at, fresh) = (self.rng.below(self.members.len()), self.topics());
        let id = self.members.keys().nth(at).unwrap().clone();
        match self.rng.below(5) {
            0 | 1 => self.join(),
            2 if self.members.len() > 1 => drop(self.members.remove(&id)),
            3 if !self.same_topics => self.members.get_mut(&id).unwrap().topics = fresh,
            _ => {
                let at = self.rng.below(self.counts.len());
                let topic = self.counts.keys().nth(at).unwrap().clone();
                *self.counts.get_mut(&topic).unwrap() += 1 + i32::try_from(self.rng.below(4)).unwrap();
                self.place();
            }
        }
        // Now and then one missed the last generation.
        if self.rng.one_in(6) {
            let at = self.rng.below(self.members.len());
            let member = self.members.values_mut().nth(at).unwrap();
            // Kafka's sticky assignor gives such a one back also what it does not read any more.
            if member.owned.iter().all(|partition| member.topics.contains(&partition.0)) {
                member.generation = member.generation.map(|generation| generation - 1);
            }
        }
    }

    fn as_json(&self) -> Value {
        let members = self.members.values().map(|member| {
            json!({
                "id": &*member.member_id,
                "instance": member.instance_id.as_deref(),
                "topics": member.topics.iter().map(|topic| &**topic).collect::<Vec<_>>(),
                "owned": as_json(&member.owned),
                "generation": member.generation.unwrap_or(-1),
                "rack": member.rack.as_deref(),
            })
        });
        let racks = |partition: Partition| {
            self.replicas.get(&partition).into_iter().flatten().map(|rack| json!(&**rack)).collect::<Value>()
        };
        let topic = |(topic, count): (&Str, &i32)| {
            let racks: Value = (0..*count).map(|index| racks((topic.clone(), index))).collect();
            json!([&**topic, count, racks])
        };
        let topics: Vec<Value> = self.counts.iter().map(topic).collect();
        json!({
            "assignor": self.assignor.name(),
            "topics": topics,
            "members": members.collect::<Vec<_>>(),
        })
    }
}

fn as_json(partitions: &[Partition]) -> Value {
    partitions.iter().map(|(topic, partition)| json!([&**topic, partition])).collect()
}

/// In order: that in which an assignor lists them says nothing.
fn in_order(mut partitions: Value) -> Value {
    partitions.as_array_mut().unwrap().sort_by_key(Value::to_string);
    partitions
}

/// Every partition somebody reads has one owner, who reads its topic; in a cooperative group it may have none yet.
fn check(group: &Group, parts: &BTreeMap<Str, Vec<Partition>>) {
    let mut owned = BTreeSet::new();
    for (id, part) in parts {
        for partition in part {
            assert!(group.members[id].topics.contains(&partition.0));
            assert!(owned.insert(partition), "{partition:?} is given twice");
        }
    }
    let read: BTreeSet<&Str> = group.members.values().flat_map(|member| &member.topics).collect();
    let wanted: i32 = read.into_iter().map(|topic| group.counts[topic]).sum();
    assert!(owned.len() == usize::try_from(wanted).unwrap() || group.assignor.is_cooperative());
}

/// What Kafka's gives a member. To a cooperative one it also gives what another one has and is far from: that one would
/// still read it then. It has to be given up first.
fn theirs(group: &Group, id: &Str, answer: &Value) -> Value {
    let is_anothers = |partition: &Value| {
        let of = (Str::from(partition[0].as_str().unwrap()), partition[1].as_i64().unwrap());
        let others = group.members.values().filter(|other| other.member_id != *id);
        others.flat_map(|other| &other.owned).any(|owned| (&owned.0, i64::from(owned.1)) == (&of.0, of.1))
    };
    let withheld = group.racks > 0 && group.assignor.is_cooperative();
    let all = answer["partitions"].as_array().unwrap().iter();
    in_order(all.filter(|partition| !(withheld && is_anothers(partition))).cloned().collect())
}

#[test]
fn assignments_are_those_of_kafkas_consumer() {
    let mut oracle = Oracle::kafka_program(&workspace().join("assign/tests/java/ClassicOracle.java"));
    let (mut compared, mut moved, mut differ, mut local, mut failed) = (0, 0, 0, 0, 0);
    for seed in 0..GROUPS {
        let mut group = Group::new(seed);
        for change in 0..CHANGES {
            let members: Vec<ClassicMember> = group.members.values().cloned().collect();
            let parts = group.assignor.assign(&members, &group.counts, &group.replicas);
            check(&group, &parts);
            local += usize::from(parts != group.assignor.assign(&members, &group.counts, &Racks::new()));
            let answer = oracle.ask(&group.as_json().to_string());
            // Kafka's gives up where more members are near than can have one more.
            let gives_up = group.racks > 0 && group.assignor.is_sticky();
            failed += usize::from(answer.is_err());
            assert!(gives_up || answer.is_ok(), "{answer:?}");
            let answer: Value = answer.map_or(json!([]), |answer| serde_json::from_str(&answer).unwrap());
            for ((id, part), answer) in parts.iter().zip(answer.as_array().unwrap()) {
                let (ours, theirs) = (in_order(as_json(part)), theirs(&group, id, answer));
                compared += 1;
                // Where two partitions of a topic would do, Kafka's takes the one its hash table has first.
                let may_differ = group.assignor.is_sticky() && !group.same_topics;
                if may_differ
                    && ours != theirs
                    && ours.as_array().unwrap().len() == theirs.as_array().unwrap().len()
                {
                    differ += 1;
                } else {
                    assert_eq!(ours, theirs, "seed {seed}, change {change}: {}", group.as_json());
                }
            }
            group.generation += 1;
            for (id, mut part) in parts {
                part.sort();
                let member = group.members.get_mut(&id).unwrap();
                moved += usize::from(change > 0 && member.owned != part);
                member.owned = part;
                member.generation = Some(group.generation);
            }
            group.change();
        }
    }
    assert!(compared > 15_000 && moved > 5_000, "{compared} compared, {moved} moved");
    assert!(local > 500, "racks made a difference {local} times");
    assert!(differ < 20 && failed < 100, "{differ} differ, {failed} failed");
}

#[test]
fn assignors_have_kafkas_names() {
    let names = ["range", "roundrobin", "sticky", "cooperative-sticky"];
    assert_eq!(names.map(ClassicAssignor::by_name), ClassicAssignor::ALL.map(Some));
    assert_eq!(ClassicAssignor::by_name("uniform"), None);
}
