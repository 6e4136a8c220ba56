//! Groups that change their type, and members of both protocols in one.

use super::{
    consumers::{heartbeat, joining, topic_id},
    *,
};

/// A classic consumer's join, reading `t`, with its own `protocol` and what it has.
fn classic(member_id: &Str) -> JoinGroup {
    JoinGroup { requires_known_member_id: false, ..request("g", member_id) }
}

fn assignment(partitions: &[i32]) -> Bytes {
    let mut bytes = vec![0, 1];
    bytes.extend(1_u32.to_be_bytes());
    bytes.extend([0, 1, b't']);
    bytes.extend(u32::try_from(partitions.len()).unwrap().to_be_bytes());
    partitions.iter().for_each(|partition| bytes.extend(partition.to_be_bytes()));
    bytes.extend((-1_i32).to_be_bytes());
    Bytes::from(bytes)
}

impl<F: Fn() -> Groups> Bench<F> {
    /// A stable classic group of one member that has both partitions of `t`.
    fn classic_reader(&mut self) -> JoinReply {
        self.learn(1, &[("t", 2)]);
        let ticket = self.send_join(classic(&Str::new()));
        self.pass(3_000);
        let joined = self.joined(ticket);
        let sync = SyncGroup {
            group_id: text("g"),
            generation: joined.generation,
            member_id: joined.member_id.clone(),
            assignments: vec![(joined.member_id.clone(), assignment(&[0, 1]))],
            ..SyncGroup::default()
        };
        let Reply::Sync(synced) = self.ask(Command::Sync(sync)) else { panic!("no answer") };
        assert_eq!(synced.error, ErrorCode::NONE);
        joined
    }

    fn sync_alone(&mut self, joined: &JoinReply) -> SyncReply {
        let ticket = self.send_sync("g", joined, &[]);
        self.synced(ticket)
    }
}

#[test]
fn a_consumer_member_makes_a_consumer_group_of_a_classic_one() {
    let mut bench = bench();
    let old = bench.classic_reader();
    bench.commit("g", 1, &old.member_id, 5);
    let (epoch, assigned) = bench.beat(joining("new", &["t"]));
    assert_eq!(
        (epoch, assigned),
        (2, Some(ottla_assign::Partitions::new())),
        "what the other has is not free yet"
    );
    assert_eq!((bench.state("g"), bench.offset("g", "t")), (None, 5));
    // The classic member is told to come again, and gives up what it is to give up.
    assert_eq!(bench.heartbeat("g", 1, &old.member_id), ErrorCode::REBALANCE_IN_PROGRESS);
    let rejoined = bench.ask_join(classic(&old.member_id));
    assert_eq!(
        (rejoined.error, rejoined.generation, rejoined.protocol_name.as_deref()),
        (ErrorCode::NONE, 2, Some("range"))
    );
    let synced = bench.sync_alone(&rejoined);
    assert_eq!((synced.error, synced.assignment), (ErrorCode::NONE, assignment(&[0])));
    assert_eq!(bench.heartbeat("g", 2, &old.member_id), ErrorCode::NONE);
    let (_, assigned) = bench.beat(heartbeat("new", 2));
    assert_eq!(assigned, Some([(topic_id("t"), [1].into())].into()));
    assert_eq!(bench.consumer_group("g").state(), ConsumerState::Stable);
    bench.restart();
    bench.learn(1, &[("t", 2)]);
    assert_eq!(bench.heartbeat("g", 2, &old.member_id), ErrorCode::NONE);
    assert_eq!(bench.commit("g", 2, &old.member_id, 6), ErrorCode::NONE);
}

#[test]
fn the_last_consumer_member_leaves_a_classic_group_behind() {
    for leaves in [true, false] {
        let mut bench = bench();
        let old = bench.classic_reader();
        bench.beat(joining("new", &["t"]));
        let rejoined = bench.ask_join(classic(&old.member_id));
        assert_eq!(bench.sync_alone(&rejoined).error, ErrorCode::NONE);
        bench.beat(heartbeat("new", 2));
        if leaves {
            bench.beat(heartbeat("new", -1));
        } else {
            for _ in 0..5 {
                bench.pass(9_000);
                bench.heartbeat("g", 2, &old.member_id);
            }
        }
        assert!(bench.rig.live.durable().consumer_group("g").is_none());
        assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
        assert_eq!(bench.heartbeat("g", 2, &old.member_id), ErrorCode::REBALANCE_IN_PROGRESS);
        let again = bench.ask_join(classic(&old.member_id));
        assert_eq!((again.error, again.leader == old.member_id), (ErrorCode::NONE, true));
        bench.restart();
        assert_eq!(bench.state("g"), Some(State::Stable), "as the log has it");
    }
}

