//! Members that subscribe by a regular expression.

use std::collections::BTreeMap;

use ottla_assign::{ClassicAssignor, TopicPattern};
use ottla_types::{Millis, Str, Uuid};

use super::super::{
    Action, Counted, Counts, Failure, Member, Request, Sought,
    classic::{self, Classic},
    coordinator::{Coordinator, GROUP},
    modern::{self, Modern},
    protocol,
};

#[test]
fn an_expression_the_coordinator_cannot_read_ends_the_membership_with_the_reason() {
    let mut member = Modern::new(modern::Rules {
        group_id: GROUP,
        member_id: Str::from_static("m"),
        instance_id: None,
        topics: Vec::new(),
        pattern: Some(Str::from_static("a(b")),
        assignor: None,
        rack_id: None,
        rebalance_timeout_ms: 20_000,
        backoff_ms: 100,
    });
    let mut coordinator = Coordinator::new(&BTreeMap::new(), Millis(0));
    member.on_coordinator(Millis(0), Ok(1));
    let Some(Action::Ask { ticket, request, .. }) = member.poll(Millis(0)) else { panic!("it joins") };
    coordinator.ask(Millis(0), (0, ticket), *request);
    let (_, answer) = coordinator.answers.pop().expect("an answer");
    member.on_answer(Millis(0), ticket, answer);
    let Some(Action::Fail(Failure::Pattern(reason))) = member.poll(Millis(0)) else { panic!("it fails") };
    assert!(reason.contains("unclosed group"), "{reason}");
}

/// A classic member that subscribes by an expression, which has found its coordinator.
fn looker(assignor: ClassicAssignor) -> Classic {
    let mut member = Classic::new(classic::Rules {
        group_id: GROUP,
        instance_id: None,
        topics: vec![Str::from_static("named")],
        pattern: Some(TopicPattern::new(".*a.*").expect("it is one")),
        rack_id: Some(Str::from_static("east")),
        assignors: vec![assignor],
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 20_000,
        heartbeat_interval_ms: 3000,
        backoff_ms: 100,
    });
    member.on_coordinator(Millis(0), Ok(1));
    member
}

fn counts(topics: &[&str]) -> Counts {
    let counted = |topic: &&str| {
        let internal = topic.starts_with("__");
        let id = Uuid::from_u128(topic.len() as u128);
        (Str::from(*topic), Counted { id, partitions: 1, racks: Vec::new(), internal })
    };
    topics.iter().map(counted).collect()
}

#[test]
fn a_classic_member_looks_for_topics_before_it_joins_and_leaves_kafkas_own_out() {
    let mut member = looker(ClassicAssignor::Range);
    assert_eq!(member.poll(Millis(0)), Some(Action::Count(Sought::All)));
    assert_eq!((member.poll(Millis(0)), member.deadline()), (None, None), "it waits for the answer");
    assert_eq!(member.watched(), Sought::All, "the driver looks again if none comes");
    let there = counts(&["ab", "b", "__a", "named"]);
    member.on_counts(Millis(5), &Sought::All, &there);
    let Some(Action::Ask { request, .. }) = member.poll(Millis(5)) else { panic!("it joins") };
    let Request::Join(join) = *request else { panic!("it joins: {request:?}") };
    let metadata = join.protocols[0].metadata.clone();
    let said = protocol::member(ClassicAssignor::Range, "m".into(), None, metadata).expect("a member");
    assert_eq!(said.topics, [Str::from("ab"), Str::from("named")].into());
    assert_eq!(said.rack.as_deref(), Some("east"));
}
