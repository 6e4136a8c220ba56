//! An earlier page of results: rows that are not measured now stay on it, each with the commit it was measured at.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::Value;

use crate::{
    Result,
    rounds::{Contestant, Rounds},
    sample::Sample,
};

/// What an earlier call has written, as far as it is read again. Medians, ratios and verdicts are computed anew.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    rows: Vec<Value>,
    /// Of the call.
    commit: String,
}

impl Earlier {
    /// Reads the JSON of a page, whose rows stand under `rows`; where there is none, nothing is kept.
    pub(crate) fn read(path: &Path, rows: &str) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text?,
        };
        let mut page: Value = serde_json::from_str(&text)?;
        let commit = page["facts"]["Ottla"].as_str().unwrap_or("an unknown commit").to_owned();
        let Value::Array(rows) = page[rows].take() else {
            return Err(format!("{} holds no `{rows}`", path.display()).into());
        };
        Ok(Self { rows, commit })
    }

    /// The rounds of a row in one durability mode, if its rows have any.
    pub(crate) fn rounds<S: Contestant>(
        &self,
        id: &str,
        durability: Option<&str>,
        all: &[S],
    ) -> Option<Rounds<S>> {
        let is_it = |row: &&Value| row["id"] == id && row["durability"].as_str() == durability;
        let row = self.rows.iter().find(is_it)?;
        let commit = row["commit"].as_str().unwrap_or(&self.commit);
        Some(Rounds {
            runs: all.iter().filter_map(|who| Some((*who, runs(&row["runs"][who.name()])?))).collect(),
            dropped: serde_json::from_value(row["dropped"].clone()).unwrap_or_default(),
            error: row["error"].as_str().map(str::to_owned),
            commit: Some(commit.to_owned()),
        })
    }
}

/// Takes a row in, in its place. One that has failed does not take that of an earlier one that has not.
pub(crate) fn renew<T, P: Ord>(
    rows: &mut Vec<T>,
    row: T,
    place: impl Fn(&T) -> P,
    has_failed: impl Fn(&T) -> bool,
) {
    match rows.iter_mut().find(|other| place(other) == place(&row)) {
        Some(earlier) if has_failed(&row) && !has_failed(earlier) => {}
        Some(earlier) => *earlier = row,
        None => rows.push(row),
    }
    rows.sort_by_key(place);
}

/// Every run of one of the compared; `None` when it did not run.
fn runs(value: &Value) -> Option<Vec<(usize, Sample)>> {
    let run = |run: &Value| {
        let figures: BTreeMap<String, f64> = serde_json::from_value(run["figures"].clone()).ok()?;
        Some((usize::try_from(run["round"].as_u64()?).ok()?, Sample(figures)))
    };
    let runs: Vec<_> = value.as_array()?.iter().filter_map(run).collect();
    (!runs.is_empty()).then_some(runs)
}
