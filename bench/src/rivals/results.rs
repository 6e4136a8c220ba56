use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    page,
    programs::Rival,
    workload::{self, Target, Workload},
};
use crate::{
    Result,
    machine::Facts,
    report::{
        Earlier, Verdict, facts_json, renew, runs_json,
        tables::{self, Columns},
        verdicts_json,
    },
    rounds::Rounds,
    scale::Scale,
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
    pub(super) rounds: Rounds<Rival>,
}

pub(super) const COLUMNS: Columns<Rival> = Columns {
    all: [(Rival::Native, "native"), (Rival::Librdkafka, "librdkafka"), (Rival::Java, "Java")],
    mine: Rival::Native,
    others: [(Rival::Librdkafka, "librdkafka"), (Rival::Java, "Java")],
};

impl Results {
    /// `client.json` with every single run, and `client.md`.
    pub(super) fn write(&self, dir: &Path) -> Result<()> {
        fs::write(dir.join("client.json"), serde_json::to_string_pretty(&self.json())? + "\n")?;
        fs::write(dir.join("client.md"), page::of(self))?;
        Ok(())
    }

    /// The workloads of an earlier page, as far as there still are such workloads.
    pub(super) fn keep(&mut self, earlier: &Earlier, scale: &Scale) {
        for workload in workload::all(scale) {
            let rounds = earlier.rounds(workload.id, None, &Rival::ALL);
            self.workloads.extend(rounds.map(|rounds| WorkloadResult { workload, rounds }));
        }
    }

    /// Takes one in.
    pub(super) fn put(&mut self, result: WorkloadResult, scale: &Scale) {
        let order: Vec<&str> = workload::all(scale).iter().map(|workload| workload.id).collect();
        let place = |of: &WorkloadResult| order.iter().position(|id| *id == of.workload.id);
        renew(&mut self.workloads, result, place, |of| of.rounds.error.is_some());
    }

    fn json(&self) -> Value {
        json!({
            "date": self.facts.date,
            "scale": self.scale,
            "facts": facts_json(&self.facts),
            "workloads": self.workloads.iter().map(WorkloadResult::json).collect::<Vec<_>>(),
        })
    }
}

impl WorkloadResult {
    /// What went wrong, if something did.
    pub(super) fn failure(&self) -> Option<String> {
        Some(format!("{} failed: {}", self.workload.id, self.rounds.error.as_ref()?))
    }

    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        let verdict = |target: &Target| {
            let value = self.rounds.ratio(target.figure, COLUMNS.mine, target.of);
            Verdict::new(target.text(), target.bound, value)
        };
        self.workload.targets.iter().map(verdict).collect()
    }

    /// For the terminal.
    pub(super) fn text(&self) -> String {
        tables::text(&self.rounds, &COLUMNS, &self.verdicts())
    }

    fn json(&self) -> Value {
        json!({
            "id": self.workload.id,
            "what": self.workload.what,
            "commit": self.rounds.commit,
            "runs": runs_json(&self.rounds, &Rival::ALL),
            "dropped": self.rounds.dropped,
            "targets": verdicts_json(&self.verdicts()),
            "error": self.rounds.error,
        })
    }
}
