//! Random commands against a small model, with the three replays compared after every step: live, the log as bytes,
//! and a snapshot.

use ottla_coordinator::{Machine, Ticket, testing::Dice};
use ottla_metadata::{
    BatchContent, BrokerHeartbeat, Command, ConfigChanges, ConfigOp, ConfigResource, ConfigRules, Controller,
    Delta, Image, Loader, NO_LEADER, Options, Refusal, Reply, Settings, bootstrap_records, decode_batch,
    encode_batch,
};
use ottla_records::Batch;
use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::{
    broker_registration_request::BrokerRegistrationRequest,
    create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic},
    create_topics_request::{CreatableTopic, CreateTopicsRequest},
    delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
    elect_leaders_request::ElectLeadersRequest,
};
use std::collections::BTreeMap;

const NAMES: [&str; 8] = ["a", "b", "c", "d.e", "d_e", "long-name", "x_y.z", "x.y_z"];
const DIRECTORY: Uuid = Uuid::from_u128(4_711);

struct AnyConfig;

impl ConfigRules for AnyConfig {
    fn check(&self, _: &ConfigResource, after: &Settings, _: &[&str]) -> Result<(), Refusal> {
        match after.contains_key("bad") {
            true => Err(Refusal::bare(ErrorCode::INVALID_CONFIG)),
            false => Ok(()),
        }
    }

    fn is_list(&self, _: i8, key: &str) -> bool {
        key == "list"
    }

    fn default_list(&self, _: i8, _: &str) -> Option<String> {
        Some("x".into())
    }
}

fn options() -> Options {
    Options {
        default_partitions: 2,
        rules: Box::new(AnyConfig),
        ..super::support::options(bootstrap_records())
    }
}

#[derive(Default)]
struct ModelTopic {
    id: Uuid,
    partitions: i32,
    settings: BTreeMap<String, String>,
}

