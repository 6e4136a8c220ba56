//! What is another thing in every run, or a matter of Java.

use std::{collections::BTreeSet, path::Path};

use regex::Regex;

pub(crate) struct Mask {
    /// What stands in commands and answers, and what it is in this run.
    places: Vec<(&'static str, String)>,
    others: Vec<(Regex, &'static str)>,
    /// Lists made from sets of Java's, whose order is another one in every JVM: what stands before them, and the list.
    sets: Vec<Regex>,
}

impl Mask {
    pub(crate) fn new(address: &str, files: &Path, data: &Path) -> Self {
        let port = address.rsplit(':').next().unwrap_or_default().to_owned();
        let places = vec![
            ("@files", files.display().to_string()),
            ("@data", data.display().to_string()),
            ("@broker", address.to_owned()),
            ("@port", port),
        ];
        let others = [
            (r"TopicId: [A-Za-z0-9_-]{22}", "TopicId: <id>"),
            (r"\b1[6-9]\d{11}\b", "<time>"),
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
            (r"  Epoch: \d+", "  Epoch: <n>"),
            (r"\bcrc: \d+", "crc: <n>"),
            (r"\bproducerId: \d+", "producerId: <n>"),
            // Kafka's coordinators number the batches of no producer from 0, ours not at all.
            (
                r"baseSequence: (0|-1) lastSequence: (0|-1) producerId: -1",
                "baseSequence: <none> lastSequence: <none> producerId: -1",
            ),
            (r#""topicId":"[^"]{22}""#, r#""topicId":"<id>""#),
            (r"HighWatermark: ( +)\d+", "HighWatermark: $1<n>"),
            (r"CONTROLLER://127\.0\.0\.1:\d+", "CONTROLLER://<address>"),
            (r#""directoryId": "[^"]{22}""#, r#""directoryId": "<id>""#),
            // Which APIs at which versions is the broker's matter.
            (r"(?m)^(\t[A-Z][A-Za-z]+\(\d+\)): .*?(,?)$", "$1: <versions>$2"),
            // A row of replicas: directory, end of the log, times.
            (r"[A-Za-z0-9_-]{22}\t\d+ +\t", "<id>\t<n>\t"),
            (r"\b\d+ ms ago *", "<n> ms ago"),
            // A bound of its size, which each client takes for itself.
            (r"The message is \d+ bytes when", "The message is <n> bytes when"),
            // How fast it went: in the form in which it is said.
            (
                r"\d+\.\d{6} records/sec \(\d+\.\d\d MB/sec\), \d+\.\d\d ms avg latency, \d+\.\d\d ms max latency, \d+ ms 50th, \d+ ms 95th, \d+ ms 99th, \d+ ms 99\.9th\.",
                "<n.6> records/sec (<n.2> MB/sec), <n.2> ms avg latency, <n.2> ms max latency, <n> ms 50th, <n> ms 95th, <n> ms 99th, <n> ms 99.9th.",
            ),
            // Said so often as it takes long.
            (
                r"(?m)(^\d+ records sent, \d+\.\d records/sec \(\d+\.\d\d MB/sec\), \d+\.\d ms avg latency, \d+\.\d ms max latency\.\n)+",
                "<n> records sent, <n.1> records/sec (<n.2> MB/sec), <n.1> ms avg latency, <n.1> ms max latency.\n",
            ),
            (r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}\b", "<date>"),
            // A row of a consumer's speed, of which the amounts are no matter of speed.
            (
                r"(?m)^((?:<date>|now), (?:<date>|now|\d), \d+\.\d{4}), (?:\d+\.\d{4}|Infinity|NaN), (\d+), (?:\d+\.\d{4}|Infinity|NaN), \d+, -?\d+, (?:-?\d+\.\d{4}|-?Infinity|NaN), (?:-?\d+\.\d{4}|-?Infinity|NaN)$",
                "$1, <n.4>, $2, <n.4>, <n>, <n>, <n.4>, <n.4>",
            ),
            (r#""avg_throughput":\d+\.[\dE-]+"#, r#""avg_throughput":<n>"#),
            // The two have other defaults on purpose: Ottla has written to disk what it acknowledges.
            (
                r"flush\.messages=\d+ sensitive=false synonyms=\{DEFAULT_CONFIG\S+\}",
                "flush.messages=<default>",
            ),
        ];
        let others = others.map(|(pattern, name)| (Regex::new(pattern).expect("a pattern"), name));
        let sets = [
            r"()((?:\[[a-z-]+\], )+\[[a-z-]+\])",
            r"(Options )(--[a-z.-]+ and --[a-z.-]+)",
            r"(Valid [a-z]+ are: )((?:\w+, )+\w+)",
            r"(deleted successfully: |consumer groups \()((?:'\w+', )+'\w+')",
        ];
        let sets = sets.map(|pattern| Regex::new(pattern).expect("a pattern"));
        Self { places, others: others.into(), sets: sets.into() }
    }

    /// A word of a command with what stands for something in it replaced.
    pub(crate) fn fill_in(&self, word: &str) -> String {
        self.places.iter().fold(word.to_owned(), |word, (name, value)| word.replace(name, value))
    }

    pub(crate) fn of(&self, text: &str) -> String {
        let text = usage(text);
        let text = self.places.iter().fold(text, |text, (name, value)| text.replace(value, name));
        let text = self.sets.iter().fold(text, |text, set| set.replace_all(&text, sorted).into_owned());
        self.others.iter().fold(text, |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
    }

    /// Of Java's stack traces only what was thrown first stays, and only if nothing else says it; of the tables of options,
    /// whose sentences are our own, the options.
    pub(crate) fn of_errors(&self, text: &str, out: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut options: Option<Vec<&str>> = None;
        // What stands above the first `at`, and behind each `Caused by`.
        let mut thrown: Vec<String> = Vec::new();
        let settle = |lines: &mut Vec<String>, thrown: &mut Vec<String>| {
            let is_said = |one: &String| {
                let message = one.split_once(": ").map_or("", |(_, message)| message);
                out.contains(message) || lines.iter().any(|line| line.contains(message))
            };
            let said = thrown.iter().any(is_said);
            lines.extend(thrown.drain(..).next_back().filter(|_| !said));
        };
        for line in text.lines() {
            let cause = line.strip_prefix("Caused by: ");
            let in_trace = ["\tat ", "\t... ", " at [Source: "].iter().any(|start| line.starts_with(start));
            // A file of offsets is tried in one form and then in the other; Kafka's tool shows the first try.
            // An advertisement of the Java client.
            let is_advice =
                line.starts_with("The consumer rebalance protocol (KIP-848) is production-ready!");
            let is_try = line.starts_with("com.fasterxml.jackson.");
            if in_trace || is_try || is_advice || !thrown.is_empty() && line.is_empty() {
                continue;
            } else if cause.is_some() || is_exception(line) {
                thrown.push(cause.unwrap_or(line).to_owned());
            } else if let Some(options) = &mut options {
                let line = line.strip_prefix("* ").unwrap_or(line);
                options.extend(line.split([' ', ',']).next().filter(|word| word.starts_with("--")));
                options.retain(|option| !option.starts_with("---"));
            } else if line.starts_with("Option ") && line.trim_end().ends_with("Description") {
                options = Some(Vec::new());
            } else {
                settle(&mut lines, &mut thrown);
                lines.push(line.to_owned());
            }
        }
        settle(&mut lines, &mut thrown);
        lines.extend(options.map(|options| format!("<usage: {}>", options.join(" "))));
        let text: String = lines.into_iter().map(|line| line + "\n").collect();
        self.of(&text)
    }
}

/// What argparse says in as many lines as the width of a terminal makes of it, in one: what is wrong, or which options there
/// are, for the sentences of the help are our own.
fn usage(text: &str) -> String {
    let Some(at) = text.find("usage: ").filter(|at| *at == 0 || text[..*at].ends_with('\n')) else {
        return text.to_owned();
    };
    let words: Vec<&str> = text[at..].split_whitespace().collect();
    // It breaks behind dashes as well.
    let all = words.join(" ").replace("- ", "-");
    let before = &text[..at];
    if let Some((_, wrong)) = all.split_once(": error: ") {
        return format!("{before}usage: <usage>: error: {wrong}\n");
    }
    let option = Regex::new(r"--[a-z]+(?:[.-][a-z]+)*").expect("a pattern");
    let options: BTreeSet<&str> = option.find_iter(&all).map(|found| found.as_str()).collect();
    format!("{before}usage: <{}>\n", options.into_iter().collect::<Vec<_>>().join(" "))
}

fn sorted(found: &regex::Captures<'_>) -> String {
    let between = if found[2].contains(", ") { ", " } else { " and " };
    let mut items: Vec<&str> = found[2].split(between).collect();
    items.sort_unstable();
    format!("{}{}", &found[1], items.join(between))
}

/// A class with its package, and perhaps a message.
fn is_exception(line: &str) -> bool {
    let class = line.split(": ").next().unwrap_or_default();
    let is_name =
        class.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'$' | b'_'));
    is_name && class.contains('.') && (class.ends_with("Exception") || class.ends_with("Error"))
}
