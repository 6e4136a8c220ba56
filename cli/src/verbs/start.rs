//! `ottla start -c server.properties`.

use std::{path::PathBuf, time::Instant};

use clap::Args;
use ottla_config::{BrokerConfig, Loaded, Properties};

use super::{Failure, say::remark, serve::serve};

#[derive(Debug, Args)]
pub(crate) struct Start {
    /// A Kafka server.properties
    #[arg(short, long)]
    config: PathBuf,
    /// A setting instead of what the file says: key=value
    #[arg(long = "override", value_name = "KEY=VALUE")]
    overrides: Vec<String>,
}

impl Start {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let began = Instant::now();
        let loaded = load(&self.config, &self.overrides)?;
        for warning in &loaded.warnings {
            remark(&format!("warning: {}: {warning}", self.config.display()));
        }
        if !loaded.unused.is_empty() {
            let unused = loaded.unused.join(", ");
            let file = self.config.display();
            remark(&format!("info: {file}: accepted, without effect yet: {unused}"));
        }
        serve(loaded.config, began)
    }
}

/// Reads a file and the settings given beside it.
pub(crate) fn load(path: &PathBuf, overrides: &[String]) -> Result<Loaded, Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
    let mut properties = Properties::parse(&text).map_err(|error| named(&error))?;
    for one in overrides {
        let (key, value) =
            one.split_once('=').ok_or_else(|| format!("--override {one}: expected key=value"))?;
        properties.set(key, value);
    }
    BrokerConfig::from_properties(&properties).map_err(|error| named(&error).into())
}
