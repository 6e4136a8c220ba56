//! `ottla completions SHELL`: a shell asks `ottla complete` what may follow, so that names of topics and groups are those
//! of the cluster.

use std::time::Duration;

use clap::{Arg, Args, Command, ValueEnum};
use ottla_config::{Scope, Table};

use super::{Connection, Failure, client_runtime, say::say};
use crate::profiles::Profiles;

/// A shell.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// bash: `source <(ottla completions bash)`; zsh and fish likewise
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<(), Failure> {
        say!(
            "{}",
            match self.shell {
                Shell::Bash => BASH,
                Shell::Zsh => ZSH,
                Shell::Fish => FISH,
            }
        );
        Ok(())
    }
}

const BASH: &str = r#"_ottla() {
    local IFS=$'\n'
    COMPREPLY=($(ottla complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _ottla ottla"#;

const ZSH: &str = r#"_ottla() {
    local -a found
    found=(${(f)"$(ottla complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    compadd -a found
}
compdef _ottla ottla"#;

const FISH: &str =
    r"complete -c ottla -f -a '(ottla complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'";

/// What a shell asks: the words so far, the last one unfinished.
#[derive(Debug, Args)]
pub(crate) struct Complete {
    #[command(flatten)]
    connection: Connection,
    #[arg(last = true)]
    words: Vec<String>,
}

/// How long the cluster may take: whoever presses a key does not wait.
const PATIENCE: Duration = Duration::from_secs(2);

impl Complete {
    /// Prints what may stand in place of the last word.
    pub(crate) fn run(mut self, ottla: &Command) -> Result<(), Failure> {
        let words = std::mem::take(&mut self.words);
        let (last, before) = words.split_last().map_or(("", &[][..]), |(last, before)| (last, before));
        for found in self.candidates(ottla, before, last)?.iter().filter(|found| found.starts_with(last)) {
            say!("{found}");
        }
        Ok(())
    }

    fn candidates(&mut self, ottla: &Command, before: &[String], last: &str) -> Result<Vec<String>, Failure> {
        let mut verb = ottla;
        let mut path = Vec::new();
        // Words that stand for themselves behind the verb.
        let mut plain: Vec<&str> = Vec::new();
        let mut value_of: Option<&Arg> = None;
        for word in before {
            if let Some(option) = value_of.take() {
                // Names are those of the cluster the line is about.
                self.connection.note(option.get_id().as_str(), word);
            } else if let Some((option, value)) = with_value(verb, word) {
                self.connection.note(option.get_id().as_str(), value);
            } else if word.starts_with('-') {
                value_of = option(verb, word).filter(|option| option.get_action().takes_values());
            } else if let Some(inner) = verb.find_subcommand(word) {
                (verb, plain) = (inner, Vec::new());
                path.push(word.as_str());
            } else {
                plain.push(word);
            }
        }
        if let Some(option) = value_of {
            return self.values(option, &path, &plain);
        }
        if last.starts_with('-') {
            let names = verb.get_arguments().filter_map(|option| option.get_long());
            return Ok(names.map(|name| format!("--{name}")).collect());
        }
        if verb.has_subcommands() {
            let verbs = verb
                .get_subcommands()
                .filter(|verb| !verb.is_hide_set())
                .map(|verb| verb.get_name().to_owned());
            let scripts = if path.is_empty() { crate::kafka::names() } else { Vec::new() };
            return Ok(verbs.chain(scripts).collect());
        }
        let mut places = verb.get_positionals();
        let place = places.nth(plain.len()).or_else(|| verb.get_positionals().last());
        place.map_or_else(|| Ok(Vec::new()), |place| self.values(place, &path, &plain))
    }

    /// What an argument may be: one of its own values, or a name the cluster knows. `before` are the words that stand for
    /// themselves before it.
    fn values(&self, of: &Arg, path: &[&str], before: &[&str]) -> Result<Vec<String>, Failure> {
        let own = of.get_possible_values();
        if !own.is_empty() {
            return Ok(own.iter().map(|value| value.get_name().to_owned()).collect());
        }
        match (path, of.get_id().as_str()) {
            (["topic" | "profile", "create", ..], "name" | "names") => Ok(Vec::new()),
            (["profile", ..], "name" | "names") | (_, "profile") => {
                Ok(Profiles::load()?.all.into_keys().collect())
            }
            (["topic", ..], "name" | "names") | (_, "topic") => self.topics(),
            (["group", ..], "id" | "ids") | (_, "group") => self.groups(),
            (["config", ..], "resource") => {
                let topics = self.topics()?.into_iter().map(|name| format!("topic/{name}"));
                let groups = self.groups()?.into_iter().map(|id| format!("group/{id}"));
                Ok(topics.chain(groups).chain(["broker/default".to_owned()]).collect())
            }
            (["config", ..], "keys") => Ok(before.first().map_or_else(Vec::new, |of| settings_of(of))),
            _ => Ok(Vec::new()),
        }
    }

    fn topics(&self) -> Result<Vec<String>, Failure> {
        client_runtime()?.block_on(async {
            let ask = async { Ok::<_, Failure>(self.connection.client().await?.topics().await?) };
            let topics = tokio::time::timeout(PATIENCE, ask).await??;
            Ok(topics.into_iter().filter(|topic| !topic.internal).map(|topic| topic.name).collect())
        })
    }

    fn groups(&self) -> Result<Vec<String>, Failure> {
        client_runtime()?.block_on(async {
            let ask = async { Ok::<_, Failure>(self.connection.client().await?.groups().await?) };
            let groups = tokio::time::timeout(PATIENCE, ask).await??;
            Ok(groups.into_iter().map(|group| group.id).collect())
        })
    }
}

/// The settings a resource has.
fn settings_of(resource: &str) -> Vec<String> {
    let scope = match resource.split('/').next() {
        Some("topic") => Scope::Topic,
        Some("broker") => Scope::Broker,
        Some("group") => Scope::Group,
        _ => return Vec::new(),
    };
    Table::of(scope).iter().map(|setting| setting.name.to_owned()).collect()
}

/// An option and its value in one word, as `--profile=NAME`.
fn with_value<'a, 'w>(verb: &'a Command, word: &'w str) -> Option<(&'a Arg, &'w str)> {
    let (name, value) = word.split_once('=').filter(|(name, _)| name.starts_with("--"))?;
    Some((option(verb, name)?, value))
}

/// The option a word names, as `-o` or `--output`; not where its value stands in the same word.
fn option<'a>(verb: &'a Command, word: &str) -> Option<&'a Arg> {
    verb.get_arguments().find(|option| {
        let long = word.strip_prefix("--").is_some_and(|name| option.get_long() == Some(name));
        let mut letters = word.trim_start_matches('-').chars();
        let short =
            !word.starts_with("--") && option.get_short() == letters.next() && letters.next().is_none();
        long || short && option.get_short().is_some()
    })
}
