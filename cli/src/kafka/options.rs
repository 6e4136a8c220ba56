//! Options as Kafka's scripts read them, with the rules and the words of joptsimple: `--name value` and `--name=value`,
//! one dash will do, what is not an option is kept, and nothing is complained about before it is looked at.

use super::{Stop, errors::Thrown};

/// What an option may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    None,
    /// What it is, for the table.
    Required(&'static str),
    Optional(&'static str),
}

/// An option.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) argument: Argument,
    /// Without it nothing begins.
    pub(super) required: bool,
    /// It means something only beside one of these; beside all where there are none.
    only_with: &'static [&'static str],
    /// One sentence for the table.
    pub(super) about: &'static str,
}

impl Spec {
    pub(super) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self { name, argument: Argument::None, required: false, only_with: &[], about }
    }

    pub(super) const fn with(name: &'static str, what: &'static str, about: &'static str) -> Self {
        Self { name, argument: Argument::Required(what), required: false, only_with: &[], about }
    }

    pub(super) const fn maybe_with(name: &'static str, what: &'static str, about: &'static str) -> Self {
        Self { name, argument: Argument::Optional(what), required: false, only_with: &[], about }
    }

    pub(super) const fn only_with(self, others: &'static [&'static str]) -> Self {
        Self { only_with: others, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

pub(super) const HELP: Spec = Spec::flag("help", "Print this table.");
pub(super) const VERSION: Spec = Spec::flag("version", "Print the release of Kafka whose tools these are.");

/// The class of the complaint that a required option is not given.
pub(super) const MISSING_REQUIRED: &str = "joptsimple.MissingRequiredOptionsException";

/// What was given on the command line.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// In their order; an option without an argument has none.
    options: Vec<(&'static str, Option<String>)>,
    /// What is no option.
    pub(super) others: Vec<String>,
    /// All of it, as it was given.
    pub(super) words: Vec<String>,
}

impl Given {
    /// Reads a command line.
    pub(super) fn parse(specs: &'static [Spec], words: &[String]) -> Result<Self, Thrown> {
        let mut given = Self { words: words.to_vec(), ..Self::default() };
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            let Some(body) = word.strip_prefix('-').filter(|body| !body.is_empty()) else {
                given.others.push(word.clone());
                continue;
            };
            if body == "-" {
                given.others.extend(words.cloned());
                break;
            }
            let long = body.strip_prefix('-');
            let text = long.unwrap_or(body);
            let (name, value) =
                text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
            let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
                // Behind one dash joptsimple looks for a cluster of short options, of which there are none.
                let unknown = if long.is_some() { name.to_owned() } else { name.chars().take(1).collect() };
                return Err(unrecognized(&unknown));
            };
            let value = match (spec.argument, value.filter(|value| !value.is_empty())) {
                (Argument::None, _) => None,
                (_, Some(value)) => Some(value.to_owned()),
                (Argument::Required(_), None) => {
                    Some(words.next().ok_or_else(|| missing_argument(name))?.clone())
                }
                (Argument::Optional(_), None) => words.next_if(|next| !next.starts_with('-')).cloned(),
            };
            given.options.push((spec.name, value));
        }
        given.check_required(specs)?;
        given.check_available(specs)?;
        Ok(given)
    }

    /// Whoever asks for help need not give what is required.
    fn check_required(&self, specs: &[Spec]) -> Result<(), Thrown> {
        let missing: Vec<&str> =
            specs.iter().filter(|spec| spec.required && !self.has(spec.name)).map(|spec| spec.name).collect();
        if missing.is_empty() || self.has("help") || self.has("version") {
            return Ok(());
        }
        Err(Thrown::new(MISSING_REQUIRED, format!("Missing required option(s) [{}]", missing.join(", "))))
    }

    fn check_available(&self, specs: &[Spec]) -> Result<(), Thrown> {
        let misplaced = |spec: &&Spec| {
            self.has(spec.name)
                && !spec.only_with.is_empty()
                && !spec.only_with.iter().any(|other| self.has(other))
        };
        let misplaced: Vec<_> = specs.iter().filter(misplaced).map(|spec| spec.name).collect();
        if misplaced.is_empty() {
            return Ok(());
        }
        let class = "joptsimple.UnavailableOptionException";
        let names = misplaced.join(", ");
        Err(Thrown::new(
            class,
            format!("Option(s) [{names}] are unavailable given other options on the command line"),
        ))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == name)
    }

    /// Every option with its argument.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.options.iter().map(|(name, value)| (*name, value.as_deref()))
    }

    /// Every argument of an option, in order.
    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        let of = self.options.iter().filter(|(given, _)| *given == name);
        of.filter_map(|(_, value)| value.as_deref()).collect()
    }

    /// The one argument of an option.
    pub(super) fn value(&self, name: &str) -> Result<Option<&str>, Thrown> {
        match self.values(name).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(Thrown::new(
                "joptsimple.MultipleArgumentsForOptionException",
                format!("Found multiple arguments for option {name}, but you asked for only one"),
            )),
        }
    }

    /// The one argument of an option that is a number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Thrown> {
        let Some(text) = self.value(name)? else { return Ok(None) };
        let wrong = |_| {
            Thrown::new(
                "joptsimple.OptionArgumentConversionException",
                format!("Cannot parse argument '{text}' of option {name}"),
            )
        };
        text.parse().map(Some).map_err(wrong)
    }

    /// Ends with help, where it is asked for or nothing else is, or with the version.
    pub(super) fn help_or_version(&self, about: &str) -> Result<(), Stop> {
        if self.words.is_empty() || self.has("help") {
            return Err(Stop::Usage(about.to_owned()));
        }
        if self.has("version") { Err(Stop::Version) } else { Ok(()) }
    }

    /// Whether nothing at all was given.
    pub(super) const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Ends unless all of these are given.
    pub(super) fn require(&self, names: &[&str]) -> Result<(), Stop> {
        match names.iter().find(|name| !self.has(name)) {
            Some(name) => Err(Stop::Usage(format!("Missing required argument \"[{name}]\""))),
            None => Ok(()),
        }
    }

    /// Ends unless one of two is given, and not both.
    pub(super) fn require_one_of(&self, one: &str, other: &str) -> Result<(), Stop> {
        if self.has(one) != self.has(other) {
            return Ok(());
        }
        Err(Stop::Usage(format!("Exactly one of the following arguments is required: [{one}], [{other}]")))
    }

    /// Ends if one of `others` is given beside `name`.
    pub(super) fn exclude(&self, name: &str, others: &[&str]) -> Result<(), Stop> {
        match others.iter().find(|other| self.has(name) && self.has(other)) {
            Some(other) => {
                Err(Stop::Usage(format!("Option \"[{name}]\" can't be used with option \"[{other}]\"")))
            }
            None => Ok(()),
        }
    }
}

