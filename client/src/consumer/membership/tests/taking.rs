//! When a member of a consumer group takes what it may read.

use ottla_types::{Millis, Str, Uuid};
use ottla_wire::messages::consumer_group_heartbeat_response::{
    Assignment, ConsumerGroupHeartbeatResponse, TopicPartitions,
};

use super::super::{
    Action, Answer, Counted, Counts, Member, Request, Sought,
    coordinator::GROUP,
    modern::{self, Modern},
};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const NOW: Millis = Millis(1000);

fn answer(assignment: Option<&[Uuid]>) -> Answer {
    let part = |id: &Uuid| TopicPartitions { topic_id: *id, partitions: vec![0] };
    Answer::Modern(ConsumerGroupHeartbeatResponse {
        member_epoch: 1,
        heartbeat_interval_ms: 5000,
        assignment: assignment.map(|ids| Assignment { topic_partitions: ids.iter().map(part).collect() }),
        ..ConsumerGroupHeartbeatResponse::default()
    })
}

fn known(topics: &[(&'static str, Uuid)]) -> Counts {
    let counted = |(name, id): &(&'static str, Uuid)| {
        (Str::from_static(name), Counted { id: *id, partitions: 1, racks: Vec::new(), internal: false })
    };
    topics.iter().map(counted).collect()
}

fn asks(member: &mut Modern) -> (u64, usize) {
    let Some(Action::Ask { ticket, request, .. }) = member.poll(NOW) else { panic!("it asks") };
    let Request::Modern(heartbeat) = *request else { panic!("it speaks the consumer protocol") };
    (ticket, heartbeat.topic_partitions.expect("it says what it has").len())
}

/// A member that may read two topics, knows the name of one of them, and has just said that it has that one.
fn half_way() -> (Modern, u64) {
    let mut member = Modern::new(modern::Rules {
        group_id: GROUP,
        member_id: Str::from_static("m"),
        instance_id: None,
        topics: vec![Str::from_static("a"), Str::from_static("b")],
        pattern: None,
        assignor: None,
        rack_id: None,
        rebalance_timeout_ms: 20_000,
        backoff_ms: 100,
    });
    member.on_coordinator(NOW, Ok(1));
    let (ticket, topics) = asks(&mut member);
    assert_eq!(topics, 0);
    member.on_answer(NOW, ticket, answer(Some(&[A, B])));
    let Some(Action::Count(sought)) = member.poll(NOW) else { panic!("it asks for names") };
    assert_eq!(sought, Sought::Ids([A, B].into()));
    member.on_counts(NOW, &sought, &known(&[("a", A)]));
    let Some(Action::Assign(taken)) = member.poll(NOW) else { panic!("it takes what it knows") };
    assert_eq!(taken.len(), 1);
    let (ticket, topics) = asks(&mut member);
    assert_eq!(topics, 1);
    (member, ticket)
}

/// The coordinator may have given away by then what it was told the member has not.
#[test]
fn nothing_is_taken_while_the_coordinator_is_told_that_it_is_not_there() {
    let (mut member, ticket) = half_way();
    member.on_counts(NOW, &Sought::All, &known(&[("a", A), ("b", B)]));
    assert_eq!(member.poll(NOW), None);
    member.on_answer(NOW, ticket, answer(None));
    assert!(matches!(member.poll(NOW), Some(Action::Assign(taken)) if taken.len() == 1));
}

#[test]
fn nothing_is_taken_after_a_heartbeat_whose_answer_is_lost() {
    let (mut member, ticket) = half_way();
    member.on_counts(NOW, &Sought::All, &known(&[("a", A), ("b", B)]));
    member.on_answer(NOW, ticket, Answer::Lost);
    member.on_coordinator(NOW, Ok(1));
    assert!(!matches!(member.poll(NOW), Some(Action::Assign(_))));
}
