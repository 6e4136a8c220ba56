//! Random lives of groups: members that come, go and vanish, topics that grow, a coordinator that crashes, and a network
//! that loses, repeats and delays what they say to each other.

mod patterns;
mod taking;

use std::collections::{BTreeMap, BTreeSet};

use ottla_assign::{ClassicAssignor, TopicPattern};
use ottla_testkit::Rng;
use ottla_types::{ErrorCode, Millis, Str};

use super::{
    Action, Answer, Member, Request, Sought,
    classic::{self, Classic},
    coordinator::{Caller, Coordinator, GROUP},
    modern::{self, Modern},
};
use crate::consumer::partition::Partitions;

/// What the members of a group speak.
#[derive(Debug, Clone)]
enum Speech {
    Classic(Vec<ClassicAssignor>),
    Modern,
    /// Some this, some that.
    Mixed(Vec<ClassicAssignor>),
}

/// What those read that name their topics by an expression: topics that come and go among them.
const PATTERN: &str = "[abn].*";

/// The ticket of a request nobody waits for an answer to.
const NOBODY: u64 = u64::MAX;

/// A member with what it was told to read.
struct Reader {
    machine: Box<dyn Member>,
    topics: Vec<Str>,
    pattern: Option<TopicPattern>,
    holds: Partitions,
    /// What it is giving up.
    revoking: Option<Partitions>,
    finds_coordinator: bool,
    counts: Option<Sought>,
    /// The coordinator had removed it while it held something: until it gives that up it cannot know better. (A classic
    /// member of a consumer group may come back under its old id, and learns of it with its next assignment.)
    removed: bool,
    /// It is gone without a word: its requests may still arrive.
    dead: bool,
}

impl Reader {
    fn reads(&self, topic: &Str) -> bool {
        self.topics.contains(topic) || self.pattern.as_ref().is_some_and(|pattern| pattern.matches(topic))
    }
}

struct Life {
    dice: Rng,
    now: Millis,
    coordinator: Coordinator,
    members: Vec<Reader>,
    topics: BTreeMap<Str, i32>,
    speech: Speech,
    /// Some subscribe by a regular expression, and topics are made that match it and others.
    patterns: bool,
    /// Requests on their way.
    requests: Vec<(Caller, Request)>,
    healthy: bool,
    rebalances: usize,
}

impl Life {
    fn new(seed: u64, speech: &Speech) -> Self {
        let topics: BTreeMap<Str, i32> =
            [("a", 3), ("b", 5)].into_iter().map(|(name, count)| (Str::from(name), count)).collect();
        let now = Millis(1_000_000);
        Self {
            dice: Rng::new(seed),
            now,
            coordinator: Coordinator::new(&topics, now),
            members: Vec::new(),
            topics,
            speech: speech.clone(),
            patterns: false,
            requests: Vec::new(),
            healthy: false,
            rebalances: 0,
        }
    }

    fn join(&mut self) {
        let both = vec![Str::from("a"), Str::from("b")];
        let by_pattern = self.patterns && !self.dice.one_in(3);
        let topics = match by_pattern {
            true => Vec::new(),
            false if self.dice.one_in(4) => vec![both[self.dice.below(2)].clone()],
            false => both,
        };
        let pattern = by_pattern.then(|| TopicPattern::new(PATTERN).expect("it is one"));
        let assignors = match &self.speech {
            Speech::Classic(assignors) => Some(assignors.clone()),
            Speech::Mixed(assignors) => self.dice.one_in(2).then(|| assignors.clone()),
            Speech::Modern => None,
        };
        let machine: Box<dyn Member> = match assignors {
            Some(assignors) => Box::new(Classic::new(classic::Rules {
                group_id: GROUP,
                instance_id: None,
                topics: topics.clone(),
                pattern: pattern.clone(),
                rack_id: None,
                assignors,
                session_timeout_ms: 10_000,
                rebalance_timeout_ms: 20_000,
                heartbeat_interval_ms: 3000,
                backoff_ms: 100,
            })),
            None => Box::new(Modern::new(modern::Rules {
                group_id: GROUP,
                member_id: Str::from(format!("m{}", self.members.len())),
                instance_id: None,
                topics: topics.clone(),
                pattern: pattern.as_ref().map(|pattern| pattern.text().clone()),
                assignor: None,
                rack_id: None,
                rebalance_timeout_ms: 20_000,
                backoff_ms: 100,
            })),
        };
        self.members.push(Reader {
            machine,
            topics,
            pattern,
            holds: Partitions::new(),
            revoking: None,
            finds_coordinator: false,
            counts: None,
            removed: false,
            dead: false,
        });
    }

