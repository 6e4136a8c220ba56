//! Consumer groups: the rules one by one.

use std::{collections::BTreeMap, sync::Arc};

use ottla_assign::Partitions;

use super::*;

/// Topics by name, with their number of partitions; the id follows from the name.
pub(super) fn metadata(version: i64, topics: &[(&str, i32)]) -> Arc<Metadata> {
    let topic = |(name, partitions): &(&str, i32)| {
        let racks = vec![Vec::new(); usize::try_from(*partitions).unwrap()];
        Arc::new(Topic::new(text(name), topic_id(name), &racks))
    };
    Arc::new(Metadata::new(version, topics.iter().map(topic), Arc::default()))
}

pub(super) fn topic_id(name: &str) -> Uuid {
    Uuid::from_u128(name.bytes().fold(7, |id, byte| (id << 8) | u128::from(byte)))
}

pub(super) fn heartbeat(member_id: &str, member_epoch: i32) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        group_id: text("g"),
        member_id: text(member_id),
        member_epoch,
        rebalance_timeout_ms: -1,
        client_id: text("c"),
        client_host: text("/127.0.0.1"),
        brings_member_id: true,
        ..ConsumerHeartbeat::default()
    }
}

pub(super) fn joining(member_id: &str, topics: &[&str]) -> ConsumerHeartbeat {
    ConsumerHeartbeat {
        rebalance_timeout_ms: REBALANCE,
        topics: Some(topics.iter().map(|topic| text(topic)).collect()),
        owned: Some(Vec::new()),
        ..heartbeat(member_id, 0)
    }
}

fn owning(request: ConsumerHeartbeat, owned: &[(&str, &[i32])]) -> ConsumerHeartbeat {
    let owned = owned.iter().map(|(topic, partitions)| (topic_id(topic), partitions.to_vec()));
    ConsumerHeartbeat { owned: Some(owned.collect()), ..request }
}

fn parts(partitions: &[(&str, &[i32])]) -> Option<Partitions> {
    let part = |(topic, indexes): &(&str, &[i32])| (topic_id(topic), indexes.iter().copied().collect());
    Some(partitions.iter().map(part).collect())
}

impl<F: Fn() -> Groups> Bench<F> {
    pub(super) fn learn(&mut self, version: i64, topics: &[(&str, i32)]) {
        let reply = self.ask(Command::MetadataChanged(metadata(version, topics)));
        assert_eq!(reply, Reply::Done);
    }

    pub(super) fn try_beat(&mut self, request: ConsumerHeartbeat) -> Result<HeartbeatReply, Refused> {
        let reply = match self.ask(Command::ConsumerHeartbeat(request)) {
            Reply::ConsumerHeartbeat(reply) => reply,
            other => panic!("{other:?}"),
        };
        // The desk ticks at once when something is due.
        self.pass(0);
        reply
    }

    pub(super) fn beat(&mut self, request: ConsumerHeartbeat) -> (i32, Option<Partitions>) {
        let reply = self.try_beat(request).unwrap();
        (reply.member_epoch, reply.assignment)
    }

    pub(super) fn refused(&mut self, request: ConsumerHeartbeat) -> ErrorCode {
        self.try_beat(request).unwrap_err().code
    }

    pub(super) fn consumer_group(&self, group_id: &str) -> &ConsumerGroup {
        self.rig.live.durable().consumer_group(group_id).expect("a consumer group")
    }

    fn consumer_state(&self) -> ConsumerState {
        self.consumer_group("g").state()
    }
}

#[test]
fn a_first_member_gets_everything() {
    let mut bench = bench();
    bench.learn(1, &[("t", 3), ("u", 1)]);
    let (epoch, assignment) = bench.beat(joining("a", &["t", "u", "not-there"]));
    assert_eq!((epoch, assignment), (2, parts(&[("t", &[0, 1, 2]), ("u", &[0])])));
    assert_eq!(bench.consumer_state(), ConsumerState::Stable);
    // Nothing new: nothing is said, unless everything is asked for.
    assert_eq!(bench.beat(heartbeat("a", 2)), (2, None));
    let log = bench.rig.log.len();
    let full = ConsumerHeartbeat { member_epoch: 2, ..joining("a", &["t", "u", "not-there"]) };
    assert_eq!(bench.beat(full).1, parts(&[("t", &[0, 1, 2]), ("u", &[0])]));
    assert_eq!(bench.rig.log.len(), log);
}

