use ottla_types::Millis;
use proptest::prelude::*;

use super::{Ack, Acks, Durability, FollowerFetch, Leader, NewLeader};

fn alone(durability: Durability) -> NewLeader {
    NewLeader {
        node: 1,
        epoch: 0,
        replicas: vec![1],
        isr: vec![1],
        min_in_sync: 1,
        log_start: 0,
        log_end: 0,
        flushed: 0,
        high_watermark: 0,
        durability,
        now: Millis(0),
    }
}

fn of_three(min_in_sync: usize) -> NewLeader {
    let replicas = vec![1, 2, 3];
    NewLeader { isr: replicas.clone(), replicas, min_in_sync, ..alone(Durability::PageCache) }
}

fn fetch(replica: i32, fetch_offset: i64) -> FollowerFetch {
    FollowerFetch { replica, broker_epoch: 5, fetch_offset, now: Millis(1) }
}

#[test]
fn synced_mode_answers_and_shows_only_what_is_flushed() {
    let mut leader = Leader::new(alone(Durability::Synced));
    assert!(!leader.on_appended(10));
    assert_eq!((leader.high_watermark(), leader.log_end()), (0, 10));
    for acks in [Acks::Leader, Acks::All] {
        assert_eq!(leader.ack(9, acks), Ack::Wait);
    }
    assert_eq!(leader.ack(9, Acks::None), Ack::Ready);
    assert!(leader.on_flushed(8));
    assert_eq!(leader.ack(7, Acks::Leader), Ack::Ready);
    assert_eq!(leader.ack(8, Acks::All), Ack::Wait);
    assert!(leader.on_flushed(10));
    assert_eq!(leader.ack(9, Acks::All), Ack::Ready);
    assert!(!leader.on_flushed(7), "a late flush takes nothing back");
    assert_eq!(leader.high_watermark(), 10);
}

#[test]
fn page_cache_mode_answers_at_once() {
    let mut leader = Leader::new(alone(Durability::PageCache));
    assert!(leader.on_appended(10));
    assert_eq!(leader.ack(9, Acks::All), Ack::Ready);
    assert_eq!(leader.ack(9, Acks::Leader), Ack::Ready);
    assert!(leader.set_durability(Durability::Synced) || leader.high_watermark() == 10);
    leader.on_appended(11);
    assert_eq!(leader.high_watermark(), 10, "from now on the flush decides");
    assert!(leader.set_durability(Durability::PageCache));
}

#[test]
fn one_replica_cannot_be_asked_for_two() {
    let leader = Leader::new(NewLeader { min_in_sync: 2, ..alone(Durability::PageCache) });
    assert_eq!(leader.may_append(Acks::All), Ok(()));
}

#[test]
fn too_few_in_sync_replicas_refuse_acks_all_and_stop_the_watermark() {
    let mut leader = Leader::new(NewLeader { isr: vec![1], ..of_three(2) });
    let refused = leader.may_append(Acks::All).unwrap_err();
    assert_eq!((refused.in_sync, refused.min_in_sync), (1, 2));
    assert_eq!(leader.may_append(Acks::Leader), Ok(()));
    assert!(!leader.on_appended(5));
    assert_eq!(leader.ack(4, Acks::Leader), Ack::Ready);
    assert_eq!(leader.high_watermark(), 0);
    leader.on_follower_fetch(fetch(2, 5));
    assert!(leader.on_isr(vec![1, 2]));
    assert_eq!(leader.high_watermark(), 5);
    leader.on_isr(vec![1]);
    assert_eq!(leader.ack(4, Acks::All), Ack::NotEnoughReplicas);
}

#[test]
fn the_watermark_waits_for_proposed_members_and_moves_after_a_shrink() {
    let mut leader = Leader::new(NewLeader { isr: vec![1, 2], ..of_three(1) });
    leader.on_appended(5);
    leader.propose_isr(vec![1, 2, 3]);
    leader.on_follower_fetch(fetch(2, 5));
    assert_eq!(leader.high_watermark(), 0, "3 counts already");
    assert!(leader.on_isr(vec![1, 2]), "rejected");
    assert_eq!(leader.high_watermark(), 5);
    leader.on_appended(9);
    assert_eq!(leader.high_watermark(), 5);
    assert!(leader.on_isr(vec![1]), "nothing else would release who waits");
    assert_eq!(leader.high_watermark(), 9);
}

#[test]
fn joining_needs_a_fetch_the_watermark_and_the_start_of_the_epoch() {
    let start = NewLeader { isr: vec![1], log_end: 10, high_watermark: 6, ..of_three(2) };
    let mut leader = Leader::new(start);
    assert_eq!((leader.epoch_start(), leader.high_watermark()), (10, 6));
    assert!(!leader.high_watermark_is_current());
    assert!(!leader.may_join_isr(2), "has not fetched in this epoch");
    leader.on_follower_fetch(fetch(2, 7));
    assert!(!leader.may_join_isr(2), "an earlier leader may have committed up to 10");
    leader.on_follower_fetch(fetch(2, 10));
    assert!(leader.may_join_isr(2));
    assert!(!leader.may_join_isr(9), "not a replica");
    leader.on_isr(vec![1, 2]);
    assert!(leader.high_watermark_is_current());
}

