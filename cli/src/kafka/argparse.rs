//! Options as some of Kafka's scripts read them, with the rules and the words of argparse4j: options, then a command with
//! options of its own; a name may be cut short while it stays the only one.

use std::collections::BTreeMap;

use super::Stop;
use crate::verbs::say::say;

/// An option; with a value or without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opt {
    /// With its dashes.
    pub(super) name: &'static str,
    pub(super) has_value: bool,
}

pub(super) const fn flag(name: &'static str) -> Opt {
    Opt { name, has_value: false }
}

pub(super) const fn value(name: &'static str) -> Opt {
    Opt { name, has_value: true }
}

/// What a script understands.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) program: &'static str,
    pub(super) about: &'static str,
    pub(super) options: &'static [Opt],
    /// Commands with their options; none where the script has no commands.
    pub(super) commands: &'static [(&'static str, &'static [Opt])],
}

/// Why nothing is parsed.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// Help was asked for.
    Help,
    /// This is wrong.
    Wrong(String),
}

/// A command line that is understood.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) command: &'static str,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Parsed {
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Every value, where one is added to the other.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The last value counts.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.last().map(String::as_str)
    }
}

impl Grammar {
    /// What the words say; with help where that is asked for. `wrong` is how the script says that something is wrong.
    pub(super) fn read(&self, words: &[String], wrong: impl FnOnce(&str) -> Stop) -> Result<Parsed, Stop> {
        self.parse(words).map_err(|refusal| match refusal {
            Refusal::Help => {
                say!("{}", self.help());
                Stop::Said(0)
            }
            Refusal::Wrong(why) => wrong(&why),
        })
    }

    fn parse(&self, words: &[String]) -> Result<Parsed, Refusal> {
        let mut parsed = Parsed::default();
        let mut options = self.options;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                if !parsed.command.is_empty() || self.commands.is_empty() {
                    return Err(unrecognized(word));
                }
                (parsed.command, options) = self.command(word)?;
                continue;
            }
            if matches!(word.as_str(), "-h" | "--help") {
                return Err(Refusal::Help);
            }
            let (name, given) =
                word.split_once('=').map_or((word.as_str(), None), |(name, of)| (name, Some(of)));
            let option = find(options, name)?.ok_or_else(|| unrecognized(word))?;
            let values = parsed.values.entry(option.name).or_default();
            if option.has_value {
                let value = given.map(str::to_owned).or_else(|| words.next().cloned());
                let missing = || Refusal::Wrong(format!("argument {}: expected one argument", option.name));
                values.push(value.ok_or_else(missing)?);
            }
        }
        if parsed.command.is_empty() && !self.commands.is_empty() {
            return Err(Refusal::Wrong("too few arguments".into()));
        }
        Ok(parsed)
    }

    fn command(&self, word: &str) -> Result<(&'static str, &'static [Opt]), Refusal> {
        self.commands.iter().find(|(name, _)| *name == word).copied().ok_or_else(|| {
            let all: Vec<_> = self.commands.iter().map(|(name, _)| format!("'{name}'")).collect();
            Refusal::Wrong(format!("invalid choice: '{word}' (choose from {})", all.join(", ")))
        })
    }

    /// One line of what there is.
    pub(super) fn usage(&self) -> String {
        let options: Vec<_> = self.options.iter().map(|option| shown(*option)).collect();
        let commands: Vec<_> = self.commands.iter().map(|(name, _)| *name).collect();
        let commands =
            if commands.is_empty() { String::new() } else { format!(" {{{}}} ...", commands.join(",")) };
        format!("usage: {} [-h] {}{commands}", self.program, options.join(" "))
    }

    /// What there is, with the options of the commands.
    fn help(&self) -> String {
        let command = |(name, options): &(&str, &[Opt])| {
            let options: Vec<_> = options.iter().map(|option| shown(*option)).collect();
            format!("    {name:22} {}", options.join(" ")).trim_end().to_owned()
        };
        let commands: Vec<_> = self.commands.iter().map(command).collect();
        format!("{}\n\n{}\n\n{}", self.usage(), self.about, commands.join("\n")).trim_end().to_owned()
    }
}

fn shown(option: Opt) -> String {
    if !option.has_value {
        return format!("[{}]", option.name);
    }
    let what = option.name.trim_start_matches('-').replace('-', "_").to_uppercase();
    format!("[{} {what}]", option.name)
}

fn unrecognized(word: &str) -> Refusal {
    Refusal::Wrong(format!("unrecognized arguments: '{word}'"))
}

/// The option of a name, or the only one that begins with it.
fn find(options: &[Opt], name: &str) -> Result<Option<Opt>, Refusal> {
    if let Some(option) = options.iter().find(|option| option.name == name) {
        return Ok(Some(*option));
    }
    let possible: Vec<Opt> =
        options.iter().filter(|option| name.len() > 2 && option.name.starts_with(name)).copied().collect();
    match possible.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let names: Vec<_> = several.iter().map(|option| option.name).collect();
            Err(Refusal::Wrong(format!("ambiguous option: {name} could match {}", names.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar = Grammar {
        program: "tool",
        about: "It does things.",
        options: &[value("--server")],
        commands: &[("look", &[flag("--status"), flag("--replication"), flag("--state")])],
    };

    fn parse(line: &str) -> Result<Parsed, Refusal> {
        GRAMMAR.parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn names_may_be_cut_short() {
        let parsed = parse("--ser=a look --rep").expect("it is right");
        assert_eq!((parsed.command, parsed.value("--server")), ("look", Some("a")));
        assert!(parsed.has("--replication") && !parsed.has("--status"));
    }

    #[test]
    fn wrong_words_are_named() {
        let wrong = |line: &str| match parse(line) {
            Err(Refusal::Wrong(why)) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(wrong("--server"), "argument --server: expected one argument");
        assert_eq!(wrong("--server a"), "too few arguments");
        assert_eq!(wrong("--bogus"), "unrecognized arguments: '--bogus'");
        assert_eq!(wrong("jump"), "invalid choice: 'jump' (choose from 'look')");
        assert_eq!(wrong("look --sta"), "ambiguous option: --sta could match --status, --state");
        assert_eq!(parse("look -h").err(), Some(Refusal::Help));
    }
}