#[test]
fn a_partition_is_given_up_before_it_is_given_on() {
    let mut bench = bench();
    bench.learn(1, &[("t", 4)]);
    bench.beat(joining("a", &["t"]));
    bench.pass(1_000);
    // The new member has to wait for what the first still has.
    assert_eq!(bench.beat(joining("b", &["t"])), (3, parts(&[])));
    assert_eq!(bench.consumer_state(), ConsumerState::Reconciling);
    let all: &[(&str, &[i32])] = &[("t", &[0, 1, 2, 3])];
    assert_eq!(bench.beat(owning(heartbeat("a", 2), all)), (2, parts(&[("t", &[0, 1])])));
    assert_eq!(bench.beat(heartbeat("b", 3)), (3, None));
    // Until it says so it may still read what it is to give up, also without a word about it.
    assert_eq!(bench.beat(heartbeat("a", 2)).0, 2);
    assert_eq!(bench.beat(owning(heartbeat("a", 2), all)).0, 2);
    assert_eq!(bench.beat(owning(heartbeat("a", 2), &[("t", &[0, 1])])), (3, None));
    assert_eq!(bench.beat(heartbeat("b", 3)), (3, parts(&[("t", &[2, 3])])));
    assert_eq!(bench.consumer_state(), ConsumerState::Stable);
}

#[test]
fn a_retried_heartbeat_is_answered_and_an_old_one_is_fenced() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("a", &["t"]));
    bench.pass(1_000);
    bench.beat(joining("b", &["t"]));
    bench.beat(owning(heartbeat("a", 2), &[("t", &[0, 1])]));
    assert_eq!(bench.beat(owning(heartbeat("a", 2), &[("t", &[0])])).0, 3);
    // The answer was lost: the same again, in the epoch before, with no more than it may have.
    assert_eq!(bench.beat(owning(heartbeat("a", 2), &[("t", &[0])])).0, 3);
    let fenced = ErrorCode::FENCED_MEMBER_EPOCH;
    assert_eq!(bench.refused(owning(heartbeat("a", 2), &[("t", &[0, 1])])), fenced);
    assert_eq!(bench.refused(heartbeat("a", 2)), fenced);
    assert_eq!(bench.refused(heartbeat("a", 1)), fenced);
    assert_eq!(bench.refused(heartbeat("a", 4)), fenced);
    assert_eq!(bench.refused(heartbeat("c", 3)), ErrorCode::UNKNOWN_MEMBER_ID);
    let elsewhere = ConsumerHeartbeat { group_id: text("h"), ..heartbeat("a", 3) };
    assert_eq!(bench.refused(elsewhere), ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn bad_requests_are_refused_before_anything_is_done() {
    let mut bench = bench();
    bench.learn(1, &[("t", 1)]);
    let join = || joining("a", &["t"]);
    let invalid = ErrorCode::INVALID_REQUEST;
    for (request, code) in [
        (ConsumerHeartbeat { member_id: Str::new(), ..join() }, invalid),
        (ConsumerHeartbeat { group_id: text(" "), ..join() }, invalid),
        (ConsumerHeartbeat { instance_id: Some(Str::new()), ..join() }, invalid),
        (ConsumerHeartbeat { rack_id: Some(Str::new()), ..join() }, invalid),
        (ConsumerHeartbeat { rebalance_timeout_ms: -1, ..join() }, invalid),
        (ConsumerHeartbeat { owned: None, ..join() }, invalid),
        (owning(join(), &[("t", &[0])]), invalid),
        (ConsumerHeartbeat { topics: None, ..join() }, invalid),
        (heartbeat("a", -2), invalid),
        (heartbeat("a", -3), invalid),
        (ConsumerHeartbeat { assignor: Some(text("sticky")), ..join() }, ErrorCode::UNSUPPORTED_ASSIGNOR),
        (ConsumerHeartbeat { regex: Some(text("[")), ..join() }, ErrorCode::INVALID_REGULAR_EXPRESSION),
    ] {
        assert_eq!(bench.refused(request.clone()), code, "{request:?}");
    }
    assert_eq!((bench.rig.log.len(), bench.rig.live.group_count()), (0, 0));
    // Before version 1 the coordinator makes the id.
    let old = ConsumerHeartbeat { member_id: Str::new(), brings_member_id: false, ..join() };
    let reply = bench.try_beat(ConsumerHeartbeat { fresh_id: Uuid::from_u128(500), ..old }).unwrap();
    assert_eq!(*reply.member_id, *Uuid::from_u128(500).to_string());
}

#[test]
fn members_leave_or_are_missed() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("a", &["t"]));
    bench.pass(1_000);
    bench.beat(joining("b", &["t"]));
    assert_eq!(bench.beat(heartbeat("b", -1)).0, -1);
    assert_eq!(bench.refused(heartbeat("b", 3)), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!((bench.consumer_group("g").size(), bench.consumer_group("g").epoch()), (1, 4));
    bench.pass(44_999);
    assert_eq!(bench.consumer_group("g").size(), 0);
    assert_eq!(bench.consumer_state(), ConsumerState::Empty);
}

