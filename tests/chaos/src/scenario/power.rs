//! Power failures: the broker is frozen, its file system shut down without a flush, and both are brought back.

use std::{fs, time::Duration};

use ottla_testkit::{Node, Target, until};

use crate::{Dice, Episode, Figures, Filesystem, Language, Load, LoopDisk, Mode, Totals, say};

/// What to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// Power failures.
    pub rounds: u32,
    /// Between two checks, each with a file system of its own.
    pub per_episode: u32,
    /// For everything random.
    pub seed: u64,
    /// Whose clients.
    pub languages: Vec<Language>,
}

/// Megabytes of a file system: XFS wants 300.
const SIZE: u64 = 400;

/// Cuts the power in the default mode; true if nothing acknowledged was lost and nothing else was wrong.
///
/// # Panics
/// A broker does not come back, or a client does not end.
pub fn run(options: &Options, figures: &mut Figures) -> bool {
    let mut dice = Dice::new(options.seed);
    let mut totals = Totals::default();
    let mut when = Moments::default();
    let (mut done, mut at) = (0, 0);
    while done < options.rounds {
        let rounds = options.per_episode.min(options.rounds - done);
        let filesystem = Filesystem::ALL[at % Filesystem::ALL.len()];
        let mut machine = Machine::start(filesystem, Mode::Synced);
        let name = format!("power_{done}");
        let episode = Episode::begin(&machine.node, &name, Load::of(&options.languages, dice.next()));
        for _ in 0..rounds {
            machine.round(&episode, &mut dice, &mut when);
        }
        episode.end(&machine.node).count(&mut totals);
        (done, at) = (done + rounds, at + 1);
        say(format_args!(
            "power: {done} of {}, {} acknowledged, {filesystem}",
            options.rounds, totals.acknowledged
        ));
    }
    figures.put("power.rounds", done);
    figures.put("power.cuts_under_load", when.load);
    figures.put("power.cuts_during_start", when.start);
    figures.put("power.cuts_during_stop", when.stop);
    totals.put("power", figures);
    totals.are_clean() && totals.acknowledged > 0
}

/// The positive control: in page-cache mode a power failure must lose something, and the checker must say so. True if
/// it did, within `rounds` failures.
///
/// # Panics
/// A broker does not come back, or a client does not end.
pub fn control(rounds: u32, seed: u64, figures: &mut Figures) -> bool {
    let mut dice = Dice::new(seed);
    let mut totals = Totals::default();
    let mut done = 0;
    while done < rounds {
        let mut machine = Machine::start(Filesystem::EXT4, Mode::PageCache);
        let load = Load { plain: 2, idempotent: 0, ..Load::of(&[Language::Librdkafka], dice.next()) };
        let episode = Episode::begin(&machine.node, &format!("control_{done}"), load);
        std::thread::sleep(dice.ms(300..1500));
        machine.cut(&episode);
        machine.node.relaunch();
        machine.node.wait_until_ready();
        episode.end(&machine.node).count_quietly(&mut totals);
        done += 1;
        say(format_args!(
            "power, page cache: {done} of {rounds}, {} acknowledged records lost",
            totals.lost()
        ));
    }
    figures.put("power_page_cache.rounds", done);
    totals.put("power_page_cache", figures);
    totals.lost() > 0
}

/// When the power failed.
#[derive(Debug, Default)]
struct Moments {
    load: u32,
    start: u32,
    stop: u32,
}

struct Machine {
    node: Node,
    disk: LoopDisk,
}

impl Machine {
    fn start(filesystem: Filesystem, mode: Mode) -> Self {
        let disk = LoopDisk::new(SIZE, filesystem);
        let node = Node::start_in(Target::Ottla, &disk.path().join("data"), mode.settings());
        Self { node, disk }
    }

    fn round(&mut self, episode: &Episode, dice: &mut Dice, when: &mut Moments) {
        std::thread::sleep(dice.ms(5..1200));
        if dice.one_in(6) {
            // It may have left nothing, something or the mark of a clean stop.
            self.node.terminate();
            std::thread::sleep(dice.ms(0..400));
            when.stop += 1;
        } else {
            when.load += 1;
        }
        let acked = self.cut(episode);
        self.node.relaunch();
        if dice.one_in(5) {
            std::thread::sleep(dice.ms(0..200));
            self.cut(episode);
            self.node.relaunch();
            when.start += 1;
        }
        self.node.wait_until_ready();
        episode.until_more_than(acked);
    }

    /// Freezes the broker, cuts the power, ends the broker, brings the power back.
    fn cut(&mut self, episode: &Episode) -> u64 {
        self.node.pause();
        until("a frozen broker", Duration::from_secs(10), || is_frozen(self.node.pid()).then_some(()));
        self.disk.cut_power();
        self.node.kill();
        let acked = episode.acked();
        self.disk.restore_power();
        acked
    }
}

/// Whether no thread runs: stopped, ended, or in the middle of a system call it comes back from only to be stopped.
fn is_frozen(process: u32) -> bool {
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else { return true };
    tasks.filter_map(Result::ok).all(|task| {
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
        !matches!(state, Some('R' | 'S'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_frozen;

    #[test]
    fn a_process_at_work_is_not_frozen() {
        assert!(!is_frozen(std::process::id()));
    }
}
