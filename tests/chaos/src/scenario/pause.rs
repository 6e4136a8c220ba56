//! SIGSTOP and SIGCONT: the broker hangs for a while, shorter and longer than its clients' patience.

use ottla_testkit::{Node, Target};

use crate::{Dice, Episode, Figures, Language, Load, Mode, Totals, say};

/// Stops and lets go on, `rounds` times; true if nothing was wrong afterwards.
///
/// # Panics
/// The broker does not go on, or a client does not end.
pub fn run(rounds: u32, seed: u64, languages: &[Language], figures: &mut Figures) -> bool {
    let mut dice = Dice::new(seed);
    let mut totals = Totals::default();
    let node = Node::start_with(Target::Ottla, Mode::Synced.settings());
    let episode = Episode::begin(&node, "paused", Load::of(languages, dice.next()));
    for round in 0..rounds {
        std::thread::sleep(dice.ms(5..1000));
        node.pause();
        let acked = episode.acked();
        // Members of groups are given up after 6 s, requests after 10 s.
        std::thread::sleep(if round % 4 == 3 { dice.ms(6500..12_000) } else { dice.ms(50..2000) });
        node.resume();
        episode.until_more_than(acked);
    }
    episode.end(&node).count(&mut totals);
    say(format_args!("pause: {rounds} rounds, {} acknowledged", totals.acknowledged));
    figures.put("pause.rounds", rounds);
    totals.put("pause", figures);
    totals.are_clean() && totals.acknowledged > 0
}
