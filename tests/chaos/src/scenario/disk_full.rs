//! A disk that runs full: records are refused with an error that says so, reads and deletes go on, and with the space
//! everything comes back, without a restart.

use std::time::{Duration, Instant};

use ottla_testkit::{Node, Target, checked, until};

use crate::{
    Dice, Episode, Figures, Filesystem, Language, Load, LoopDisk, Totals, Worker,
    bulk::{fill, ottla},
    episode::create_topic,
    say,
};

/// Megabytes of the file system.
const SIZE: u64 = 64;
/// What the broker keeps for itself on a file system of this size.
const NEARLY_FULL: u64 = 8 << 20;
/// How long it may take until records are taken again once there is space.
const RECOVERED: Duration = Duration::from_secs(60);

/// Fills the disk, twice: the space comes back once by the deletion of a topic, once by DeleteRecords. In between the
/// broker is killed on the full disk. True if nothing was lost, and each step went as it should.
///
/// # Panics
/// A step fails.
pub fn run(seed: u64, figures: &mut Figures) -> bool {
    let mut dice = Dice::new(seed);
    let disk = LoopDisk::new(SIZE, Filesystem::EXT4);
    let settings = [("log.segment.delete.delay.ms", "500")];
    let mut node = Node::start_in(Target::Ottla, &disk.path().join("data"), &settings);
    let fillers = ["filler_a", "filler_b"];
    for filler in fillers {
        create_topic(&node, filler, 1, &["segment.bytes=1048576".into(), "file.delete.delay.ms=500".into()]);
        fill(&node, filler, 12 << 20);
    }
    let load = Load { size: 20_000, ..Load::of(&[Language::Librdkafka], dice.next()) };
    let episode = Episode::begin(&node, "full", load);
    let mut recovered = Vec::new();

    until_full(&disk, &episode);
    say("disk-full: full");
    assert_reads(&node, "filler_a");
    remove_topic(&node, "filler_a");
    recovered.push(until_taken_again(&episode));
    say("disk-full: a topic was deleted, records are taken again");

    until_full(&disk, &episode);
    node.kill();
    node.restart();
    say("disk-full: killed and started again on the full disk");
    assert_reads(&node, "filler_b");
    delete_records(&node, "filler_b");
    recovered.push(until_taken_again(&episode));
    say("disk-full: records were deleted, records are taken again");

    let ended = episode.end(&node);
    let refused = ended.errors.iter().any(|error| error.starts_with("error KAFKA_STORAGE_ERROR "));
    let told = node.said().contains("no space left");
    let mut totals = Totals::default();
    ended.count(&mut totals);
    figures.put("disk_full.refused_with_storage_error", refused);
    figures.put("disk_full.told_in_the_log", told);
    figures.times("disk_full.space_to_first_ack", &mut recovered);
    totals.put("disk_full", figures);
    totals.are_clean() && refused && told
}

/// Waits until there is hardly space and nothing is acknowledged for a while.
fn until_full(disk: &LoopDisk, episode: &Episode) {
    let (mut acked, mut since) = (episode.acked(), Instant::now());
    until("a full disk", Duration::from_secs(120), || {
        if episode.acked() != acked {
            (acked, since) = (episode.acked(), Instant::now());
        }
        let usable = disk.usable().expect("the file system is mounted");
        (usable < NEARLY_FULL && since.elapsed() > Duration::from_secs(2)).then_some(())
    });
}

fn until_taken_again(episode: &Episode) -> Duration {
    let (began, acked) = (Instant::now(), episode.acked());
    until("records being taken again", RECOVERED, || (episode.acked() > acked).then_some(()));
    began.elapsed()
}

/// Somebody new reads from the start, whatever the disk says.
fn assert_reads(node: &Node, topic: &str) {
    let read =
        checked("reading on a full disk", &mut ottla(node, &["consume", topic, "-o", "start", "-n", "1000"]));
    assert_eq!(read.lines().count(), 1000);
}

fn remove_topic(node: &Node, topic: &str) {
    checked("deleting a topic on a full disk", &mut ottla(node, &["topic", "rm", topic]));
}

/// DeleteRecords up to the end, by librdkafka's admin client.
fn delete_records(node: &Node, topic: &str) {
    let options = [
        ("mode", "delete".to_owned()),
        ("bootstrap", node.address().to_owned()),
        ("base", "0".to_owned()),
        ("topics", topic.to_owned()),
        ("partitions", "1".to_owned()),
    ];
    let dir = tempfile::tempdir().expect("a temporary directory");
    let finished = Worker::start(Language::Librdkafka, &dir.path().join("history"), &options).finish();
    assert!(finished.errors.is_empty(), "deleting records on a full disk: {:?}", finished.errors);
}
