use super::*;
use ottla_disk::{Crash, Disk, Fault, SimDisk, create_dir_durably};
use ottla_metadata::{
    BrokerHeartbeat, ConfigResource, ConfigRules, ControllerNode, Image, Options, Refusal, Settings,
    bootstrap_records,
};
use ottla_quorum::{ReplicaKey, Voter};
use ottla_types::{ErrorCode, Millis, Uuid};
use ottla_wire::messages::{
    broker_registration_request::BrokerRegistrationRequest,
    create_topics_request::{CreatableTopic, CreateTopicsRequest},
    delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
};
use parking_lot::Mutex;
use std::{future::Future, pin::Pin, sync::Arc};

const ME: ReplicaKey = ReplicaKey { id: 1, directory_id: Uuid::from_u128(4_242) };

struct AnyConfig;

impl ConfigRules for AnyConfig {
    fn check(&self, _: &ConfigResource, _: &Settings, _: &[&str]) -> Result<(), Refusal> {
        Ok(())
    }

    fn is_list(&self, _: i8, _: &str) -> bool {
        false
    }

    fn default_list(&self, _: i8, _: &str) -> Option<String> {
        None
    }
}

fn clock() -> Millis {
    Millis(1_700_000_000_000)
}

fn dir(disk: &Arc<dyn Disk>) -> MetadataDir {
    MetadataDir::new(Arc::clone(disk), "/data")
}

fn format(disk: &Arc<dyn Disk>) {
    let voter = Voter { key: ME, endpoints: Vec::new(), min_kraft_version: 0, max_kraft_version: 1 };
    create_dir_durably(&**disk, std::path::Path::new("/data")).expect("an empty disk");
    format_metadata(&dir(disk), &FormatMetadata { voter, now: clock() }).expect("an empty disk");
}

fn try_open(disk: &Arc<dyn Disk>, every_bytes: u64) -> Result<Arc<MetadataShell>, OpenError> {
    open_with(disk, SnapshotPolicy { every_bytes, retention_bytes: -1, retention_ms: -1 })
}

fn open_with(disk: &Arc<dyn Disk>, snapshots: SnapshotPolicy) -> Result<Arc<MetadataShell>, OpenError> {
    let log = SegmentedLog::open(disk, &dir(disk), &SegmentLimits { bytes: 1 << 20, ms: i64::MAX }, clock)?;
    let options = Options {
        default_partitions: 1,
        default_replication_factor: 1,
        default_min_in_sync_replicas: 1,
        max_partitions: usize::MAX,
        delete_topic_enable: true,
        node_id: 1,
        local_broker: Some(1),
        bootstrap: bootstrap_records(),
        rules: Box::new(AnyConfig),
    };
    MetadataShell::open(OpenMetadata {
        me: ME,
        static_voters: Vec::new(),
        dir: dir(disk),
        log,
        options,
        controller: ControllerNode { id: 1, incarnation_id: random_id(), ..ControllerNode::default() },
        clock,
        snapshots,
    })
}

fn open(disk: &Arc<dyn Disk>) -> Arc<MetadataShell> {
    let shell = try_open(disk, u64::MAX).expect("a sound directory");
    tokio::spawn(Arc::clone(&shell).run());
    shell
}

async fn register(shell: &MetadataShell, previous_broker_epoch: i64) -> i64 {
    let request = BrokerRegistrationRequest {
        broker_id: 1,
        incarnation_id: random_id(),
        log_dirs: vec![ME.directory_id],
        previous_broker_epoch,
        ..BrokerRegistrationRequest::default()
    };
    let epoch = shell.register_broker(request).await.expect("runs").expect("accepted");
    let answer = shell.heartbeat(beat(epoch, false)).await.expect("runs").expect("accepted");
    assert!(!answer.is_fenced);
    epoch
}

fn beat(broker_epoch: i64, want_shut_down: bool) -> BrokerHeartbeat {
    BrokerHeartbeat {
        broker_id: 1,
        broker_epoch,
        current_metadata_offset: i64::MAX,
        want_fence: false,
        want_shut_down,
    }
}

