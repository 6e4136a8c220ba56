//! Offsets committed in transactions.

use super::*;

fn transactional(member: Option<(i32, &Str)>, offset: i64) -> CommitOffsets {
    let (generation, member_id) = member.map_or((-1, Str::new()), |(at, id)| (at, id.clone()));
    CommitOffsets {
        group_id: text("g"),
        producer: Some((7, 0)),
        generation,
        member_id,
        ..commit_of("t", offset)
    }
}

fn end(committed: bool) -> Command {
    Command::EndTransaction(EndTransaction { producer: (7, 0), committed, coordinator_epoch: 0 })
}

fn stable_offset<F: Fn() -> Groups>(bench: &Bench<F>) -> Result<i64, ErrorCode> {
    let topics = Some(vec![FetchTopic { name: text("t"), topic_id: Uuid::ZERO, partitions: vec![0] }]);
    let reply = bench
        .rig
        .live
        .fetch_offsets(&FetchOffsets {
            group_id: text("g"),
            topics,
            require_stable: true,
            ..FetchOffsets::default()
        })
        .unwrap();
    let fetched = &reply.topics[0].partitions[0];
    if fetched.error.is_ok() { Ok(fetched.offset) } else { Err(fetched.error) }
}

#[test]
fn offsets_of_a_transaction_count_when_it_commits() {
    for (committed, offset) in [(true, 5), (false, 1)] {
        let mut bench = bench();
        assert_eq!(bench.commit("g", -1, "", 1), ErrorCode::NONE);
        assert_eq!(bench.commit_request(transactional(None, 5)), ErrorCode::NONE);
        assert_eq!(
            (bench.offset("g", "t"), stable_offset(&bench)),
            (1, Err(ErrorCode::UNSTABLE_OFFSET_COMMIT))
        );
        bench.restart();
        assert_eq!(stable_offset(&bench), Err(ErrorCode::UNSTABLE_OFFSET_COMMIT));
        assert_eq!(bench.ask(end(committed)), Reply::Done);
        assert_eq!((bench.offset("g", "t"), stable_offset(&bench)), (offset, Ok(offset)));
        assert_eq!(bench.ask(end(!committed)), Reply::Done, "another marker of the producer");
        bench.restart();
        assert_eq!(stable_offset(&bench), Ok(offset));
    }
}

#[test]
fn a_transaction_makes_a_group_and_must_name_the_generation_if_any() {
    let mut bench = bench();
    assert_eq!(bench.commit_request(transactional(None, 5)), ErrorCode::NONE);
    assert_eq!(bench.ask(end(true)), Reply::Done);
    assert_eq!(bench.offset("g", "t"), 5);
    let joined = bench.stable("g", 1).remove(0);
    let stale = transactional(Some((joined.generation - 1, &joined.member_id)), 6);
    assert_eq!(bench.commit_request(stale), ErrorCode::ILLEGAL_GENERATION);
    let stranger = transactional(Some((joined.generation, &text("m"))), 6);
    assert_eq!(bench.commit_request(stranger), ErrorCode::UNKNOWN_MEMBER_ID);
    let own = transactional(Some((joined.generation, &joined.member_id)), 6);
    assert_eq!(bench.commit_request(own), ErrorCode::NONE);
    // Producers of old clients do not say which member they are.
    assert_eq!(bench.commit_request(transactional(None, 7)), ErrorCode::NONE);
    assert_eq!(bench.ask(end(true)), Reply::Done);
    assert_eq!(bench.offset("g", "t"), 7);
}
