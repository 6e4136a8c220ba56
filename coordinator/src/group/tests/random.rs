//! Random clients, clocks and restarts; after every step the invariants hold and replay is equal.

use super::*;
use crate::testing::Dice;
use std::collections::HashSet;

/// What one simulated client believes.
#[derive(Clone, Default)]
struct Client {
    member_id: Str,
    instance_id: Option<Str>,
    generation: i32,
    waits: Option<Ticket>,
    /// Synced and believes itself in a stable generation.
    works: bool,
}

struct World<F: Fn() -> Groups> {
    bench: Bench<F>,
    dice: Dice,
    clients: Vec<Client>,
    /// The highest generation seen.
    generation: i32,
    offset: i64,
    accepted: u32,
}

impl<F: Fn() -> Groups> World<F> {
    fn join(&mut self, at: usize) {
        let client = self.clients[at].clone();
        let wish: &[&str] = if self.dice.one_in(4) { &["sticky", "range"] } else { &["range", "sticky"] };
        let join = JoinGroup {
            instance_id: client.instance_id,
            protocols: protocols(wish),
            ..request("g", &client.member_id)
        };
        let ticket = self.bench.send_join(join);
        self.clients[at].waits = Some(ticket);
        self.clients[at].works = false;
    }

    fn on_joined(&mut self, at: usize, reply: &JoinReply) {
        self.clients[at].waits = None;
        match reply.error {
            ErrorCode::NONE => {
                assert!(reply.generation >= self.generation, "generations are monotonic");
                self.generation = reply.generation;
                self.clients[at].member_id = reply.member_id.clone();
                self.clients[at].generation = reply.generation;
                if self.dice.one_in(8) {
                    return; // Never syncs.
                }
                let leads = reply.leader == reply.member_id && !reply.skip_assignment;
                let everybody: Vec<Str> =
                    reply.members.iter().map(|member| member.member_id.clone()).collect();
                let assignments: Vec<(&Str, &'static str)> =
                    everybody.iter().map(|id| (id, "mine")).collect();
                let ticket = self.bench.send_sync("g", reply, if leads { &assignments } else { &[] });
                self.clients[at].waits = Some(ticket);
            }
            ErrorCode::MEMBER_ID_REQUIRED => self.clients[at].member_id = reply.member_id.clone(),
            _ => self.clients[at].member_id = Str::new(),
        }
    }

    fn on_synced(&mut self, at: usize, reply: &SyncReply) {
        self.clients[at].waits = None;
        self.clients[at].works = reply.error.is_ok();
        if reply.error.is_ok() {
            assert_eq!(
                reply.assignment, "mine",
                "a stable member never gets an empty assignment the leader did not make"
            );
        }
    }

    fn deliver(&mut self) {
        loop {
            let ready = (0..self.clients.len()).find_map(|at| {
                let ticket = self.clients[at].waits?;
                Some((at, self.bench.rig.take(ticket)?))
            });
            match ready {
                Some((at, Reply::Join(reply))) => self.on_joined(at, &reply),
                Some((at, Reply::Sync(reply))) => self.on_synced(at, &reply),
                Some((_, other)) => panic!("{other:?}"),
                None => return,
            }
        }
    }

    fn act(&mut self) {
        let at = usize::try_from(self.dice.below(self.clients.len() as u64)).unwrap();
        let client = self.clients[at].clone();
        match self.dice.below(12) {
            0..=3 if client.waits.is_none() => self.join(at),
            4 | 5 => {
                let code = self.bench.heartbeat("g", client.generation, &client.member_id);
                if code == ErrorCode::UNKNOWN_MEMBER_ID || code == ErrorCode::FENCED_INSTANCE_ID {
                    self.clients[at].works = false;
                }
            }
            6 | 7 => self.commit(at),
            8 => {
                self.bench.leave("g", &[(&client.member_id, None)]);
                self.clients[at].works = false;
            }
            9 => {
                let ms =
                    [0, 1_000, 3_000, 9_999, 60_000, 700_000][usize::try_from(self.dice.below(6)).unwrap()];
                self.bench.pass(ms);
            }
            10 if self.dice.one_in(6) => {
                self.bench.restart();
                // Everybody's connection breaks; ids stay. A generation that never became stable is forgotten, as in
                // Kafka: nobody can have committed in it.
                self.generation = self.bench.rig.live.live.get("g").map_or(0, |group| group.generation);
                self.clients.iter_mut().for_each(|client| client.waits = None);
            }
            11 if client.instance_id.is_some() && self.dice.one_in(3) => {
                // A static member's process restarts: same instance, no member id.
                self.clients[at] = Client { instance_id: client.instance_id, ..Client::default() };
            }
            _ => {}
        }
    }

    /// `one_commit_owner`: only the running generation's members may commit, and nobody while an assignment is out.
    fn commit(&mut self, at: usize) {
        let client = self.clients[at].clone();
        self.offset += 1;
        let before = self.bench.offset("g", "t");
        let (generation, member) = (client.generation.max(0), client.member_id);
        let code = self.bench.commit("g", generation, &member, self.offset);
        if code.is_ok() {
            self.accepted += 1;
            let group = self.bench.rig.live.describe_groups(&[text("g")]).remove(0);
            assert!(group.members.iter().any(|known| known.member_id == member), "only members commit");
            assert_eq!(
                generation, self.bench.rig.live.live["g"].generation,
                "only the running generation commits"
            );
            assert_ne!(group.state, Some(State::CompletingRebalance));
            assert_eq!(self.bench.offset("g", "t"), self.offset);
        } else {
            assert_eq!(self.bench.offset("g", "t"), before, "a refused commit changes nothing");
        }
    }

    fn check(&mut self) {
        let Some(group) = self.bench.rig.live.live.get("g") else {
            self.generation = 0;
            return;
        };
        if group.is_stable() {
            let persisted = self.bench.rig.live.durable().group("g").expect("a stable group is in the log");
            assert_eq!(persisted.generation, group.generation);
            let live: Vec<(Str, Bytes)> =
                group.members.values().map(|member| (member.id.clone(), member.assignment.clone())).collect();
            let logged: Vec<(Str, Bytes)> = persisted
                .members
                .iter()
                .map(|member| (member.member_id.clone(), member.assignment.clone()))
                .collect();
            assert_eq!(live, logged, "a stable group is in the log as it is");
        }
        let mut holders = HashSet::new();
        for member in group.members.values() {
            assert!(
                member.instance_id.as_ref().is_none_or(|instance| holders.insert(instance.clone())),
                "two members hold one instance id"
            );
        }
        assert!(group.generation >= self.generation, "generations are monotonic");
    }
}

/// Returns how many commits were accepted.
fn run(seed: u64, steps: usize) -> u32 {
    let instances = [None, None, None, Some("s1"), Some("s2")];
    let clients = instances
        .iter()
        .map(|instance| Client { instance_id: instance.map(text), ..Client::default() })
        .collect();
    let mut world =
        World { bench: bench(), dice: Dice(seed), clients, generation: 0, offset: 0, accepted: 0 };
    for _ in 0..steps {
        world.act();
        world.deliver();
        world.check();
    }
    world.accepted
}

#[test]
fn invariants_hold_for_random_clients() {
    let mut accepted = 0;
    for seed in 0..60 {
        let outcome = std::panic::catch_unwind(|| run(seed, 250));
        accepted += outcome.unwrap_or_else(|_| panic!("seed {seed} fails"));
    }
    assert!(accepted > 100, "the walk gets somewhere: {accepted} commits");
}
