//! Figures by name, and what is made of several of them.

use std::collections::BTreeMap;

use crate::generator::latency::Latency;

/// What one run of a row gave on one side. Names end in their unit; those that end in `_per_s` are better when higher.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sample(pub(crate) BTreeMap<String, f64>);

impl Sample {
    pub(crate) fn set(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// Median, two tails and the maximum.
    pub(crate) fn latency(&mut self, prefix: &str, latency: &Latency) {
        for (name, percent) in [("p50_ms", 50.0), ("p99_ms", 99.0), ("p999_ms", 99.9)] {
            self.set(&format!("{prefix}{name}"), latency.ms(percent));
        }
        self.set(&format!("{prefix}max_ms"), latency.max_ms());
    }
}

/// Of one figure over the runs of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    /// The smallest, or the largest where higher is better.
    pub(crate) best: f64,
}

pub(crate) fn summary(name: &str, values: &[f64]) -> Option<Summary> {
    let best = if higher_is_better(name) { f64::max } else { f64::min };
    Some(Summary { median: median(values)?, best: values.iter().copied().reduce(best)? })
}

pub(crate) fn higher_is_better(name: &str) -> bool {
    name.ends_with("_per_s")
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some(f64::midpoint(lower, upper))
}

/// The median of the ratios of runs of the same round.
pub(crate) fn paired_ratio(ours: &[(usize, f64)], theirs: &[(usize, f64)]) -> Option<f64> {
    let of_round = |round: usize| theirs.iter().find(|(other, _)| *other == round).map(|(_, value)| *value);
    let ratios: Vec<f64> = ours
        .iter()
        .filter_map(|(round, value)| {
            of_round(*round).filter(|theirs| *theirs > 0.0).map(|theirs| value / theirs)
        })
        .collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even_numbers() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_best_rate_is_the_highest_and_the_best_cost_the_lowest() {
        assert_eq!(summary("mb_per_s", &[1.0, 9.0, 5.0]), Some(Summary { median: 5.0, best: 9.0 }));
        assert_eq!(summary("cpu_s_per_gb", &[1.0, 9.0, 5.0]), Some(Summary { median: 5.0, best: 1.0 }));
    }

    #[test]
    fn only_runs_of_the_same_round_are_paired() {
        let ours = [(0, 1.0), (1, 2.0), (2, 9.0)];
        let theirs = [(0, 2.0), (1, 2.0), (3, 1.0)];
        assert_eq!(paired_ratio(&ours, &theirs), Some(0.75));
        assert_eq!(paired_ratio(&ours, &[]), None);
    }
}