    /// Every machine does what it can.
    fn act(&mut self) {
        for at in 0..self.members.len() {
            while let Some(action) = self.members[at].machine.poll(self.now) {
                self.obey(at, action);
            }
        }
    }

    fn obey(&mut self, at: usize, action: Action) {
        let member = &mut self.members[at];
        match action {
            Action::FindCoordinator => member.finds_coordinator = true,
            Action::Ask { ticket, request, .. } if !member.dead => {
                self.requests.push(((at, ticket), *request));
            }
            Action::Ask { .. } => {}
            Action::Count(sought) => member.counts = Some(sought),
            Action::Revoke(partitions) => {
                assert!(
                    partitions.is_subset(&member.holds),
                    "{partitions:?} is not among {:?}",
                    member.holds
                );
                member.revoking = Some(partitions);
            }
            Action::Lose(partitions) => {
                member.holds.retain(|held| !partitions.contains(held));
                assert!(member.holds.is_empty());
                member.removed = false;
                member.revoking = None;
            }
            Action::Assign(partitions) => {
                self.rebalances += 1;
                for partition in partitions {
                    assert!(member.holds.insert(partition), "assigned twice");
                }
            }
            Action::Fail(failure) => panic!("member {at} fails: {failure:?}"),
        }
    }

    /// Something on the way arrives, or does not.
    fn deliver_request(&mut self) {
        if self.requests.is_empty() {
            return;
        }
        let pick = self.dice.below(self.requests.len());
        let (caller, request) = self.requests.remove(pick);
        if !self.healthy && self.dice.one_in(12) {
            self.coordinator.answers.push((caller, Answer::Lost));
            return;
        }
        let twice = !self.healthy && self.dice.one_in(20);
        self.coordinator.ask(self.now, caller, request.clone());
        if twice {
            self.coordinator.ask(self.now, (caller.0, NOBODY), request);
        }
    }

    fn deliver_answer(&mut self) {
        if self.coordinator.answers.is_empty() {
            return;
        }
        let pick = self.dice.below(self.coordinator.answers.len());
        let ((at, ticket), answer) = self.coordinator.answers.remove(pick);
        let lost = !self.healthy && self.dice.one_in(12);
        if !self.members[at].dead {
            let answer = if lost { Answer::Lost } else { answer };
            self.members[at].machine.on_answer(self.now, ticket, answer);
        }
    }

    /// What a driver does for its machine.
    fn serve(&mut self) {
        let at = self.dice.below(self.members.len().max(1));
        let trouble = !self.healthy && self.dice.one_in(8);
        let Some(member) = self.members.get_mut(at).filter(|member| !member.dead) else { return };
        if std::mem::take(&mut member.finds_coordinator) {
            let found = if trouble { Err(Some(ErrorCode::COORDINATOR_NOT_AVAILABLE)) } else { Ok(1) };
            member.machine.on_coordinator(self.now, found);
        }
        if let Some(sought) = member.counts.take() {
            member.machine.on_counts(self.now, &sought, &self.coordinator.counts(&sought));
        }
        if let Some(given_up) = member.revoking.take() {
            member.holds.retain(|held| !given_up.contains(held));
            member.removed = false;
            member.machine.on_revoked();
        }
    }

