//! Kafka's own scripts: called as `kafka-topics.sh` (a link to the binary) or as `ottla kafka-topics`, with Kafka's flags,
//! they print what Kafka 4.3.1 prints and end as it ends. `tests/shims` holds the two beside each other.
//!
//! A tool is one file: its options, and what it does with the client. What is our own are the sentences of the tables of
//! options, the words for a broker that is not there, and that no Java stack trace follows an error.

mod argparse;
mod broker_api_versions;
mod client_properties;
pub(crate) mod client_settings;
mod configs;
mod connection;
mod console_consumer;
mod console_producer;
mod consumer_groups;
mod consumer_perf;
mod decimal;
mod delete_records;
mod dump_log;
mod errors;
mod events;
mod features;
mod get_offsets;
mod groups;
mod log_dirs;
mod metadata_quorum;
mod metrics;
mod options;
mod producer_perf;
mod sender;
mod signals;
mod throttle;
mod topic_filter;
mod topics;
mod verifiable_consumer;
mod verifiable_producer;

use std::{ffi::OsStr, path::Path, process::ExitCode};

use self::{
    errors::Thrown,
    options::{Given, Spec},
};
use crate::verbs::say::{remark, say};

/// The release whose tools these are.
const RELEASE: &str = "4.3.1";

/// One of Kafka's scripts.
pub(crate) struct Tool {
    /// Without `.sh`.
    name: &'static str,
    way: Way,
}

/// How a script reads its words.
enum Way {
    /// As joptsimple does.
    Options {
        options: &'static [Spec],
        run: fn(&Given) -> Result<(), Stop>,
        /// What becomes of options that cannot be read.
        complain: fn(Thrown) -> Stop,
    },
    /// By itself.
    Words(fn(&[String]) -> Result<(), Stop>),
}

impl Tool {
    const fn new(name: &'static str, options: &'static [Spec], run: fn(&Given) -> Result<(), Stop>) -> Self {
        Self { name, way: Way::Options { options, run, complain: Stop::Thrown } }
    }

    /// One that has its own way with options that cannot be read.
    const fn complaining(self, complain: fn(Thrown) -> Stop) -> Self {
        match self.way {
            Way::Options { options, run, .. } => {
                Self { name: self.name, way: Way::Options { options, run, complain } }
            }
            Way::Words(_) => self,
        }
    }

    const fn of_words(name: &'static str, run: fn(&[String]) -> Result<(), Stop>) -> Self {
        Self { name, way: Way::Words(run) }
    }
}

const TOOLS: &[&Tool] = &[
    &topics::TOOL,
    &dump_log::TOOL,
    &console_producer::TOOL,
    &console_consumer::TOOL,
    &configs::TOOL,
    &consumer_groups::TOOL,
    &groups::TOOL,
    &get_offsets::TOOL,
    &delete_records::TOOL,
    &log_dirs::TOOL,
    &broker_api_versions::TOOL,
    &features::TOOL,
    &metadata_quorum::TOOL,
    &producer_perf::TOOL,
    &consumer_perf::TOOL,
    &verifiable_producer::TOOL,
    &verifiable_consumer::TOOL,
];

/// Where people look for the scripts.
pub(crate) const HELP: &str = "Kafka's scripts are here too, with their flags: `ottla kafka-topics --help`, or a link named kafka-topics.sh to this file.";

/// Why a tool ends before it is done.
#[derive(Debug)]
enum Stop {
    /// The options do not fit: this is said, and which there are.
    Usage(String),
    /// `--version` was asked for.
    Version,
    /// What Java throws: its message is said.
    Thrown(Thrown),
    /// This is said on standard error; the exit code is 1.
    Complained(String),
    /// All is said; this is the exit code.
    Said(u8),
}

impl Stop {
    /// What is thrown is caught by nobody: the JVM says so, with the class.
    fn uncaught(self) -> Self {
        match self {
            Self::Thrown(thrown) => {
                Self::Complained(format!("Exception in thread \"main\" {}", thrown.full()))
            }
            other => other,
        }
    }
}

impl<T: Into<Thrown>> From<T> for Stop {
    fn from(thrown: T) -> Self {
        Self::Thrown(thrown.into())
    }
}

/// The name of a script in a program's name or an argument.
fn script(name: &OsStr) -> Option<&str> {
    let name = Path::new(name).file_name()?.to_str()?;
    Some(name.strip_suffix(".sh").unwrap_or(name))
}

/// The tool a program's name or first argument stands for.
pub(crate) fn named(name: &OsStr) -> Option<&'static Tool> {
    let name = script(name)?;
    TOOLS.iter().find(|tool| tool.name == name).copied()
}

/// Scripts that are not here, and the verb that does what they do.
const VERBS: &[(&str, &str)] = &[
    ("kafka-cluster", "ottla cluster"),
    ("kafka-e2e-latency", "ottla bench e2e"),
    ("kafka-server-start", "ottla start -c server.properties"),
    ("kafka-storage", "ottla storage"),
    ("kafka-transactions", "ottla txn"),
];

/// What to say where one of Kafka's scripts is asked for that is not here.
pub(crate) fn missing(name: &OsStr) -> Option<String> {
    let name = script(name)?;
    if !name.starts_with("kafka-") || TOOLS.iter().any(|tool| tool.name == name) {
        return None;
    }
    let verb = VERBS.iter().find(|(script, _)| *script == name);
    let names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
    let near = verb.is_none().then(|| ottla_config::nearest(name, names.iter().copied())).flatten();
    Some(match (verb, near) {
        (Some((_, verb)), _) => format!("`{name}` is not here; `{verb}` does what it does"),
        (None, Some(near)) => format!("`{name}` is not here; did you mean `{near}`?"),
        (None, None) => format!("`{name}` is not here; there are {}", names.join(", ")),
    })
}

/// The names of all of them.
pub(crate) fn names() -> Vec<String> {
    TOOLS.iter().map(|tool| tool.name.to_owned()).collect()
}

impl Tool {
    /// Runs it with the words behind its name.
    pub(crate) fn run(&self, words: &[String]) -> ExitCode {
        let done = match self.way {
            Way::Words(run) => run(words),
            Way::Options { options, run, complain } => {
                let wrong = |thrown: Thrown| match thrown.class.as_str() {
                    options::MISSING_REQUIRED => Stop::Usage(thrown.message),
                    _ => complain(thrown),
                };
                Given::parse(options, words).map_err(wrong).and_then(|given| run(&given))
            }
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(Stop::Version) => {
                say!("{RELEASE}");
                ExitCode::SUCCESS
            }
            Err(Stop::Usage(message)) => {
                remark(&message);
                if let Way::Options { options, .. } = self.way {
                    remark(&options::table(options));
                }
                ExitCode::FAILURE
            }
            Err(Stop::Thrown(Thrown { message, .. }) | Stop::Complained(message)) => {
                remark(&message);
                ExitCode::FAILURE
            }
            Err(Stop::Said(code)) => ExitCode::from(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_for_a_script_that_is_not_here_is_told_what_is() {
        let said = |name: &str| missing(OsStr::new(name));
        assert_eq!(said("kafka-topics.sh"), None);
        assert_eq!(said("topic"), None);
        let storage = said("kafka-storage.sh").expect("it is not here");
        assert_eq!(said("/opt/bin/kafka-storage").as_ref(), Some(&storage));
        assert_eq!(storage, "`kafka-storage` is not here; `ottla storage` does what it does");
        assert!(said("kafka-topic").expect("it is not here").contains("did you mean `kafka-topics`?"));
        assert!(said("kafka-streams-groups").expect("it is not here").contains("there are kafka-topics, "));
    }
}