#[test]
fn who_keeps_what_it_must_give_up_is_out_after_its_rebalance_timeout() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("a", &["t"]));
    bench.pass(1_000);
    bench.beat(joining("b", &["t"]));
    assert_eq!(bench.beat(heartbeat("a", 2)).0, 2);
    for _ in 0..6 {
        bench.pass(9_999);
        bench.beat(heartbeat("a", 2));
        bench.beat(heartbeat("b", 3));
    }
    bench.pass(100);
    assert_eq!(bench.refused(heartbeat("a", 2)), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(bench.beat(heartbeat("b", 3)), (4, parts(&[("t", &[0, 1])])));
}

#[test]
fn a_static_member_comes_back_to_its_part() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    let at = |request: ConsumerHeartbeat| ConsumerHeartbeat { instance_id: Some(text("i")), ..request };
    assert_eq!(bench.beat(at(joining("a", &["t"]))).1, parts(&[("t", &[0, 1])]));
    assert_eq!(bench.refused(at(joining("b", &["t"]))), ErrorCode::UNRELEASED_INSTANCE_ID);
    assert_eq!(bench.refused(at(heartbeat("b", 2))), ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(bench.beat(at(heartbeat("a", -2))).0, -2);
    assert_eq!(bench.consumer_group("g").size(), 1);
    let epoch = bench.consumer_group("g").epoch();
    assert_eq!(bench.beat(at(joining("b", &["t"]))), (epoch, parts(&[("t", &[0, 1])])));
    assert_eq!(bench.consumer_group("g").epoch(), epoch, "nobody else has to move");
    // The one before is nobody any more.
    assert_eq!(bench.refused(at(heartbeat("a", 2))), ErrorCode::FENCED_INSTANCE_ID);
    // Away for longer than its session it loses its place.
    bench.beat(at(heartbeat("b", -2)));
    bench.pass(45_000);
    assert_eq!(bench.consumer_state(), ConsumerState::Empty);
}

#[test]
fn targets_keep_their_distance() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("a", &["t"]));
    bench.pass(500);
    // Too soon for another target: the second member waits with nothing.
    assert_eq!(bench.beat(joining("b", &["t"])), (2, parts(&[])));
    assert_eq!(bench.consumer_state(), ConsumerState::Assigning);
    bench.pass(500);
    assert_eq!(bench.beat(heartbeat("b", 2)).0, 3);
}

#[test]
fn topics_that_come_and_grow_are_assigned_with_the_next_heartbeat() {
    let mut bench = bench();
    bench.learn(1, &[("t", 1)]);
    bench.beat(joining("a", &["t", "u"]));
    bench.learn(2, &[("t", 2), ("u", 1)]);
    bench.pass(1_000);
    assert_eq!(bench.beat(heartbeat("a", 2)), (3, parts(&[("t", &[0, 1]), ("u", &[0])])));
    // What changes elsewhere changes nothing here; news that come late are old.
    bench.learn(3, &[("t", 2), ("u", 1), ("x", 9)]);
    bench.learn(2, &[("t", 1)]);
    bench.pass(1_000);
    assert_eq!(bench.beat(heartbeat("a", 3)), (3, None));
    bench.learn(4, &[("t", 2), ("x", 9)]);
    bench.pass(1_000);
    assert_eq!(bench.beat(heartbeat("a", 3)), (3, parts(&[("t", &[0, 1])])));
    let confirms = owning(heartbeat("a", 3), &[("t", &[0, 1])]);
    assert_eq!(bench.beat(confirms).0, 4);
}