    fn step(&mut self) {
        match self.dice.below(60) {
            0 if self.members.iter().filter(|member| !member.dead).count() < 5 => self.join(),
            1 if self.dice.one_in(3) => {
                let at = self.dice.below(self.members.len().max(1));
                if let Some(member) = self.members.get_mut(at) {
                    member.dead = true;
                }
            }
            2 if self.dice.one_in(3) => {
                let at = self.dice.below(self.members.len().max(1));
                if let Some(member) = self.members.get_mut(at) {
                    member.holds.clear();
                    member.revoking = None;
                    member.machine.leave();
                }
            }
            3 if self.dice.one_in(4) => self.coordinator.restart(self.now),
            4 if self.dice.one_in(10) => self.change_topics(),
            5 if self.dice.one_in(6) => self.now = self.now.plus(6000),
            6..10 => self.now = self.now.plus(self.dice.below(1500) as i64),
            10..14 => self.watch_topics(),
            14..30 => self.deliver_request(),
            30..46 => self.deliver_answer(),
            _ => self.serve(),
        }
        self.coordinator.tick(self.now);
        self.act();
        self.check_apart();
    }

    /// A topic grows, or one comes or goes that matches the expression or does not.
    fn change_topics(&mut self) {
        let change = if self.patterns { self.dice.below(4) } else { 2 };
        match change {
            0 => drop(self.topics.insert(Str::from(*self.dice.pick(&["new", "news", "other"])), 2)),
            1 => drop(self.topics.remove(*self.dice.pick(&["new", "news", "other"]))),
            _ => *self.topics.get_mut("a").expect("a topic") += 1,
        }
        self.coordinator.change_topics(self.now, &self.topics);
    }

    /// Members look at topics from time to time.
    fn watch_topics(&mut self) {
        for member in self.members.iter_mut().filter(|member| !member.dead) {
            let watched = member.machine.watched();
            if watched != Sought::Topics(BTreeSet::new()) {
                let counts = self.coordinator.counts(&watched);
                member.machine.on_counts(self.now, &watched, &counts);
            }
        }
    }

    /// No two members that the coordinator counts as such read the same partition.
    fn check_apart(&mut self) {
        let known = self.coordinator.members(self.now);
        let mut read: BTreeMap<_, usize> = BTreeMap::new();
        for (at, member) in self.members.iter_mut().enumerate().filter(|(_, member)| !member.dead) {
            let is_known = member.machine.identity().is_some_and(|who| known.contains(&who.member_id));
            member.removed |= !is_known && !member.holds.is_empty();
            for partition in member.holds.iter().filter(|_| !member.removed) {
                let other = read.insert(partition, at);
                assert_eq!(other, None, "{partition} is read twice, second by {at}");
            }
        }
    }

    /// Everything works again: the group must come to rest with everything read.
    fn end(&mut self) {
        self.healthy = true;
        if self.members.iter().all(|member| member.dead || member.machine.is_over()) {
            self.join();
        }
        // Those that vanish are noticed by then.
        let rest = self.now.plus(200_000);
        while self.now < rest {
            for _ in 0..20 {
                self.deliver_request();
                self.deliver_answer();
                self.serve();
            }
            self.watch_topics();
            self.now = self.now.plus(500);
            self.coordinator.tick(self.now);
            self.act();
            self.check_apart();
        }
        let alive: Vec<&Reader> = self.members.iter().filter(|member| !member.dead).collect();
        let read: Partitions = alive.iter().flat_map(|member| member.holds.clone()).collect();
        let reads = |topic: &Str| alive.iter().any(|of| !of.machine.is_over() && of.reads(topic));
        let wanted: i32 = self.topics.iter().filter(|(topic, _)| reads(topic)).map(|(_, count)| *count).sum();
        assert_eq!(read.len() as i32, wanted, "all is read: {read:?}");
        for member in alive {
            assert_eq!(&member.holds, member.machine.owned());
        }
    }
}

fn live(mut life: Life) -> usize {
    life.join();
    (0..1500).for_each(|_| life.step());
    life.end();
    life.rebalances
}

