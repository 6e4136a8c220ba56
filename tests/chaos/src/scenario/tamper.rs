//! Data taken behind the broker's back, to see that it does not go unnoticed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use ottla_testkit::{Node, Target};

use crate::{Dice, Episode, Figures, Language, Load, Mode, Totals};

/// Cuts the end of a record file off while the broker is down; true if the checker reports the loss.
///
/// # Panics
/// A broker does not come back, or a client does not end.
pub fn run(seed: u64, figures: &mut Figures) -> bool {
    let mut dice = Dice::new(seed);
    let mut totals = Totals::default();
    let mut node = Node::start_with(Target::Ottla, Mode::PageCache.settings());
    let load = Load { idempotent: 0, plain: 2, ..Load::of(&[Language::Librdkafka], dice.next()) };
    let episode = Episode::begin(&node, "tampered", load);
    episode.until_more_than(episode.acked() + 300);
    node.kill();
    let cut = cut_in_half(&node.data().join("tampered_0-0"));
    node.restart();
    episode.end(&node).count_quietly(&mut totals);
    figures.put("tamper.bytes_cut", cut);
    totals.put("tamper", figures);
    totals.lost() > 0
}

fn cut_in_half(partition: &Path) -> u64 {
    let last = record_files(partition).pop().expect("a partition has a record file");
    let file = File::options().write(true).open(last).expect("a record file can be opened");
    let length = file.metadata().expect("of an open file").len();
    file.set_len(length / 2).expect("a file can be cut");
    length - length / 2
}

fn record_files(partition: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(partition).expect("the partition's directory");
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end == "log")).collect();
    files.sort();
    files
}