fn unrecognized(name: &str) -> Thrown {
    let class = "joptsimple.UnrecognizedOptionException";
    Thrown::new(class, format!("{name} is not a recognized option"))
}

fn missing_argument(name: &str) -> Thrown {
    let class = "joptsimple.OptionMissingRequiredArgumentException";
    Thrown::new(class, format!("Option {name} requires an argument"))
}

/// How wide the table is, and its first column at most.
const WIDTH: usize = 80;
const FIRST: usize = 42;

/// The table of options.
pub(super) fn table(specs: &[Spec]) -> String {
    let mut specs: Vec<&Spec> = specs.iter().collect();
    specs.sort_by_key(|spec| spec.name);
    let head = |spec: &Spec| {
        let star = if spec.required { "* " } else { "" };
        match spec.argument {
            Argument::None => format!("{star}--{}", spec.name),
            Argument::Required(what) => format!("{star}--{} <{what}>", spec.name),
            Argument::Optional(what) => format!("{star}--{} [{what}]", spec.name),
        }
    };
    let title = if specs.iter().any(|spec| spec.required) { "Option (* = required)" } else { "Option" };
    let widest = specs.iter().map(|spec| head(spec).len()).chain([title.len()]).max().unwrap_or(0);
    let first = widest.min(FIRST) + 2;
    let mut lines = vec![
        format!("{title:<first$}Description"),
        format!("{:<first$}-----------", "-".repeat(title.len())),
    ];
    lines.extend(columns(specs.iter().map(|spec| (head(spec), spec.about)), first));
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// Rows of two columns, of which the first is so wide; what is wider has a line of its own.
pub(super) fn columns<'a>(rows: impl IntoIterator<Item = (String, &'a str)>, first: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (head, about) in rows {
        let mut about = wrapped(about, WIDTH.saturating_sub(first)).into_iter();
        if head.len() + 2 > first {
            lines.push(head);
        } else {
            lines.push(format!("{head:<first$}{}", about.next().unwrap_or_default()));
        }
        lines.extend(about.map(|line| format!("{:first$}{line}", "")));
    }
    lines
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().filter(|line| line.is_empty() || line.len() + 1 + word.len() <= width);
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECS: &[Spec] = &[
        Spec::with(
            "topic",
            "String: topic",
            "A topic whose name may be long enough to need a second line of text.",
        ),
        Spec::flag("list", "All of them."),
        Spec::maybe_with("state", "String", "Only these."),
        HELP,
    ];

    fn parse(line: &str) -> Result<Given, Thrown> {
        Given::parse(SPECS, &line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read_in_all_their_forms() {
        let given = parse("--topic a -list --topic=b x --state --state Stable").expect("it is right");
        assert_eq!(given.values("topic"), ["a", "b"]);
        assert!(given.has("list") && given.has("state"));
        assert_eq!((given.values("state"), given.others.len()), (vec!["Stable"], 1));
        assert!(given.value("topic").is_err(), "there are two");
        assert_eq!(parse("--topic --list").expect("taken as it is").values("topic"), ["--list"]);
    }

    #[test]
    fn wrong_words_are_named() {
        let message = |line: &str| parse(line).expect_err("it is wrong").message;
        assert_eq!(message("--bogus=1"), "bogus is not a recognized option");
        assert_eq!(message("-bogus"), "b is not a recognized option");
        assert_eq!(message("--topic"), "Option topic requires an argument");
        let number =
            parse("--topic x").and_then(|given| given.number::<i32>("topic")).expect_err("no number");
        assert_eq!(number.message, "Cannot parse argument 'x' of option topic");
    }

    #[test]
    fn the_table_is_sorted_and_narrow() {
        let table = table(SPECS);
        let options: Vec<_> = table.lines().filter(|line| line.starts_with("--")).collect();
        assert_eq!(options.len(), 5, "a rule and four options: {table}");
        assert!(table.lines().all(|line| line.len() <= WIDTH));
    }
}
