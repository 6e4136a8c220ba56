//! DeleteTopics, by name and by id.

use ottla_types::{Str, Uuid};
use ottla_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};

use crate::{
    Cases, Topic,
    cases::{UNKNOWN_ID, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    names(cases);
    ids(cases);
}

fn named(version: i16, names: &[&str]) -> DeleteTopicsRequest {
    let request = DeleteTopicsRequest { timeout_ms: 10_000, ..Default::default() };
    if version < 6 {
        return DeleteTopicsRequest {
            topic_names: names.iter().map(|name| Str::from(*name)).collect(),
            ..request
        };
    }
    let topic = |name: &&str| DeleteTopicState { name: Some(Str::from(*name)), ..Default::default() };
    DeleteTopicsRequest { topics: names.iter().map(topic).collect(), ..request }
}

fn with_ids(topics: Vec<DeleteTopicState>) -> DeleteTopicsRequest {
    DeleteTopicsRequest { topics, timeout_ms: 10_000, ..Default::default() }
}

fn by_id(topic_id: Uuid) -> DeleteTopicState {
    DeleteTopicState { name: None, topic_id }
}

fn names(cases: &mut Cases) {
    cases.at(&[1, 2, 3, 4, 5, 6], "delete-topics", |run, version| {
        let (one, other) = (run.topic_named("a", 2, &[])?, run.topic_named("b", 1, &[])?);
        run.ask(version, named(version, &[&one.name, &other.name]))?;
        run.wait_for_no_topic(&one.name)?;
        run.ask(version, named(version, &[&one.name])).map(drop)
    });
    cases.at(&[0], "delete-topics-old-version", |run, version| {
        run.ask(version, named(version, &[&unknown()])).map(drop)
    });
    cases.at(&[1, 3, 5, 6], "delete-topics-unknown", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, named(version, &[&unknown(), &topic.name])).map(drop)
    });
    cases.at(&[1, 5, 6], "delete-topics-twice-the-same", |run, version| {
        let (one, other) = (run.topic_named("a", 1, &[])?, run.topic_named("b", 1, &[])?);
        run.ask(version, named(version, &[&one.name, &other.name, &one.name]))?;
        run.ask(version, named(version, &[&unknown(), &unknown()])).map(drop)
    });
    cases.at(&[1, 4, 6], "delete-topics-nothing", |run, version| {
        run.ask(version, named(version, &[])).map(drop)
    });
    cases.at(&[1, 5, 6], "delete-topics-bad-names", |run, version| {
        let long = "x".repeat(300);
        for name in ["", "a b", "..", &long, "__cluster_metadata"] {
            run.try_ask(version, named(version, &[name]))?;
        }
        Ok(())
    });
    cases.add("delete-topics-and-again-under-the-name", |run| {
        let topic = run.topic(1)?;
        run.ask(5, named(5, &[&topic.name]))?;
        run.wait_for_no_topic(&topic.name)?;
        let again = run.topic(2)?;
        run.note("created again");
        run.ask(6, with_ids(vec![by_id(topic.id)]))?;
        run.ask(6, with_ids(vec![by_id(again.id)])).map(drop)
    });
}

fn ids(cases: &mut Cases) {
    let both = |topic: &Topic| DeleteTopicState { name: Some(topic.name.clone()), topic_id: topic.id };
    cases.add("delete-topics-by-id", |run| {
        let (one, other) = (run.topic_named("a", 1, &[])?, run.topic_named("b", 1, &[])?);
        run.ask(6, with_ids(vec![by_id(one.id), by_id(other.id)])).map(drop)
    });
    cases.add("delete-topics-by-unknown-id", |run| {
        let topic = run.topic(1)?;
        run.ask(6, with_ids(vec![by_id(UNKNOWN_ID), by_id(topic.id)])).map(drop)
    });
    cases.add("delete-topics-by-zero-id", |run| run.ask(6, with_ids(vec![by_id(Uuid::ZERO)])).map(drop));
    cases.add("delete-topics-by-id-twice", |run| {
        let topic = run.topic(1)?;
        run.ask(6, with_ids(vec![by_id(topic.id), by_id(topic.id)])).map(drop)
    });
    cases.add("delete-topics-by-name-and-id", move |run| {
        let topic = run.topic(1)?;
        run.ask(6, with_ids(vec![both(&topic)]))?;
        let other = DeleteTopicState { topic_id: UNKNOWN_ID, ..both(&topic) };
        run.ask(6, with_ids(vec![other])).map(drop)
    });
    cases.add("delete-topics-by-name-beside-id", |run| {
        let topic = run.topic(1)?;
        let by_name = DeleteTopicState { name: Some(topic.name.clone()), topic_id: Uuid::ZERO };
        run.ask(6, with_ids(vec![by_name, by_id(topic.id)])).map(drop)
    });
}