#[test]
fn a_static_member_takes_the_group_back_to_the_classic_protocol() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    let at = |request: ConsumerHeartbeat| ConsumerHeartbeat { instance_id: Some(text("i")), ..request };
    bench.beat(at(joining("new", &["t"])));
    bench.beat(at(heartbeat("new", -2)));
    let join = JoinGroup { instance_id: Some(text("i")), ..classic(&Str::new()) };
    let joined = bench.ask_join(join);
    assert_eq!((joined.error, joined.generation), (ErrorCode::NONE, 2));
    assert_eq!(bench.state("g"), Some(State::Stable));
    let sync = SyncGroup {
        group_id: text("g"),
        generation: joined.generation,
        member_id: joined.member_id,
        instance_id: Some(text("i")),
        ..SyncGroup::default()
    };
    let Reply::Sync(synced) = bench.ask(Command::Sync(sync)) else { panic!("no answer") };
    assert_eq!(synced.assignment, assignment(&[0, 1]));
}

#[test]
fn empty_groups_change_their_type_for_whoever_comes() {
    let mut bench = bench();
    let old = bench.classic_reader();
    bench.commit("g", 1, &old.member_id, 5);
    bench.leave("g", &[(&old.member_id, None)]);
    assert_eq!(bench.beat(joining("new", &["t"])).0, 2);
    assert_eq!((bench.state("g"), bench.offset("g", "t")), (None, 5));
    bench.beat(heartbeat("new", -1));
    assert_eq!(bench.ask_join(classic(&text("somebody"))).error, ErrorCode::UNKNOWN_MEMBER_ID);
    let ticket = bench.send_join(classic(&Str::new()));
    bench.pass(3_000);
    assert_eq!(bench.joined(ticket).error, ErrorCode::NONE);
    assert!(bench.rig.live.durable().consumer_group("g").is_none());
    assert_eq!(bench.offset("g", "t"), 5);
}

#[test]
fn policies_hold() {
    for (migration, upgrades, joins) in [
        (MigrationPolicy::Disabled, false, ErrorCode::INCONSISTENT_GROUP_PROTOCOL),
        (MigrationPolicy::Upgrade, true, ErrorCode::NONE),
        (MigrationPolicy::Downgrade, false, ErrorCode::NONE),
        (MigrationPolicy::Bidirectional, true, ErrorCode::NONE),
    ] {
        let consumer = ConsumerSettings { migration, ..ConsumerSettings::default() };
        let settings = Settings { consumer, ..Settings::default() };
        let mut classic_first = bench_with(settings.clone());
        classic_first.classic_reader();
        let upgraded = classic_first.try_beat(joining("new", &["t"]));
        assert_eq!(upgraded.is_ok(), upgrades, "{migration:?}");
        let mut consumer_first = bench_with(settings);
        consumer_first.learn(1, &[("t", 2)]);
        consumer_first.beat(joining("new", &["t"]));
        assert_eq!(consumer_first.ask_join(classic(&Str::new())).error, joins, "{migration:?}");
    }
}

#[test]
fn classic_members_that_do_not_fit_are_refused() {
    let mut bench = bench();
    bench.learn(1, &[("t", 2)]);
    bench.beat(joining("new", &["t"]));
    let refused = |bench: &mut Bench<_>, join: JoinGroup| bench.ask_join(join).error;
    let connect = JoinGroup { protocol_type: text("connect"), ..classic(&Str::new()) };
    assert_eq!(refused(&mut bench, connect), ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    let malformed = vec![Protocol { name: text("range"), metadata: Bytes::from_static(b"\xff\xff") }];
    let malformed = JoinGroup { protocols: malformed, ..classic(&Str::new()) };
    assert_eq!(refused(&mut bench, malformed), ErrorCode::UNKNOWN_SERVER_ERROR);
    assert_eq!(bench.member_id("g").len(), Uuid::ZERO.to_string().len(), "an id is given out first");
    let joined = bench.ask_join(classic(&Str::new()));
    assert_eq!(joined.error, ErrorCode::NONE);
    let other = vec![Protocol { name: text("sticky"), metadata: subscription(&["t"]) }];
    let other = JoinGroup { protocols: other, ..classic(&Str::new()) };
    assert_eq!(refused(&mut bench, other), ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(bench.heartbeat("g", joined.generation + 1, &joined.member_id), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(bench.heartbeat("g", 2, &text("new")), ErrorCode::UNKNOWN_MEMBER_ID, "no classic member");
    assert_eq!(
        bench.leave("g", &[(&joined.member_id, None), ("x", None)]),
        [ErrorCode::NONE, ErrorCode::UNKNOWN_MEMBER_ID]
    );
    assert_eq!(bench.consumer_group("g").size(), 1);
}

#[test]
fn a_classic_member_that_does_not_come_again_is_out() {
    let mut bench = bench();
    let old = bench.classic_reader();
    bench.beat(joining("new", &["t"]));
    for _ in 0..7 {
        bench.heartbeat("g", 1, &old.member_id);
        bench.beat(heartbeat("new", 2));
        bench.pass(9_000);
    }
    assert_eq!(bench.heartbeat("g", 1, &old.member_id), ErrorCode::UNKNOWN_MEMBER_ID);
    bench.beat(heartbeat("new", 2));
    assert_eq!(bench.beat(heartbeat("new", 3)).0, 3);
}