#[test]
fn regular_expressions_are_resolved_here() {
    let mut bench = bench();
    bench.learn(1, &[("orders-eu", 1), ("orders-us", 1), ("other", 1)]);
    let join = |id: &str, regex: &str| ConsumerHeartbeat {
        topics: None,
        regex: Some(text(regex)),
        ..joining(id, &[])
    };
    // The first answer does not wait for the resolution.
    assert_eq!(bench.beat(join("a", "orders-.*")), (1, parts(&[])));
    assert_eq!(bench.beat(heartbeat("a", 1)), (2, parts(&[("orders-eu", &[0]), ("orders-us", &[0])])));
    // A topic created later is found by the next look, which is not before ten seconds.
    bench.learn(2, &[("orders-eu", 1), ("orders-jp", 1), ("orders-us", 1), ("other", 1)]);
    bench.pass(9_000);
    assert_eq!(bench.beat(heartbeat("a", 2)), (2, None));
    bench.pass(1_001);
    bench.beat(heartbeat("a", 2));
    let all: &[(&str, &[i32])] = &[("orders-eu", &[0]), ("orders-jp", &[0]), ("orders-us", &[0])];
    assert_eq!(bench.beat(heartbeat("a", 2)), (3, parts(all)));
    // Names instead: the expression is forgotten, and its topics with it.
    let names = ConsumerHeartbeat {
        topics: Some(vec![text("other")]),
        regex: Some(Str::new()),
        ..owning(heartbeat("a", 3), all)
    };
    bench.pass(1_000);
    assert_eq!(bench.beat(names), (3, parts(&[])));
    let confirms = owning(heartbeat("a", 3), &[]);
    assert_eq!(bench.beat(confirms), (4, parts(&[("other", &[0])])));
    assert!(bench.consumer_group("g").subscribed_topics().iter().eq([&text("other")]));
}

#[test]
fn most_members_choose_the_assignor() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2), ("u", 2)]);
    let prefer =
        |id: &str, name: &str| ConsumerHeartbeat { assignor: Some(text(name)), ..joining(id, &["t", "u"]) };
    bench.beat(prefer("a", "range"));
    bench.pass(1_000);
    bench.beat(prefer("b", "range"));
    let group = bench.consumer_group("g");
    let range = |index: i32| parts(&[("t", &[index]), ("u", &[index])]).unwrap();
    assert_eq!((group.target("a"), group.target("b")), (Some(&range(0)), Some(&range(1))));
    let Reply::DescribeConsumer(described) =
        bench.ask(Command::DescribeConsumerGroups(vec![text("g"), text("x")]))
    else {
        panic!("not described")
    };
    let group = described[0].1.as_ref().unwrap();
    assert_eq!(
        (&*group.assignor, group.state, group.members.len()),
        ("range", ConsumerState::Reconciling, 2)
    );
    assert_eq!(described[1].1.as_ref().unwrap_err().code, ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn a_full_group_takes_nobody_new() {
    let consumer = ConsumerSettings { max_size: 1, ..ConsumerSettings::default() };
    let mut bench = bench_with(Settings { consumer, ..Settings::default() });
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("a", &["t"]));
    assert_eq!(bench.refused(joining("b", &["t"])), ErrorCode::GROUP_MAX_SIZE_REACHED);
    assert_eq!(bench.beat(heartbeat("a", 2)).0, 2);
}

#[test]
fn a_groups_own_settings_count() {
    let own = GroupOverrides {
        session_timeout_ms: Some(50_000),
        heartbeat_interval_ms: Some(7_000),
        assignment_interval_ms: Some(0),
    };
    let groups = Arc::new(BTreeMap::from([(text("g"), own)]));
    let topic = Arc::new(Topic::new(text("t"), topic_id("t"), &[vec![], vec![]]));
    let metadata = Arc::new(Metadata::new(1, [topic], groups));
    let mut bench = bench_of(move || Groups::with_metadata(Settings::default(), Arc::clone(&metadata)));
    let reply = bench.try_beat(joining("a", &["t"])).unwrap();
    assert_eq!(reply.heartbeat_interval_ms, 7_000);
    assert_eq!(bench.beat(joining("b", &["t"])).0, 3, "at once");
    bench.pass(49_999);
    assert_eq!(bench.consumer_group("g").size(), 2);
    bench.restart();
    bench.pass(49_999);
    assert_eq!(bench.consumer_group("g").size(), 2, "a new coordinator gives everybody a whole session");
}