struct World {
    live: Controller,
    /// Replays what the log says, through bytes.
    log: Loader,
    next_offset: i64,
    dice: Dice,
    model: BTreeMap<String, ModelTopic>,
    next_producer_id: i64,
    broker_epoch: i64,
    up: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut world = Self {
            live: Controller::new(options(), Loader::default()),
            log: Loader::default(),
            next_offset: 0,
            dice: Dice(seed),
            model: BTreeMap::new(),
            next_producer_id: 0,
            broker_epoch: -1,
            up: false,
        };
        let effects = world.live.loaded(Millis(0));
        world.write(effects.records);
        world.restart(true);
        world
    }

    fn write(&mut self, records: Vec<ottla_wire::MetadataRecord>) {
        if records.is_empty() {
            return;
        }
        records.iter().for_each(|record| self.live.replay(record));
        let bytes = encode_batch(&records, &self.live.image().features, 1, 5)
            .expect("what it decides can be written");
        let batch = Batch::parse(&bytes.freeze()).expect("a batch");
        let BatchContent::Records(read) = decode_batch(&batch).expect("readable") else {
            panic!("no control batch")
        };
        assert_eq!(read, records, "bytes and back");
        read.iter().for_each(|record| self.log.replay(record));
        self.next_offset += records.len() as i64;
    }

    fn ask(&mut self, command: Command) -> Reply {
        self.live.set_next_offset(self.next_offset);
        let mut effects = self.live.step(Millis(0), Ticket(1), command);
        self.write(effects.records);
        let (_, reply) = effects.replies.pop().expect("answered at once");
        assert!(effects.replies.is_empty());
        reply
    }

    fn name(&mut self) -> String {
        NAMES[self.dice.below(NAMES.len() as u64) as usize].to_owned()
    }

    /// The process ends, cleanly or not, and comes back.
    fn restart(&mut self, clean: bool) {
        if clean && self.up {
            let reply = self.ask(self.heartbeat(true));
            assert!(
                matches!(reply, Reply::Heartbeat(Ok(answer)) if answer.should_shut_down && answer.is_fenced)
            );
        }
        let incarnation = Uuid::from_u128(u128::from(self.dice.roll()) << 64 | 1_000);
        let previous_broker_epoch = if clean { self.broker_epoch } else { -1 };
        // A new process knows what the log or a snapshot says.
        let image = self.live.image();
        let from_snapshot = rebuilt(image);
        self.live = Controller::new(options(), Loader::from_image(from_snapshot));
        assert!(self.live.loaded(Millis(0)).records.is_empty());
        let reply = self.ask(Command::RegisterBroker(BrokerRegistrationRequest {
            broker_id: 1,
            incarnation_id: incarnation,
            log_dirs: vec![DIRECTORY],
            previous_broker_epoch,
            ..BrokerRegistrationRequest::default()
        }));
        let Reply::RegisterBroker(Ok(epoch)) = reply else { panic!("{reply:?}") };
        assert!(epoch > self.broker_epoch);
        self.broker_epoch = epoch;
        let reply = self.ask(self.heartbeat(false));
        assert!(matches!(reply, Reply::Heartbeat(Ok(answer)) if !answer.is_fenced));
        self.up = true;
    }

    fn heartbeat(&self, want_shut_down: bool) -> Command {
        Command::Heartbeat(BrokerHeartbeat {
            broker_id: 1,
            broker_epoch: self.broker_epoch,
            current_metadata_offset: self.next_offset,
            want_fence: false,
            want_shut_down,
        })
    }

    fn create(&mut self) {
        let name = self.name();
        let (num_partitions, replication_factor) = (self.dice.below(5) as i32 - 1, self.dice.below(3) as i16);
        let id = Uuid::from_u128(u128::from(self.dice.roll()) << 64 | 2_000);
        let topic = CreatableTopic {
            name: name.as_str().into(),
            num_partitions,
            replication_factor,
            ..CreatableTopic::default()
        };
        let validate_only = self.dice.one_in(6);
        let request =
            CreateTopicsRequest { topics: vec![topic], validate_only, ..CreateTopicsRequest::default() };
        let Reply::CreateTopics(mut response) = self.ask(Command::CreateTopics { request, ids: vec![id] })
        else {
            panic!("not the reply")
        };
        let code = response.topics.pop().expect("one result").error_code;
        let unified = |name: &str| name.replace('.', "_");
        let expected = if self.model.contains_key(&name) {
            ErrorCode::TOPIC_ALREADY_EXISTS
        } else if self.model.keys().any(|other| unified(other) == unified(&name)) {
            ErrorCode::INVALID_TOPIC_EXCEPTION
        } else if replication_factor == 0 {
            ErrorCode::INVALID_REPLICATION_FACTOR
        } else if num_partitions == 0 {
            ErrorCode::INVALID_PARTITIONS
        } else if replication_factor == 2 {
            // More than there are brokers.
            ErrorCode::INVALID_REPLICATION_FACTOR
        } else {
            ErrorCode::NONE
        };
        assert_eq!(code, expected, "{name} {num_partitions} {replication_factor}");
        if code.is_ok() && !validate_only {
            let partitions = if num_partitions == -1 { 2 } else { num_partitions };
            self.model.insert(name, ModelTopic { id, partitions, settings: BTreeMap::new() });
        }
    }

    fn delete(&mut self) {
        let name = self.name();
        let known = self.model.remove(&name);
        let by_id = self.dice.one_in(2);
        let topic = match (by_id, &known) {
            (true, Some(topic)) => DeleteTopicState { name: None, topic_id: topic.id },
            (true, None) => DeleteTopicState { name: None, topic_id: Uuid::from_u128(3_000) },
            (false, _) => DeleteTopicState { name: Some(name.as_str().into()), topic_id: Uuid::ZERO },
        };
        let request = DeleteTopicsRequest { topics: vec![topic], ..DeleteTopicsRequest::default() };
        let Reply::DeleteTopics(response) = self.ask(Command::DeleteTopics(request)) else {
            panic!("not the reply")
        };
        let expected = match (known.is_some(), by_id) {
            (true, _) => ErrorCode::NONE,
            (false, true) => ErrorCode::UNKNOWN_TOPIC_ID,
            (false, false) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        };
        assert_eq!(response.responses[0].error_code, expected);
    }

    fn grow(&mut self) {
        let name = self.name();
        let count = self.dice.below(8) as i32;
        let topic = CreatePartitionsTopic { name: name.as_str().into(), count, assignments: None };
        let request = CreatePartitionsRequest { topics: vec![topic], ..CreatePartitionsRequest::default() };
        let Reply::CreatePartitions(response) = self.ask(Command::CreatePartitions(request)) else {
            panic!("not the reply")
        };
        let expected = match self.model.get_mut(&name) {
            None => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            Some(topic) if count <= topic.partitions => ErrorCode::INVALID_PARTITIONS,
            Some(topic) => {
                topic.partitions = count;
                ErrorCode::NONE
            }
        };
        assert_eq!(response.results[0].error_code, expected);
    }

    fn alter(&mut self) {
        let name = self.name();
        let key = ["one", "list", "bad", "min.insync.replicas"][self.dice.below(4) as usize];
        let op = [ConfigOp::Set, ConfigOp::Delete, ConfigOp::Append, ConfigOp::Subtract]
            [self.dice.below(4) as usize];
        let value = self.dice.below(3).to_string();
        let change: (Str, ConfigOp, Option<Str>) = (key.into(), op, Some(value.as_str().into()));
        let changes = vec![(ConfigResource::topic(&name), ConfigChanges::Incremental(vec![change]))];
        let Reply::AlterConfigs(results) = self.ask(Command::AlterConfigs { changes, validate_only: false })
        else {
            panic!("not the reply")
        };
        let code = results[0].1.as_ref().err().map_or(ErrorCode::NONE, |refusal| refusal.code);
        let on_list = matches!(op, ConfigOp::Append | ConfigOp::Subtract);
        let Some(topic) = self.model.get_mut(&name) else {
            return assert_eq!(code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        };
        if (on_list && key != "list") || (key == "bad" && op == ConfigOp::Set) {
            return assert_eq!(code, ErrorCode::INVALID_CONFIG);
        }
        assert_eq!(code, ErrorCode::NONE);
        let mut items: Vec<String> =
            topic.settings.get(key).map_or("x", |v| v).split(',').map(str::to_owned).collect();
        items.retain(|item| !item.is_empty());
        match op {
            ConfigOp::Set => items = vec![value],
            ConfigOp::Delete => {
                topic.settings.remove(key);
                return;
            }
            ConfigOp::Append if items.contains(&value) => {}
            ConfigOp::Append => items.push(value),
            ConfigOp::Subtract => items.retain(|item| *item != value),
        }
        topic.settings.insert(key.to_owned(), items.join(","));
    }

    fn producer_ids(&mut self) {
        let command = Command::AllocateProducerIds { broker_id: 1, broker_epoch: self.broker_epoch };
        let Reply::AllocateProducerIds(Ok(block)) = self.ask(command) else { panic!("not the reply") };
        assert_eq!(block.first, self.next_producer_id);
        self.next_producer_id += i64::from(block.len);
        let stale = Command::AllocateProducerIds { broker_id: 1, broker_epoch: self.broker_epoch - 1 };
        assert_eq!(self.ask(stale), Reply::AllocateProducerIds(Err(ErrorCode::STALE_BROKER_EPOCH)));
    }

    fn check(&self) {
        let image = self.live.image();
        assert_eq!(self.log.image(), image, "replay(log) differs from live");
        assert_eq!(&rebuilt(image), image, "replay(snapshot) differs from live");
        assert_eq!(image.topics.len(), self.model.len());
        let partitions: i32 = self.model.values().map(|topic| topic.partitions).sum();
        assert_eq!(image.topics.partition_count(), partitions as usize);
        for (name, expected) in &self.model {
            let topic = image.topics.by_name(name).expect("in the model");
            assert_eq!(topic.id, expected.id);
            assert!(topic.partitions.keys().copied().eq(0..expected.partitions));
            let settings = image.configs.get(&ConfigResource::topic(name));
            let settings = settings.iter().map(|(key, value)| (key.to_string(), value.to_string()));
            assert_eq!(settings.collect::<BTreeMap<_, _>>(), expected.settings);
            for partition in topic.partitions.values() {
                assert_eq!(
                    (&partition.replicas[..], &partition.directories[..]),
                    (&[1][..], &[DIRECTORY][..])
                );
                // One broker that is up leads everything; nothing is ever stuck without a leader.
                assert_eq!((partition.leader, &partition.isr[..]), (1, &[1][..]));
                assert_ne!(partition.leader, NO_LEADER);
                assert!(partition.elr.is_empty() && partition.last_known_elr.is_empty());
            }
        }
    }
}

fn rebuilt(image: &Image) -> Image {
    let mut rebuilt = Image::default();
    image.to_records().iter().for_each(|record| rebuilt.apply(record, &mut Delta::default()));
    rebuilt
}

#[test]
fn live_log_snapshot_and_model_agree_after_every_command() {
    for seed in 0..40 {
        println!("seed {seed}");
        let mut world = World::new(seed);
        for _ in 0..120 {
            match world.dice.below(20) {
                0..7 => world.create(),
                7..10 => world.delete(),
                10..13 => world.grow(),
                13..17 => world.alter(),
                17 => world.producer_ids(),
                18 => {
                    let clean = world.dice.one_in(2);
                    world.restart(clean);
                }
                _ => {
                    let all =
                        ElectLeadersRequest { topic_partitions: None, ..ElectLeadersRequest::default() };
                    let Reply::ElectLeaders(response) = world.ask(Command::ElectLeaders(all)) else {
                        panic!("not the reply")
                    };
                    assert!(
                        response
                            .replica_election_results
                            .iter()
                            .all(|topic| topic.partition_result.is_empty())
                    );
                }
            }
            world.check();
        }
    }
}
