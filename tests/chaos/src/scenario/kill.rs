//! `kill -9` at random moments under load.

use std::time::{Duration, Instant};

use ottla_testkit::{Node, Target};

use crate::{Dice, Episode, Figures, Language, Load, Mode, Totals, say};

/// What to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// Kills in each mode.
    pub rounds: u32,
    /// Kills between two checks.
    pub per_episode: u32,
    /// For everything random.
    pub seed: u64,
    /// Whose clients.
    pub languages: Vec<Language>,
    /// Durability modes.
    pub modes: Vec<Mode>,
}

/// Kills brokers; true if nothing was lost, doubled or otherwise wrong.
///
/// # Panics
/// A broker does not come back, or a client does not end.
pub fn run(options: &Options, figures: &mut Figures) -> bool {
    let mut clean = true;
    for mode in &options.modes {
        let name = format!("kill.{}", mode.name());
        let mut totals = Totals::default();
        let mut run = Run {
            dice: Dice::new(options.seed ^ *mode as u64),
            node: Node::start_with(Target::Ottla, mode.settings()),
            ready: Vec::new(),
            first_ack: Vec::new(),
        };
        let mut done = 0;
        while done < options.rounds {
            let rounds = options.per_episode.min(options.rounds - done);
            run.episode(rounds, &format!("{}_{done}", mode.name()), &options.languages, &mut totals);
            done += rounds;
            say(format_args!("{name}: {done} of {}, {} acknowledged", options.rounds, totals.acknowledged));
        }
        figures.put(format!("{name}.rounds"), done);
        totals.put(&name, figures);
        figures.times(&format!("{name}.restart"), &mut run.ready);
        figures.times(&format!("{name}.restart_to_first_ack"), &mut run.first_ack);
        clean &= totals.are_clean() && totals.acknowledged > 0;
    }
    clean
}

struct Run {
    dice: Dice,
    node: Node,
    ready: Vec<Duration>,
    first_ack: Vec<Duration>,
}

impl Run {
    fn episode(&mut self, rounds: u32, name: &str, languages: &[Language], totals: &mut Totals) {
        let episode = Episode::begin(&self.node, name, Load::of(languages, self.dice.next()));
        for _ in 0..rounds {
            self.round(&episode);
        }
        episode.end(&self.node).count(totals);
    }

    fn round(&mut self, episode: &Episode) {
        std::thread::sleep(self.dice.ms(5..1200));
        self.node.kill();
        let acked = episode.acked();
        let began = Instant::now();
        self.node.relaunch();
        if self.dice.one_in(5) {
            // Recovery is interrupted too.
            std::thread::sleep(self.dice.ms(0..150));
            self.node.kill();
            self.node.relaunch();
        } else {
            self.node.wait_until_ready();
            self.ready.push(began.elapsed());
        }
        self.node.wait_until_ready();
        // The next kill hits a broker at work.
        episode.until_more_than(acked);
        self.first_ack.push(began.elapsed());
    }
}
