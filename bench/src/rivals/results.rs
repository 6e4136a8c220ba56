use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value, json};

use super::{
    page,
    programs::Rival,
    workload::{Target, Workload},
};
use crate::{
    Result,
    machine::Facts,
    report::number,
    sample::{Sample, Summary, paired_ratio, summary},
    scale::Scale,
    targets::Bound,
};

/// Everything one call gave.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) scale: &'static str,
    pub(super) facts: Facts,
    pub(super) workloads: Vec<WorkloadResult>,
}

/// What the clients gave for one workload.
#[derive(Debug)]
pub(super) struct WorkloadResult {
    pub(super) workload: Workload,
    /// Each with its round.
    pub(super) runs: BTreeMap<Rival, Vec<(usize, Sample)>>,
}

impl Results {
    pub(super) fn new(scale: &Scale, facts: Facts) -> Self {
        Self { scale: scale.name, facts, workloads: Vec::new() }
    }

    /// `client.json` with every single run, and `client.md`.
    pub(super) fn write(&self, dir: &Path) -> Result<()> {
        fs::write(dir.join("client.json"), serde_json::to_string_pretty(&self.json())? + "\n")?;
        fs::write(dir.join("client.md"), page::of(self))?;
        Ok(())
    }

    fn json(&self) -> Value {
        let facts: Map<String, Value> =
            self.facts.lines.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "date": self.facts.date,
            "scale": self.scale,
            "facts": facts,
            "workloads": self.workloads.iter().map(WorkloadResult::json).collect::<Vec<_>>(),
        })
    }
}

impl WorkloadResult {
    pub(super) fn new(workload: Workload) -> Self {
        Self { workload, runs: BTreeMap::new() }
    }

    /// Names of all figures, in order.
    pub(super) fn figures(&self) -> Vec<String> {
        let samples = self.runs.values().flatten();
        let mut names: Vec<String> = samples.flat_map(|(_, sample)| sample.0.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    fn values(&self, rival: Rival, figure: &str) -> Vec<(usize, f64)> {
        let runs = self.runs.get(&rival).into_iter().flatten();
        runs.filter_map(|(round, sample)| Some((*round, sample.get(figure)?))).collect()
    }

    pub(super) fn summary(&self, rival: Rival, figure: &str) -> Option<Summary> {
        let values: Vec<f64> = self.values(rival, figure).into_iter().map(|(_, value)| value).collect();
        summary(figure, &values)
    }

    /// The native client's figure as a multiple of another's, of runs of the same round.
    pub(super) fn ratio(&self, figure: &str, other: Rival) -> Option<f64> {
        paired_ratio(&self.values(Rival::Native, figure), &self.values(other, figure))
    }

    /// Each target with its value and whether it is met; `None` where the other did not run.
    pub(super) fn verdicts(&self) -> Vec<(&Target, Option<(f64, bool)>)> {
        let verdict = |target: &Target| {
            let value = self.ratio(target.figure, target.of)?;
            let met = match target.bound {
                Bound::AtMost(number) => value <= number,
                Bound::AtLeast(number) => value >= number,
            };
            Some((value, met))
        };
        self.workload.targets.iter().map(|target| (target, verdict(target))).collect()
    }

    /// For the terminal.
    pub(super) fn text(&self) -> String {
        let mut text = format!("   {:24}", "median");
        Rival::ALL.iter().for_each(|rival| text += &format!("{:>12}", rival.name()));
        text += "\n";
        for figure in self.figures() {
            text += &format!("   {figure:24}");
            for rival in Rival::ALL {
                let median = self.summary(rival, &figure).map_or("–".to_owned(), |of| number(of.median));
                text += &format!("{median:>12}");
            }
            text += "\n";
        }
        for (target, verdict) in self.verdicts() {
            text += &match verdict {
                Some((value, met)) => {
                    let word = if met { "met" } else { "MISSED" };
                    format!("   {word} {}: {}\n", target.text(), number(value))
                }
                None => format!("   not compared {}\n", target.text()),
            };
        }
        text
    }

    fn json(&self) -> Value {
        let runs = |rival: &Rival| {
            let runs = self.runs.get(rival).into_iter().flatten();
            let runs = runs.map(|(round, sample)| json!({"round": round, "figures": sample.0}));
            (rival.name().to_owned(), json!(runs.collect::<Vec<_>>()))
        };
        let verdicts = self.verdicts();
        json!({
            "id": self.workload.id,
            "what": self.workload.what,
            "runs": Rival::ALL.iter().map(runs).collect::<Map<_, _>>(),
            "targets": verdicts.iter().map(|(target, verdict)| json!({
                "target": target.text(),
                "value": verdict.map(|(value, _)| value),
                "met": verdict.map(|(_, met)| met),
            })).collect::<Vec<_>>(),
        })
    }
}