fn topic(name: &str, num_partitions: i32) -> CreateTopicsRequest {
    let topic = CreatableTopic {
        name: name.into(),
        num_partitions,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() }
}

async fn create(shell: &MetadataShell, name: &str) -> ErrorCode {
    shell.create_topics(topic(name, 2)).await.expect("runs").topics[0].error_code
}

/// The image without what each start adds to it.
fn topics_of(image: &Image) -> Vec<String> {
    let mut names: Vec<String> =
        image.topics.iter().map(|topic| format!("{} {}", topic.name, topic.id)).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_was_answered_survives_a_power_loss_and_a_kill() {
    for how in Crash::all(1) {
        let sim = SimDisk::new();
        let disk: Arc<dyn Disk> = Arc::new(sim.clone());
        format(&disk);
        let shell = open(&disk);
        register(&shell, -1).await;
        for name in ["a", "b", "c"] {
            assert_eq!(create(&shell, name).await, ErrorCode::NONE);
        }
        let request = DeleteTopicsRequest {
            topics: vec![DeleteTopicState { name: Some("b".into()), topic_id: Uuid::ZERO }],
            ..DeleteTopicsRequest::default()
        };
        shell.delete_topics(request).await.unwrap();
        let before = topics_of(&shell.image());
        assert_eq!(before.len(), 2);
        let after: Arc<dyn Disk> = Arc::new(sim.crash(how));
        let shell = open(&after);
        assert_eq!(topics_of(&shell.image()), before, "{how:?}");
        assert_eq!(shell.quorum().leader_epoch, 2);
        register(&shell, -1).await;
        let image = shell.image();
        assert!(
            image.topics.by_name("a").unwrap().partitions.values().all(|partition| partition.leader == 1)
        );
    }
}

#[tokio::test]
async fn replies_come_after_followers_and_readers_have_the_image() {
    struct Follower(Mutex<Vec<(usize, usize)>>);
    impl MetadataFollower for Follower {
        fn apply<'a>(&'a self, update: &'a MetadataUpdate) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
            Box::pin(async move {
                tokio::task::yield_now().await;
                self.0.lock().push((update.delta.topics.len(), update.after.topics.len()));
            })
        }
    }
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    format(&disk);
    let shell = try_open(&disk, u64::MAX).unwrap();
    let follower = Arc::new(Follower(Mutex::default()));
    shell.follow(Arc::clone(&follower) as Arc<dyn MetadataFollower>).await;
    tokio::spawn(Arc::clone(&shell).run());
    register(&shell, -1).await;
    follower.0.lock().clear();
    assert_eq!(create(&shell, "a").await, ErrorCode::NONE);
    assert!(shell.image().topics.by_name("a").is_some());
    assert_eq!(*follower.0.lock(), [(1, 1)]);
    assert_eq!(create(&shell, "a").await, ErrorCode::TOPIC_ALREADY_EXISTS);
    assert_eq!(*follower.0.lock(), [(1, 1)], "a refusal changes nothing");
    // Many at a time share flushes, and every one of them is visible when it is answered.
    let all = (0..50).map(|i| {
        let shell = Arc::clone(&shell);
        tokio::spawn(async move {
            let name = format!("t{i}");
            assert_eq!(create(&shell, &name).await, ErrorCode::NONE);
            assert!(shell.image().topics.by_name(&name).is_some());
        })
    });
    for task in all.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let seen: usize = follower.0.lock().iter().map(|(changed, _)| changed).sum();
    assert_eq!(seen, 51, "each change is shown to followers once");
}

