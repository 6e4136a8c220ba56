//! Options as some of Kafka's scripts read them, with the rules and the words of argparse4j: options, then a command with
//! options of its own; a name may be cut short while it stays the only one.

use std::collections::BTreeMap;

use super::{Stop, options::columns};
use crate::verbs::say::say;

/// An option.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opt {
    /// With its dashes.
    pub(super) name: &'static str,
    takes: Takes,
    kind: Kind,
    required: bool,
    /// One sentence for the help.
    about: &'static str,
}

/// How many values stand behind an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// One, beside those that were given before.
    One,
    /// At least one, instead of those that were given before.
    Several,
}

impl Takes {
    const fn most(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One => 1,
            Self::Several => usize::MAX,
        }
    }
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Int,
    Long,
    Double,
    /// One of these numbers.
    OneOf(&'static [i32]),
}

pub(super) const fn flag(name: &'static str) -> Opt {
    Opt { name, takes: Takes::Nothing, kind: Kind::Text, required: false, about: "" }
}

pub(super) const fn value(name: &'static str) -> Opt {
    Opt { takes: Takes::One, ..flag(name) }
}

pub(super) const fn values(name: &'static str) -> Opt {
    Opt { takes: Takes::Several, ..flag(name) }
}

impl Opt {
    pub(super) const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn says(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    fn wrong(self, why: &str) -> Refusal {
        Refusal::Wrong(format!("argument {}: {why}", self.name))
    }

    fn check(self, text: &str) -> Result<(), Refusal> {
        let (is_right, class) = match self.kind {
            Kind::Text => (true, "String"),
            Kind::Int | Kind::OneOf(_) => (text.parse::<i32>().is_ok(), "Integer"),
            Kind::Long => (text.parse::<i64>().is_ok(), "Long"),
            Kind::Double => (text.trim().parse::<f64>().is_ok(), "Double"),
        };
        if !is_right {
            let why = format!("could not convert '{text}' to {class} (For input string: \"{text}\")");
            return Err(self.wrong(&why));
        }
        match self.kind {
            Kind::OneOf(all) if !all.iter().any(|one| text.parse() == Ok(*one)) => {
                let all: Vec<_> = all.iter().map(ToString::to_string).collect();
                Err(self.wrong(&format!("invalid choice: '{text}' (choose from {{{}}})", all.join(","))))
            }
            _ => Ok(()),
        }
    }
}

/// What a script understands.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) program: &'static str,
    pub(super) about: &'static str,
    pub(super) options: &'static [Opt],
    /// Commands with their options; none where the script has no commands.
    pub(super) commands: &'static [(&'static str, &'static [Opt])],
    /// Of each of these groups exactly one must be given.
    pub(super) one_of: &'static [&'static [&'static str]],
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

    /// A value whose [`Kind`] is a number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.value(name)?.trim().parse().ok()
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

    /// What the words say, for scripts that end well without any, and badly where they are asked for help.
    pub(super) fn read_or_show(&self, words: &[String]) -> Result<Parsed, Stop> {
        if words.is_empty() {
            say!("{}", self.help());
            return Err(Stop::Said(0));
        }
        self.read(words, |why| self.complaint(why)).map_err(|stop| match stop {
            Stop::Said(_) => Stop::Said(1),
            other => other,
        })
    }

    /// How scripts without a way of their own say that something is wrong.
    pub(super) fn complaint(&self, why: &str) -> Stop {
        Stop::Complained(format!("{}\n{}: error: {why}", self.usage(), self.program))
    }

    fn parse(&self, words: &[String]) -> Result<Parsed, Refusal> {
        let mut parsed = Parsed::default();
        let mut options = self.options;
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if !is_flag(word) {
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
            self.check_group(&parsed, option)?;
            let mut taken: Vec<String> = given.map(str::to_owned).into_iter().collect();
            let most = if given.is_some() { 0 } else { option.takes.most() };
            while taken.len() < most {
                let Some(word) = words.next_if(|word| !is_flag(word)) else { break };
                taken.push(word.clone());
            }
            match option.takes {
                Takes::One if taken.is_empty() => return Err(option.wrong("expected one argument")),
                Takes::Several if taken.is_empty() => {
                    return Err(option.wrong("expected 1 argument(s)"));
                }
                _ => taken.iter().try_for_each(|text| option.check(text))?,
            }
            let values = parsed.values.entry(option.name).or_default();
            if option.takes == Takes::Several {
                values.clear();
            }
            values.extend(taken);
        }
        if parsed.command.is_empty() && !self.commands.is_empty() {
            return Err(Refusal::Wrong("too few arguments".into()));
        }
        self.check_required(&parsed, options)?;
        Ok(parsed)
    }

    /// Two of a group exclude each other.
    fn check_group(&self, parsed: &Parsed, option: Opt) -> Result<(), Refusal> {
        let mut groups = self.one_of.iter().filter(|group| group.contains(&option.name));
        let other =
            groups.find_map(|group| group.iter().find(|name| **name != option.name && parsed.has(name)));
        match other {
            Some(other) => Err(option.wrong(&format!("not allowed with argument {other}"))),
            None => Ok(()),
        }
    }

    /// `options` are those of the command, or the script's own again.
    fn check_required(&self, parsed: &Parsed, options: &[Opt]) -> Result<(), Refusal> {
        let mut all = self.options.iter().chain(options);
        if let Some(option) = all.find(|option| option.required && !parsed.has(option.name)) {
            return Err(Refusal::Wrong(format!("argument {} is required", option.name)));
        }
        match self.one_of.iter().find(|group| !group.iter().any(|name| parsed.has(name))) {
            Some(group) => {
                Err(Refusal::Wrong(format!("one of the arguments {} is required", group.join(" "))))
            }
            None => Ok(()),
        }
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
        let head = |option: &Opt| format!("  {}", written(*option));
        let told = self.options.iter().filter(|option| !option.about.is_empty());
        let rows = told.map(|option| (head(option), option.about));
        let help = ("  -h, --help".to_owned(), "Show this.");
        let mut parts = vec![self.usage(), String::new(), self.about.to_owned(), String::new()];
        parts.extend(columns(std::iter::once(help).chain(rows), FIRST));
        if !self.commands.is_empty() {
            parts.push(String::new());
            parts.extend(self.commands.iter().map(command));
        }
        parts.join("\n")
    }
}

/// How wide the names of the options are in the help.
const FIRST: usize = 34;

fn shown(option: Opt) -> String {
    let all = written(option);
    if option.required { all } else { format!("[{all}]") }
}

/// An option with what stands behind it.
fn written(option: Opt) -> String {
    let name = option.name;
    let what = name.trim_start_matches('-').replace(['-', '.'], "_").to_uppercase();
    match option.takes {
        Takes::Nothing => name.to_owned(),
        Takes::One => format!("{name} {what}"),
        Takes::Several => format!("{name} KEY=VALUE ..."),
    }
}

/// What begins with a dash and is no number.
fn is_flag(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && !rest.bytes().all(|byte| byte.is_ascii_digit()))
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
mod tests;