fn live_all(seeds: std::ops::Range<u64>, speech: &Speech) {
    live_each(seeds, |seed| Life::new(seed, speech));
}

/// Members that subscribe by an expression, among others.
fn live_by_pattern(seeds: std::ops::Range<u64>, speech: &Speech) {
    live_each(seeds, |seed| Life { patterns: true, ..Life::new(seed, speech) });
}

fn live_each(seeds: std::ops::Range<u64>, begin: impl Fn(u64) -> Life + std::panic::RefUnwindSafe) {
    let (mut rebalances, lives) = (0, seeds.clone().count());
    for seed in seeds {
        let caught = std::panic::catch_unwind(|| live(begin(seed)));
        rebalances += caught.unwrap_or_else(|_| panic!("seed {seed}"));
    }
    assert!(rebalances > 5 * lives, "{rebalances} assignments");
}

#[test]
fn eager_groups_share_and_come_to_rest() {
    live_all(0..200, &Speech::Classic(vec![ClassicAssignor::Range]));
    live_all(0..200, &Speech::Classic(vec![ClassicAssignor::RoundRobin, ClassicAssignor::Range]));
}

#[test]
fn cooperative_groups_keep_what_they_have_and_come_to_rest() {
    live_all(0..300, &Speech::Classic(vec![ClassicAssignor::CooperativeSticky]));
}

#[test]
fn sticky_groups_share_and_come_to_rest() {
    live_all(0..100, &Speech::Classic(vec![ClassicAssignor::Sticky]));
    // One that is not cooperative among them makes all of them eager.
    live_all(0..100, &Speech::Classic(vec![ClassicAssignor::CooperativeSticky, ClassicAssignor::Range]));
}

#[test]
fn groups_of_the_consumer_protocol_share_and_come_to_rest() {
    live_all(0..100, &Speech::Modern);
}

#[test]
fn groups_that_speak_both_share_and_come_to_rest() {
    live_all(0..50, &Speech::Mixed(vec![ClassicAssignor::CooperativeSticky]));
    live_all(0..50, &Speech::Mixed(vec![ClassicAssignor::Range]));
}

#[test]
fn members_read_the_topics_that_match_as_they_come_and_go() {
    live_by_pattern(0..150, &Speech::Classic(vec![ClassicAssignor::Range]));
    live_by_pattern(0..150, &Speech::Classic(vec![ClassicAssignor::CooperativeSticky]));
    live_by_pattern(0..100, &Speech::Modern);
}

#[test]
fn a_commit_that_is_refused_while_it_joins_costs_a_member_nothing() {
    let mut life = Life::new(0, &Speech::Classic(vec![ClassicAssignor::CooperativeSticky]));
    life.healthy = true;
    life.join();
    let settle = |life: &mut Life| {
        for _ in 0..200 {
            life.act();
            life.deliver_request();
            life.deliver_answer();
            life.serve();
            life.now = life.now.plus(50);
            life.coordinator.tick(life.now);
        }
    };
    settle(&mut life);
    assert!(!life.members[0].holds.is_empty());
    // Another one joins: the first learns of it by a heartbeat, and its own join waits for an answer.
    life.join();
    let before = life.members[0].machine.identity().expect("it is a member").epoch;
    let joins = |life: &Life| {
        let first = |((at, _), request): &(Caller, Request)| *at == 0 && matches!(request, Request::Join(_));
        life.requests.iter().any(first)
    };
    for _ in 0..400 {
        life.act();
        if joins(&life) {
            break;
        }
        life.deliver_request();
        life.deliver_answer();
        life.serve();
        life.now = life.now.plus(50);
        life.coordinator.tick(life.now);
    }
    assert!(joins(&life));
    let now = life.now;
    life.members[0].machine.on_commit_refused(now, before, ErrorCode::ILLEGAL_GENERATION);
    life.act();
    assert!(!life.members[0].holds.is_empty(), "it keeps what it has");
    settle(&mut life);
    assert_eq!(life.members.iter().map(|member| member.holds.len()).sum::<usize>(), 8);
}