#[tokio::test]
async fn a_clean_stop_hands_leadership_over_to_the_next_start() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    format(&disk);
    let shell = open(&disk);
    let epoch = register(&shell, -1).await;
    create(&shell, "a").await;
    let answer = shell.heartbeat(beat(epoch, true)).await.unwrap().unwrap();
    assert!(answer.should_shut_down && answer.is_fenced);
    shell.stop().await.unwrap();
    assert!(shell.create_topics(topic("b", 1)).await.is_err());
    let shell = open(&disk);
    let partition =
        |shell: &MetadataShell| Arc::clone(&shell.image().topics.by_name("a").unwrap().partitions[&0]);
    assert_eq!((partition(&shell).leader, &partition(&shell).elr[..]), (-1, &[1][..]));
    assert!(register(&shell, epoch).await > epoch);
    assert_eq!((partition(&shell).leader, partition(&shell).leader_epoch), (1, 2));
}

#[tokio::test]
async fn snapshots_replace_the_log_before_them() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    format(&disk);
    let all_go = SnapshotPolicy { every_bytes: u64::MAX, retention_bytes: 0, retention_ms: -1 };
    let shell = open_with(&disk, all_go).expect("a sound directory");
    tokio::spawn(Arc::clone(&shell).run());
    register(&shell, -1).await;
    for round in 0..4 {
        create(&shell, &format!("t{round}")).await;
        shell.snapshot().await.unwrap();
    }
    create(&shell, "last").await;
    let before = topics_of(&shell.image());
    shell.stop().await.unwrap();
    assert_eq!(dir(&disk).snapshots().unwrap().len(), 1, "the newest stays whatever the limit");
    let shell = open(&disk);
    assert_eq!(topics_of(&shell.image()), before);
    assert!(shell.image().features.elr_enabled());
    // The log's files lost, the snapshot is enough for what it holds.
    shell.snapshot().await.unwrap();
    shell.stop().await.unwrap();
    disk.remove_file(std::path::Path::new("/data/__cluster_metadata-0/00000000000000000000.log")).unwrap();
    let shell = open(&disk);
    assert_eq!(topics_of(&shell.image()), before);
    assert_eq!(create(&shell, "more").await, ErrorCode::NONE);
}

/// How many of four snapshots and the first one stay.
async fn snapshots_kept(retention_bytes: i64, retention_ms: i64) -> usize {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    format(&disk);
    let policy = SnapshotPolicy { every_bytes: u64::MAX, retention_bytes, retention_ms };
    let shell = open_with(&disk, policy).expect("a sound directory");
    tokio::spawn(Arc::clone(&shell).run());
    register(&shell, -1).await;
    for round in 0..4 {
        create(&shell, &format!("t{round}")).await;
        shell.snapshot().await.unwrap();
    }
    shell.stop().await.unwrap();
    let kept = dir(&disk).snapshots().unwrap().len();
    assert_eq!(open(&disk).image().topics.len(), 4);
    kept
}

#[tokio::test]
async fn old_snapshots_stay_as_long_as_the_retention_says() {
    assert_eq!(snapshots_kept(-1, -1).await, 5);
    assert_eq!(snapshots_kept(1 << 30, 1000).await, 5, "small, and the clock stands still");
    assert_eq!(snapshots_kept(1, -1).await, 1);
    assert_eq!(snapshots_kept(-1, 0).await, 5, "not older than nothing");
}

#[tokio::test]
async fn snapshots_come_by_themselves() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    format(&disk);
    let shell = try_open(&disk, 2_000).unwrap();
    tokio::spawn(Arc::clone(&shell).run());
    register(&shell, -1).await;
    for i in 0..60 {
        create(&shell, &format!("t{i}")).await;
    }
    shell.stop().await.unwrap();
    assert!(dir(&disk).snapshots().unwrap().last().unwrap().end_offset > 50);
    assert_eq!(open(&disk).image().topics.len(), 60);
}

#[tokio::test]
async fn a_disk_that_fails_stops_the_controller() {
    let sim = SimDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(sim.clone());
    format(&disk);
    let shell = try_open(&disk, u64::MAX).unwrap();
    let run = tokio::spawn(Arc::clone(&shell).run());
    register(&shell, -1).await;
    sim.inject(Fault::FailSync);
    assert_eq!(shell.create_topics(topic("a", 1)).await, Err(Stopped));
    assert!(shell.image().topics.is_empty(), "what is not flushed is not shown");
    assert!(run.await.unwrap().is_err());
    assert_eq!(shell.create_topics(topic("b", 1)).await, Err(Stopped));
    // A second sync would succeed and say nothing about the pages the first one lost.
    assert!(shell.stop().await.is_err(), "a stop after a failed sync is not a clean one");
}

