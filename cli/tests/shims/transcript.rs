//! Command lines and what was said to them, as text.
//!
//! A line begins with what it is: `$` a command of Kafka's, `%` one of `ottla`'s that only prepares something, `<` a line of
//! its standard input, `~` what it says before it is asked to end (SIGTERM), `+ NAME` a line of a file, `@` a member that joins a group; and then `|` a line of standard output, `!` one of standard error, `=` an
//! exit code other than 0. `#` explains.

use std::fmt;

/// What a command said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// Who a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Kafka,
    Ottla,
}

/// Stands behind the last line of what does not end in a line end.
const NO_LINE_END: &str = "# (without a line end)";

#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) whose: Whose,
    pub(crate) line: String,
    pub(crate) input: String,
    /// It is asked to end once it has said this.
    pub(crate) until: Option<String>,
    pub(crate) said: Said,
    /// What the transcript says that was said, line by line.
    pub(crate) written: String,
}

#[derive(Debug)]
pub(crate) enum Part {
    /// A comment or nothing.
    Text(String),
    /// A line of a file: its name and the line.
    File(String, String),
    /// A member: which protocol, group and topic.
    Member(String),
    Step(Step),
}

#[derive(Debug)]
pub(crate) struct Transcript {
    pub(crate) parts: Vec<Part>,
}

impl Transcript {
    /// Reads one.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        for line in text.lines().filter(|line| *line != NO_LINE_END) {
            let (kind, rest) = line.split_at(line.len().min(2));
            let step = |whose| {
                let (line, input, said) = (rest.to_owned(), String::new(), Said::default());
                Part::Step(Step { whose, line, input, until: None, said, written: String::new() })
            };
            match kind.trim_end() {
                "" | "#" => parts.push(Part::Text(line.to_owned())),
                "$" => parts.push(step(Whose::Kafka)),
                "%" => parts.push(step(Whose::Ottla)),
                "@" => parts.push(Part::Member(rest.to_owned())),
                "+" => {
                    let (name, line) = rest.split_once(' ').unwrap_or((rest, ""));
                    parts.push(Part::File(name.to_owned(), line.to_owned()));
                }
                "<" => match parts.last_mut() {
                    Some(Part::Step(step)) => step.input.push_str(&format!("{rest}\n")),
                    _ => panic!("input of no command: {line}"),
                },
                "~" => match parts.last_mut() {
                    Some(Part::Step(step)) => step.until = Some(rest.to_owned()),
                    _ => panic!("an end of no command: {line}"),
                },
                "|" | "!" | "=" => {
                    if let Some(Part::Step(step)) = parts.last_mut() {
                        step.written.push_str(&format!("{line}\n"));
                    }
                }
                _ => panic!("what is this line? {line}"),
            }
        }
        Self { parts }
    }
}

impl Step {
    /// Whether it was said as it is written.
    pub(crate) fn is_as_written(&self) -> bool {
        let shown = self.to_string();
        let answer = |line: &&str| line.starts_with(['|', '!', '=']);
        shown.lines().filter(answer).eq(self.written.lines())
    }

    /// The words of the command; double quotes hold one together.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quoted = false;
        let mut begun = false;
        for letter in self.line.chars() {
            match letter {
                '"' => (quoted, begun) = (!quoted, true),
                ' ' if !quoted => {
                    if std::mem::take(&mut begun) {
                        words.push(String::new());
                    }
                }
                letter => {
                    begun = true;
                    words.last_mut().expect("there is one").push(letter);
                }
            }
        }
        if !begun {
            words.pop();
        }
        words
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(line) => writeln!(f, "{line}")?,
                Part::File(name, line) => writeln!(f, "+ {name} {line}")?,
                Part::Member(words) => writeln!(f, "@ {words}")?,
                Part::Step(step) => step.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.whose == Whose::Kafka { '$' } else { '%' };
        writeln!(f, "{kind} {}", self.line)?;
        for (mark, text) in [('<', &self.input), ('|', &self.said.out), ('!', &self.said.err)] {
            for line in text.lines() {
                writeln!(f, "{mark} {line}")?;
            }
            if let Some(until) = self.until.as_ref().filter(|_| mark == '<') {
                writeln!(f, "~ {until}")?;
            }
            if !text.is_empty() && !text.ends_with('\n') {
                writeln!(f, "{NO_LINE_END}")?;
            }
        }
        if self.said.code != 0 {
            writeln!(f, "= {}", self.said.code)?;
        }
        Ok(())
    }
}

/// The commands whose answers differ, line by line.
pub(crate) fn differences(expected: &str, found: &str) -> String {
    let steps = |text: &str| {
        let mut steps: Vec<Vec<String>> = vec![Vec::new()];
        for line in text.lines() {
            if line.starts_with("$ ") || line.starts_with("% ") {
                steps.push(Vec::new());
            }
            steps.last_mut().expect("there is one").push(line.to_owned());
        }
        steps
    };
    let (expected, found) = (steps(expected), steps(found));
    let mut text = String::new();
    for (theirs, ours) in expected.iter().zip(&found).filter(|(theirs, ours)| theirs != ours) {
        text.push_str(&format!("\n{}\n", theirs.first().map_or("", String::as_str)));
        let missing = theirs.iter().filter(|line| !ours.contains(line)).map(|line| format!("- {line}\n"));
        let extra = ours.iter().filter(|line| !theirs.contains(line)).map(|line| format!("+ {line}\n"));
        let lines: String = missing.chain(extra).collect();
        text.push_str(if lines.is_empty() { "the same lines in another order or number\n" } else { &lines });
    }
    if expected.len() != found.len() {
        text.push_str("not the same commands\n");
    }
    text
}
