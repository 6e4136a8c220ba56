//! What decides is pure: no clock, file, runtime or random source in the layers of words and decisions.

use super::{Source, numbered};

/// Crates of layers 0 and 1.
const PURE: [&str; 9] =
    ["types", "wire", "records", "config", "quorum", "metadata", "replication", "coordinator", "assign"];

/// What they may not name, and what to do instead.
const BANNED: [(&str, &str); 9] = [
    ("std::fs", "let `disk` read it and pass the bytes in"),
    ("std::time::", "take the time as `Millis`"),
    ("SystemTime", "take the time as `Millis`"),
    ("Instant::", "take the time as `Millis`"),
    ("std::net::Tcp", "let `net` speak"),
    ("std::thread", "let the shell run it"),
    ("tokio::", "let the shell run it"),
    ("getrandom", "take random bytes as an argument"),
    ("RandomState", "iteration order must not depend on the process"),
];

pub(super) fn check(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust() && is_pure(source)) {
        for (place, line) in numbered(source).take_while(|(_, line)| !line.starts_with("#[cfg(test)]")) {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let named = BANNED.iter().filter(|(word, _)| line.contains(word));
            found
                .extend(named.map(|(word, instead)| format!("{place}: `{word}` in a pure crate: {instead}")));
        }
    }
    found
}

/// `<crate>/src/…`, tests aside. `config` may read a file that somebody named on the command line.
fn is_pure(source: &Source) -> bool {
    let path = source.path.to_string_lossy();
    let mut parts = path.split('/');
    let (Some(name), Some("src")) = (parts.next(), parts.next()) else { return false };
    PURE.contains(&name) && !path.contains("/tests/") && !path.ends_with("tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_in_a_pure_crate_is_found_and_one_in_a_test_is_not() {
        let text = "fn now() { SystemTime::now(); }\n#[cfg(test)]\nmod tests { use std::fs; }\n".to_owned();
        let sources = ["quorum/src/a.rs", "broker/src/a.rs"]
            .map(|path| Source { path: path.into(), text: text.clone() });
        let found = check(&sources);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("quorum/src/a.rs:1: `SystemTime`"), "{found:?}");
    }
}