#[tokio::test]
async fn a_full_disk_refuses_changes_and_the_controller_goes_on_with_the_space() {
    let sim = SimDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(sim.clone());
    format(&disk);
    let shell = try_open(&disk, u64::MAX).unwrap();
    tokio::spawn(Arc::clone(&shell).run());
    register(&shell, -1).await;
    sim.inject(Fault::FullAfter(10));
    assert_eq!(shell.create_topics(topic("a", 1)).await, Err(Stopped));
    sim.heal();
    assert_eq!(create(&shell, "b").await, ErrorCode::NONE);
    shell.stop().await.unwrap();
    assert_eq!(topics_of(&open(&disk).image()).len(), 1);
}

#[tokio::test]
async fn a_lost_quorum_state_is_refused() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    format(&disk);
    let shell = open(&disk);
    register(&shell, -1).await;
    shell.stop().await.unwrap();
    disk.remove_file(std::path::Path::new("/data/__cluster_metadata-0/quorum-state")).unwrap();
    assert!(matches!(try_open(&disk, u64::MAX), Err(OpenError::Quorum(_))));
}

/// What the topics were whenever something was answered, with how many changes the disk had seen by then.
struct Answered {
    disk: SimDisk,
    states: Vec<(usize, Vec<String>)>,
}

impl Answered {
    fn note(&mut self, shell: &MetadataShell) {
        self.states.push((self.disk.changes(), topics_of(&shell.image())));
    }

    /// The states a node may have that lost power after `changes`: what was answered last, or what was on its way.
    fn allowed(&self, changes: usize) -> &[(usize, Vec<String>)] {
        let last = self.states.iter().rposition(|(at, _)| *at <= changes).unwrap_or(0);
        &self.states[last..(last + 2).min(self.states.len())]
    }
}

#[tokio::test]
async fn power_may_fail_after_every_single_write() {
    let recording = SimDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(recording.clone());
    recording.record();
    format(&disk);
    let formatted = recording.changes();
    let mut answered = Answered { disk: recording.clone(), states: vec![(formatted, Vec::new())] };
    let mut epoch = -1;
    for life in 0..3 {
        let shell = open(&disk);
        epoch = register(&shell, epoch).await;
        answered.note(&shell);
        for round in 0..3 {
            create(&shell, &format!("t-{life}-{round}")).await;
            answered.note(&shell);
        }
        let request = DeleteTopicsRequest {
            topics: vec![DeleteTopicState { name: Some(format!("t-{life}-1").into()), topic_id: Uuid::ZERO }],
            ..DeleteTopicsRequest::default()
        };
        shell.delete_topics(request).await.unwrap();
        answered.note(&shell);
        shell.snapshot().await.unwrap();
        shell.heartbeat(beat(epoch, true)).await.unwrap().unwrap();
        shell.stop().await.unwrap();
    }
    let mut replay = recording.replay();
    while replay.at() < formatted {
        replay.step();
    }
    loop {
        let changes = replay.at();
        for how in Crash::all(changes as u64) {
            let after: Arc<dyn Disk> = Arc::new(replay.crash(how));
            let shell = match try_open(&after, u64::MAX) {
                // A lost write in front of a kept one looks like damage.
                Err(OpenError::Journal(_)) if matches!(how, Crash::Subset(_) | Crash::Mixed(_)) => continue,
                other => other.unwrap_or_else(|error| panic!("after {changes} changes, {how:?}: {error}")),
            };
            let topics = topics_of(&shell.image());
            let allowed = answered.allowed(changes);
            assert!(
                allowed.iter().any(|(_, state)| *state == topics),
                "after {changes} changes, {how:?}: {topics:?}"
            );
        }
        if !replay.step() {
            break;
        }
    }
}