#[test]
fn commits_count_in_the_members_epoch_and_since_a_partition_was_given() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("a", &["t"]));
    bench.pass(1_000);
    bench.beat(joining("b", &["t"]));
    let commit = |bench: &mut Bench<_>, member: &str, epoch, partition| {
        let mut request = commit_of("t", 5);
        request.topics[0].topic_id = topic_id("t");
        request.topics[0].partitions[0].partition = partition;
        bench.commit_request(CommitOffsets {
            group_id: text("g"),
            generation: epoch,
            member_id: text(member),
            knows_group_id_not_found: true,
            ..request
        })
    };
    assert_eq!(commit(&mut bench, "a", 2, 0), ErrorCode::NONE);
    bench.beat(owning(heartbeat("a", 2), &[("t", &[0, 1])]));
    assert_eq!(commit(&mut bench, "a", 2, 1), ErrorCode::NONE, "what it gives up it may still commit");
    bench.beat(owning(heartbeat("a", 2), &[("t", &[0])]));
    bench.beat(heartbeat("b", 3));
    assert_eq!(commit(&mut bench, "a", 2, 0), ErrorCode::NONE, "what it has had since then");
    let stale = ErrorCode::STALE_MEMBER_EPOCH;
    assert_eq!(commit(&mut bench, "a", 2, 1), stale, "somebody else's now");
    assert_eq!(commit(&mut bench, "b", 2, 1), stale, "not yet its own in that epoch");
    assert_eq!(commit(&mut bench, "b", 4, 1), stale);
    assert_eq!(commit(&mut bench, "x", 3, 1), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(
        commit(&mut bench, "", -1, 1),
        ErrorCode::UNKNOWN_MEMBER_ID,
        "an operator, with members there"
    );
    let old = CommitOffsets { member_id: text("b"), generation: 3, group_id: text("g"), ..commit_of("t", 5) };
    assert_eq!(bench.commit_request(old), ErrorCode::UNSUPPORTED_VERSION);
    // In a transaction: who names no member may, and an epoch that is over has another name.
    let within = |member: &str, generation| CommitOffsets {
        group_id: text("g"),
        member_id: text(member),
        generation,
        producer: Some((1, 0)),
        ..commit_of("t", 5)
    };
    assert_eq!(bench.commit_request(within("", -1)), ErrorCode::NONE);
    assert_eq!(bench.commit_request(within("b", 3)), ErrorCode::NONE);
    assert_eq!(bench.commit_request(within("b", 2)), ErrorCode::ILLEGAL_GENERATION);
    let fetch = |member: Option<&str>, member_epoch| FetchOffsets {
        group_id: text("g"),
        member_id: member.map(text),
        member_epoch,
        ..FetchOffsets::default()
    };
    let fetched = |request| bench.rig.live.fetch_offsets(&request).err().unwrap_or(ErrorCode::NONE);
    assert_eq!(fetched(fetch(Some("b"), 3)), ErrorCode::NONE);
    assert_eq!(fetched(fetch(None, -1)), ErrorCode::NONE);
    assert_eq!(fetched(fetch(Some("b"), 2)), stale);
    assert_eq!(fetched(fetch(Some("x"), 2)), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn operators_see_and_delete_consumer_groups() {
    let mut bench = bench();
    bench.learn(1, &[("t", 1)]);
    bench.beat(joining("a", &["t"]));
    bench.stable("classic", 1);
    let list = |bench: &Bench<_>, types: &[&str]| {
        let types = (!types.is_empty()).then(|| types.iter().map(|name| text(name)).collect());
        let listed = bench.rig.live.list_groups(&ListGroups { states: None, types });
        listed.iter().map(|group| (group.group_id.to_string(), group.state.type_name())).collect::<Vec<_>>()
    };
    assert_eq!(list(&bench, &[]), [("classic".to_owned(), "classic"), ("g".to_owned(), "consumer")]);
    assert_eq!(list(&bench, &["consumer"]), [("g".to_owned(), "consumer")]);
    assert_eq!(bench.state("g"), None, "it is no classic group");
    let delete = |bench: &mut Bench<_>| match bench.ask(Command::DeleteGroups(vec![text("g")])) {
        Reply::DeleteGroups(codes) => codes[0].1,
        other => panic!("{other:?}"),
    };
    assert_eq!(delete(&mut bench), ErrorCode::NON_EMPTY_GROUP);
    let topics = vec![DeleteTopic { name: text("t"), partitions: vec![0] }];
    let Reply::DeleteOffsets(Ok(codes)) =
        bench.ask(Command::DeleteOffsets(DeleteOffsets { group_id: text("g"), topics }))
    else {
        panic!("refused")
    };
    assert_eq!(codes[0].1[0].1, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC);
    bench.beat(heartbeat("a", -1));
    assert_eq!(bench.commit("g", -1, "", 7), ErrorCode::NONE, "an empty group takes anybody's commit");
    assert_eq!(delete(&mut bench), ErrorCode::NONE);
    assert_eq!((list(&bench, &["consumer"]).len(), bench.offset("g", "t")), (0, -1));
    bench.restart();
    assert_eq!(list(&bench, &[]), [("classic".to_owned(), "classic")]);
}

#[test]
fn offsets_of_a_consumer_group_expire_when_nobody_reads_their_topics() {
    let mut bench = bench();
    bench.learn(1, &[("t", 1), ("u", 1)]);
    bench.commit_request(CommitOffsets { group_id: text("g"), ..commit_of("u", 1) });
    bench.commit_request(CommitOffsets { group_id: text("g"), ..commit_of("t", 2) });
    bench.beat(joining("a", &["t"]));
    assert_eq!(bench.offset("g", "t"), 2, "a group of offsets only becomes a consumer group with them");
    for _ in 0..(8 * 24 * 60) {
        bench.now = bench.now.plus(30_000);
        bench.rig.run_until(bench.now);
        bench.rig.ask(bench.now, Command::ConsumerHeartbeat(heartbeat("a", 2)));
        bench.now = bench.now.plus(30_000);
        bench.rig.run_until(bench.now);
        bench.rig.ask(bench.now, Command::ConsumerHeartbeat(heartbeat("a", 2)));
    }
    assert_eq!((bench.offset("g", "u"), bench.offset("g", "t")), (-1, 2));
    bench.beat(heartbeat("a", -1));
    bench.pass(700_000);
    assert_eq!(bench.rig.live.group_count(), 0, "nothing is left");
    bench.rig.assert_replay_equal();
}

#[test]
fn nothing_is_decided_that_one_batch_cannot_hold() {
    let settings = Settings { max_batch_bytes: 3_000, ..Settings::default() };
    let mut bench = bench_with(settings);
    bench.learn(1, &[("t", 1)]);
    let names: Vec<String> = (0..300).map(|n| format!("topic-number-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(bench.refused(joining("a", &names)), ErrorCode::UNKNOWN_SERVER_ERROR);
    assert_eq!((bench.rig.log.len(), bench.rig.live.group_count()), (0, 0));
    let long = ConsumerHeartbeat { regex: Some(text(&"x".repeat(20_000))), ..joining("a", &["t"]) };
    assert_eq!(bench.refused(long), ErrorCode::INVALID_REGULAR_EXPRESSION);
    // Many whose sessions end at the same time go in several batches.
    for n in 0..30 {
        bench.beat(joining(&format!("member-{n}"), &["t"]));
    }
    assert_eq!(bench.consumer_group("g").size(), 30);
    let before = bench.rig.log.len();
    bench.now = bench.now.plus(45_000);
    let mut batches = 0;
    while bench.consumer_group("g").size() > 0 {
        let effects = bench.rig.live.tick(bench.now);
        assert!(!effects.records.is_empty() && effects.records.len() < 60, "{batches}");
        effects.records.iter().for_each(|record| bench.rig.live.replay(record));
        bench.rig.log.extend(effects.records);
        batches += 1;
    }
    assert!(batches >= 3 && bench.rig.log.len() > before + 90);
    bench.rig.assert_replay_equal();
}
