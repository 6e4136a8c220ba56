//! How long a broker needs to come back: after a kill with much unflushed, much flushed, many partitions.
//!
//! Times are figures and decide nothing: a busy machine says little. What must hold is that everything is there again.

use std::time::{Duration, Instant};

use ottla_testkit::{Node, Target, checked, until};

use crate::{
    Figures, Mode,
    bulk::{fill, is_acknowledged, ottla},
    episode::create_topic,
    say,
};

const LONGEST: Duration = Duration::from_secs(600);
/// Kafka refuses more changes at a time.
const PARTITIONS_AT_ONCE: u32 = 5000;

/// How much.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Megabytes in the page cache only.
    pub unflushed: usize,
    /// Megabytes flushed.
    pub flushed: usize,
    /// Partitions.
    pub partitions: u32,
    /// How often each restart is measured.
    pub times: u32,
}

/// Measures; true if every restart kept what it must.
///
/// # Panics
/// A broker does not come back.
pub fn run(options: &Options, figures: &mut Figures) -> bool {
    unflushed(options, figures);
    flushed(options, figures);
    many_partitions(options, figures);
    true
}

/// One partition, one segment, nothing of it synced: all of it is read and checked again.
fn unflushed(options: &Options, figures: &mut Figures) {
    let mut node = Node::start_with(Target::Ottla, Mode::PageCache.settings());
    create_topic(&node, "full", 1, &[]);
    fill(&node, "full", options.unflushed * 1_000_000);
    let mut times = restarts(&mut node, "full", options.times, Node::kill);
    figures.put("recovery.unflushed_mb", options.unflushed);
    figures.times("recovery.unflushed_kill_to_first_ack", &mut times);
    assert_last_is_there(&node, "full");
}

/// Ten partitions, each a segment that is nearly full: flushed, so that none of it need be checked again.
fn flushed(options: &Options, figures: &mut Figures) {
    const PARTITIONS: u32 = 10;
    let mut node = Node::start_with(Target::Ottla, Mode::Synced.settings());
    create_topic(&node, "full", PARTITIONS, &[]);
    fill(&node, "full", options.flushed * 1_000_000);
    // A checkpoint says how far all of it is flushed; it is written every few seconds.
    let written = Instant::now();
    until("a checkpoint", LONGEST, || (written.elapsed() > Duration::from_secs(11)).then_some(()));
    let mut times = restarts(&mut node, "full", options.times, Node::kill);
    figures.put("recovery.flushed_mb", options.flushed);
    figures.times("recovery.flushed_kill_to_first_ack", &mut times);
    assert_last_is_there(&node, "full");
}

fn many_partitions(options: &Options, figures: &mut Figures) {
    let mut node = Node::start_with(Target::Ottla, Mode::Synced.settings());
    let mut left = options.partitions;
    while left > 0 {
        let some = left.min(PARTITIONS_AT_ONCE);
        create_topic(&node, &format!("many_{left}"), some, &[]);
        left -= some;
    }
    let probe = format!("many_{}", options.partitions);
    until("the first record", LONGEST, || is_acknowledged(&node, &probe).then_some(()));
    figures.put("recovery.partitions", options.partitions);
    let mut times = restarts(&mut node, &probe, options.times, |node| {
        node.stop();
    });
    figures.times("recovery.partitions_clean_to_first_ack", &mut times);
    let mut times = restarts(&mut node, &probe, options.times, Node::kill);
    figures.times("recovery.partitions_kill_to_first_ack", &mut times);
}

/// From the start of the process to the first acknowledged record, several times.
fn restarts(node: &mut Node, topic: &str, times: u32, end: impl Fn(&mut Node)) -> Vec<Duration> {
    let mut measured = Vec::new();
    for _ in 0..times {
        end(node);
        let began = Instant::now();
        node.relaunch();
        until("an acknowledgement after a restart", LONGEST, || is_acknowledged(node, topic).then_some(()));
        measured.push(began.elapsed());
        say(format_args!("recovery: back with {topic} in {:?}", began.elapsed()));
    }
    measured
}

/// The last record before the kill can be read.
fn assert_last_is_there(node: &Node, topic: &str) {
    let read =
        checked("reading after recovery", &mut ottla(node, &["consume", topic, "-o", "start", "-n", "1000"]));
    assert_eq!(read.lines().count(), 1000);
}