#[test]
fn contradicting_offsets_of_a_recovered_log_are_clamped() {
    let start =
        NewLeader { log_start: 5, log_end: 8, flushed: 99, high_watermark: 2, ..alone(Durability::Synced) };
    let leader = Leader::new(start);
    assert_eq!(
        (leader.log_start(), leader.high_watermark(), leader.log_end(), leader.flushed()),
        (5, 8, 8, 8)
    );
}

#[test]
fn the_stable_offset_is_behind_neither_transaction_nor_watermark() {
    let mut leader = Leader::new(alone(Durability::PageCache));
    leader.on_appended(10);
    assert_eq!(leader.last_stable_offset(), 10);
    leader.set_first_unstable(Some(4));
    assert_eq!(leader.last_stable_offset(), 4);
    leader.set_first_unstable(Some(40));
    assert_eq!(leader.last_stable_offset(), 10);
}

#[derive(Debug, Clone)]
enum Step {
    Append(u8),
    Flush(u8),
    Fetch { replica: i32, share: u8 },
    Isr(u8),
    Propose(u8),
    MinIsr(u8),
    Durability(bool),
    LogStart(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..9u8).prop_map(Step::Append),
        3 => any::<u8>().prop_map(Step::Flush),
        6 => (2..5i32, any::<u8>()).prop_map(|(replica, share)| Step::Fetch { replica, share }),
        1 => (0..4u8).prop_map(Step::Isr),
        1 => (0..4u8).prop_map(Step::Propose),
        1 => (1..4u8).prop_map(Step::MinIsr),
        1 => any::<bool>().prop_map(Step::Durability),
        1 => any::<u8>().prop_map(Step::LogStart),
    ]
}

fn members(bits: u8) -> Vec<i32> {
    [(1, true), (2, bits & 1 > 0), (3, bits & 2 > 0)]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(id, _)| id)
        .collect()
}

/// The definition of the watermark, recomputed from plain variables after every step.
struct Model {
    log_end: i64,
    flushed: i64,
    synced: bool,
    ends: [Option<i64>; 4],
    isr: Vec<i32>,
    proposed: Vec<i32>,
    min: usize,
    watermark: i64,
}

impl Model {
    fn held(&self) -> i64 {
        if self.synced { self.flushed } else { self.log_end }
    }

    fn recompute(&mut self) {
        if self.isr.len() < self.min.min(3) {
            return;
        }
        let everyone = self.isr.iter().chain(&self.proposed);
        let ends = everyone.map(|id| if *id == 1 { Some(self.held()) } else { self.ends[*id as usize] });
        if let Some(committed) = ends.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().min()) {
            self.watermark = self.watermark.max(committed);
        }
    }

    fn apply(&mut self, leader: &mut Leader, step: &Step) {
        let share = |share: u8, of: i64| of * i64::from(share) / 255;
        match *step {
            Step::Append(count) => {
                self.log_end += i64::from(count);
                leader.on_appended(self.log_end);
            }
            Step::Flush(by) => {
                let to = share(by, self.log_end);
                self.flushed = self.flushed.max(to);
                leader.on_flushed(to);
            }
            Step::Fetch { replica, share: by } => {
                let to = share(by, self.log_end);
                if replica <= 3 {
                    self.ends[replica as usize] = Some(to);
                }
                leader.on_follower_fetch(fetch(replica, to));
            }
            Step::Isr(bits) => {
                (self.isr, self.proposed) = (members(bits), Vec::new());
                leader.on_isr(members(bits));
            }
            Step::Propose(bits) => {
                self.proposed = members(bits);
                leader.propose_isr(members(bits));
            }
            Step::MinIsr(min) => {
                self.min = min.into();
                leader.set_min_in_sync(min.into());
            }
            Step::Durability(synced) => {
                self.synced = synced;
                leader.set_durability(if synced { Durability::Synced } else { Durability::PageCache });
            }
            Step::LogStart(by) => leader.on_log_start(share(by, self.log_end)),
        }
        self.recompute();
    }
}

proptest! {
    #[test]
    fn the_watermark_is_its_definition_and_never_goes_back(steps in prop::collection::vec(step(), 1..80)) {
        let mut leader = Leader::new(of_three(2));
        let mut model = Model {
            log_end: 0, flushed: 0, synced: false, ends: [None; 4], isr: vec![1, 2, 3], proposed: Vec::new(), min: 2,
            watermark: 0,
        };
        for step in &steps {
            let before = (leader.high_watermark(), leader.log_start());
            model.apply(&mut leader, step);
            prop_assert_eq!(leader.high_watermark(), model.watermark, "{:?}", step);
            prop_assert!(leader.high_watermark() >= before.0 && leader.log_start() >= before.1);
            prop_assert!(leader.log_start() <= leader.high_watermark());
            prop_assert!(leader.high_watermark() <= leader.log_end() && leader.flushed() <= leader.log_end());
            let last = leader.log_end() - 1;
            prop_assert_eq!(leader.ack(last, Acks::Leader) == Ack::Ready, model.held() > last);
            prop_assert_eq!(leader.ack(last, Acks::All) == Ack::Wait, model.watermark <= last);
        }
    }
}
