//! How lists are printed: as a table for people, as JSON and YAML for programs, or names only.

use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::verbs::say::say;

/// `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Columns for people
    Table,
    /// One array of objects
    Json,
    /// The same as YAML
    Yaml,
    /// One name a line
    Name,
}

/// Rows of named columns. The first column is the name.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// As JSON calls them; tables print them in capitals.
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
}

impl Listing {
    pub(crate) const fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row<const N: usize>(&mut self, row: [Value; N]) {
        self.rows.push(row.into());
    }

    pub(crate) fn print(&self, output: Output) {
        match output {
            Output::Table => self.table().iter().for_each(|line| say!("{line}")),
            Output::Json => say!("{:#}", self.json()),
            Output::Yaml => self.yaml().iter().for_each(|line| say!("{line}")),
            Output::Name => self.names().iter().for_each(|name| say!("{name}")),
        }
    }

    fn json(&self) -> Value {
        let object = |row: &Vec<Value>| {
            let fields = self.columns.iter().map(|column| (*column).to_owned()).zip(row.iter().cloned());
            Value::Object(fields.collect::<Map<_, _>>())
        };
        Value::Array(self.rows.iter().map(object).collect())
    }

    /// Every JSON value is one of YAML as well.
    fn yaml(&self) -> Vec<String> {
        if self.rows.is_empty() {
            return vec!["[]".to_owned()];
        }
        let line = |row: &Vec<Value>| {
            let fields = self.columns.iter().zip(row).enumerate();
            fields
                .map(|(at, (column, value))| format!("{} {column}: {value}", if at == 0 { "-" } else { " " }))
                .collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(line).collect()
    }

    /// Each name once, in the order of the rows.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.rows.iter().filter_map(|row| row.first()).map(cell).collect();
        names.dedup();
        names
    }

    /// Numbers are right-aligned; nothing is printed behind the last column's text.
    fn table(&self) -> Vec<String> {
        let cells: Vec<Vec<String>> = self.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        let heads: Vec<String> = self.columns.iter().map(|column| head(column)).collect();
        let longest = |at: usize| {
            let rows = cells.iter().filter_map(|row| row.get(at));
            rows.chain(heads.get(at)).map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..heads.len()).map(longest).collect();
        let is_number = |at: usize| self.rows.iter().all(|row| row[at].is_number() || row[at].is_null());
        let numbers: Vec<bool> = (0..heads.len()).map(|at| !self.rows.is_empty() && is_number(at)).collect();
        let line = |row: &Vec<String>| {
            let columns = row.iter().zip(&widths).zip(&numbers).map(|((text, width), number)| {
                if *number { format!("{text:>width$}") } else { format!("{text:<width$}") }
            });
            columns.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        std::iter::once(&heads).chain(&cells).map(line).collect()
    }
}

fn head(column: &str) -> String {
    column.replace('_', " ").to_uppercase()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(cell).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listing() -> Listing {
        let mut listing = Listing::new(&["name", "partitions", "end_offset"]);
        listing.row([json!("a"), json!(12), json!(null)]);
        listing.row([json!("longer name"), json!(3), json!(7)]);
        listing
    }

    #[test]
    fn tables_are_aligned() {
        let lines = ["NAME         PARTITIONS  END OFFSET", "a                    12           -"];
        assert_eq!(listing().table()[..2], lines);
    }

    #[test]
    fn yaml_says_what_json_says() {
        let lines = ["- name: \"a\"", "  partitions: 12", "  end_offset: null"];
        assert_eq!(listing().yaml()[..3], lines);
        assert_eq!(Listing::new(&["name"]).yaml(), ["[]"]);
        assert_eq!(listing().json()[1]["end_offset"], 7);
    }
}
