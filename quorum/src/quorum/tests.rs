use super::*;
use crate::Voter;
use ottla_types::Uuid;

const NOW: Millis = Millis(1_000);
const ME: ReplicaKey = ReplicaKey { id: 1, directory_id: Uuid::from_u128(77_777) };

fn voters() -> VoterSet {
    VoterSet(vec![Voter { key: ME, endpoints: Vec::new(), min_kraft_version: 0, max_kraft_version: 1 }])
}

fn quorum() -> Quorum {
    Quorum::new(ME, voters()).unwrap()
}

fn started(stored: Option<ElectionState>, log_end: i64, last_epoch: i32) -> Event {
    Event::Started { stored, log_end, last_epoch }
}

/// Plays the shell until the LeaderChange record is asked for; returns every stored state.
fn elect(quorum: &mut Quorum, start: Event) -> Vec<ElectionState> {
    quorum.on(NOW, start).unwrap();
    let mut stored = Vec::new();
    loop {
        match quorum.poll() {
            Some(Action::StoreElectionState(state)) => {
                stored.push(state.clone());
                quorum.on(NOW, Event::ElectionStateStored(state)).unwrap();
            }
            Some(Action::AppendLeaderChange { epoch, leader_id, .. }) => {
                assert_eq!((epoch, leader_id), (quorum.epoch(), ME.id));
                return stored;
            }
            other => panic!("not expected: {other:?}"),
        }
    }
}

#[test]
fn votes_durably_before_it_leads() {
    let mut quorum = quorum();
    let stored = elect(&mut quorum, started(None, 0, 0));
    assert_eq!(
        stored,
        [
            ElectionState { epoch: 1, leader_id: None, voted: Some((1, ME.directory_id)) },
            ElectionState { epoch: 1, leader_id: Some(1), voted: None },
        ]
    );
    assert_eq!(quorum.role(), Role::Leader);
    assert_eq!(quorum.appendable_epoch(), None, "not before LeaderChange is in the log");
}

#[test]
fn high_watermark_waits_for_the_leader_change_of_this_epoch() {
    let mut quorum = quorum();
    let before = ElectionState { epoch: 4, leader_id: Some(1), voted: None };
    elect(&mut quorum, started(Some(before), 100, 4));
    assert_eq!(quorum.epoch(), 5);
    quorum.on(NOW, Event::Flushed { epoch: 5, end_offset: 100 }).unwrap();
    assert_eq!((quorum.poll(), quorum.high_watermark()), (None, None), "old records alone are not committed");
    quorum.on(NOW, Event::Appended { epoch: 5, end_offset: 101 }).unwrap();
    assert_eq!(quorum.appendable_epoch(), Some(5));
    quorum.on(NOW, Event::Flushed { epoch: 5, end_offset: 100 }).unwrap();
    assert_eq!(quorum.poll(), None);
    quorum.on(NOW, Event::Flushed { epoch: 5, end_offset: 101 }).unwrap();
    assert_eq!(quorum.poll(), Some(Action::AdvanceHighWatermark(101)));
}

#[test]
fn completions_out_of_order_or_of_another_epoch_do_no_harm() {
    let mut quorum = quorum();
    elect(&mut quorum, started(None, 0, 0));
    for end_offset in [1, 3, 9] {
        quorum.on(NOW, Event::Appended { epoch: 1, end_offset }).unwrap();
    }
    quorum.on(NOW, Event::Flushed { epoch: 0, end_offset: 9 }).unwrap();
    assert_eq!(quorum.poll(), None, "a flush of another epoch");
    quorum.on(NOW, Event::Flushed { epoch: 1, end_offset: 9 }).unwrap();
    quorum.on(NOW, Event::Flushed { epoch: 1, end_offset: 3 }).unwrap();
    quorum.on(NOW, Event::Flushed { epoch: 1, end_offset: 50 }).unwrap();
    assert_eq!(quorum.poll(), Some(Action::AdvanceHighWatermark(9)));
    assert_eq!(quorum.poll(), None, "never back, never past the end of the log");
    // A stored answer that comes twice starts no second epoch.
    let leader = ElectionState { epoch: 1, leader_id: Some(1), voted: None };
    quorum.on(NOW, Event::ElectionStateStored(leader)).unwrap();
    assert_eq!(quorum.poll(), None);
}

#[test]
fn a_lost_quorum_state_or_a_truncated_log_is_fatal() {
    let lost = quorum().on(NOW, started(None, 10, 3));
    assert_eq!(lost, Err(QuorumError::LogAheadOfElectionState { last_epoch: 3, epoch: 0 }));
    let mut quorum = quorum();
    elect(&mut quorum, started(None, 0, 0));
    quorum.on(NOW, Event::Appended { epoch: 1, end_offset: 5 }).unwrap();
    quorum.on(NOW, Event::Flushed { epoch: 1, end_offset: 5 }).unwrap();
    let truncated = quorum.on(NOW, Event::Appended { epoch: 1, end_offset: 4 });
    assert_eq!(truncated, Err(QuorumError::BelowHighWatermark { end_offset: 4, high_watermark: 5 }));
}

#[test]
fn stopping_gives_leadership_up() {
    let mut quorum = quorum();
    elect(&mut quorum, started(None, 0, 0));
    quorum.on(NOW, Event::Stop).unwrap();
    assert_eq!(quorum.poll(), Some(Action::Resigned { epoch: 1 }));
    assert_eq!(quorum.describe(NOW).leader_id, None);
    quorum.on(NOW, Event::Stop).unwrap();
    assert_eq!(quorum.poll(), None);
}

#[test]
fn only_a_single_voter_is_accepted() {
    let mut two = voters();
    two.0.push(Voter { key: ReplicaKey { id: 2, ..ME }, ..two.0[0].clone() });
    assert!(Quorum::new(ME, two).is_err());
    assert!(Quorum::new(ME, VoterSet::default()).is_err());
}
