//! Describe and list.

use super::*;

#[test]
fn described_transactions_show_the_partitions_without_a_marker() {
    let mut bench = bench();
    let p = bench.init("a").unwrap();
    bench.add("a", p, 0, 2);
    bench.add("a", p, 1, 2);
    let began = bench.now.0;
    let describe = |bench: &mut Bench<_>, id: &str| match bench.ask(Command::Describe(vec![text(id)])) {
        Reply::Describe(mut described) => described.remove(0).1,
        other => panic!("{other:?}"),
    };
    let open = describe(&mut bench, "a").unwrap();
    assert_eq!(
        (open.state, open.producer, open.timeout_ms, open.start_ms),
        (State::Ongoing, p, TIMEOUT, began)
    );
    assert_eq!(open.partitions, partitions("t", &[0, 1]));
    bench.end("a", p, true, 2).unwrap();
    let markers = bench.work().unwrap().markers.remove(0);
    bench.written(&markers, partitions("t", &[0]));
    let ending = describe(&mut bench, "a").unwrap();
    assert_eq!((ending.state, ending.partitions), (State::PrepareCommit, partitions("t", &[1])));
    assert_eq!(describe(&mut bench, "b"), Err(ErrorCode::TRANSACTIONAL_ID_NOT_FOUND));
    assert_eq!(describe(&mut bench, ""), Err(ErrorCode::INVALID_REQUEST));
}

#[test]
fn lists_are_filtered_by_state_producer_and_duration() {
    let mut bench = bench();
    let a = bench.init("a").unwrap();
    let b = bench.init("b").unwrap();
    bench.init("c").unwrap();
    bench.add("a", a, 0, 2);
    bench.pass(5 * SECOND);
    bench.add("b", b, 0, 2);
    bench.pass(SECOND);
    let listed = |bench: &Bench<_>, request: ListTransactions| -> Vec<String> {
        let live: &Transactions = &bench.rig.live;
        live.list(bench.now, &request).iter().map(|listed| listed.transactional_id.to_string()).collect()
    };
    let all = ListTransactions::default();
    assert_eq!(listed(&bench, all.clone()), ["a", "b", "c"]);
    let ongoing = Some(BTreeSet::from([State::Ongoing]));
    assert_eq!(listed(&bench, ListTransactions { states: ongoing.clone(), ..all.clone() }), ["a", "b"]);
    let nothing = ListTransactions { states: Some(BTreeSet::new()), ..all.clone() };
    assert!(listed(&bench, nothing).is_empty());
    let of_b = ListTransactions { producer_ids: BTreeSet::from([b.id, 5]), ..all.clone() };
    assert_eq!(listed(&bench, of_b), ["b"]);
    let long = ListTransactions { states: ongoing, longer_than_ms: 2 * SECOND, ..all };
    assert_eq!(listed(&bench, long), ["a"]);
}

#[test]
fn states_have_kafkas_names_and_numbers() {
    for (at, state) in State::ALL.into_iter().enumerate() {
        assert_eq!(usize::try_from(state.id()).unwrap(), at);
        assert_eq!(State::from_name(state.name()), Some(state));
    }
    assert_eq!((State::from_id(8), State::from_name("ongoing")), (None, None));
}
