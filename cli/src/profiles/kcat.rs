//! kcat's files: `key=value` on each line, with the keys of librdkafka.

use super::Profile;
use crate::settings;

/// Keys that Java's clients call something else.
const NAMES: &[(&str, &str)] = &[
    ("compression.codec", "compression.type"),
    ("fetch.message.max.bytes", "max.partition.fetch.bytes"),
    ("fetch.wait.max.ms", "fetch.max.wait.ms"),
    ("max.in.flight", "max.in.flight.requests.per.connection"),
    ("message.max.bytes", "max.request.size"),
    ("message.send.max.retries", "retries"),
    ("message.timeout.ms", "delivery.timeout.ms"),
    ("metadata.broker.list", "bootstrap.servers"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("request.required.acks", "acks"),
    ("sasl.mechanisms", "sasl.mechanism"),
    ("socket.timeout.ms", "request.timeout.ms"),
    ("topic.metadata.refresh.interval.ms", "metadata.max.age.ms"),
];

/// Keys that change nothing a record shows, or what librdkafka says about itself.
const WITHOUT_EFFECT: &[&str] = &[
    "api.version.fallback.ms",
    "api.version.request",
    "broker.address.family",
    "broker.address.ttl",
    "broker.version.fallback",
    "debug",
    "log.connection.close",
    "log_level",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "socket.keepalive.enable",
    "socket.nagle.disable",
    "statistics.interval.ms",
];

/// Settings, and what was left out.
pub(super) fn parse(text: &str) -> Result<(Profile, Vec<String>), String> {
    let (mut profile, mut remarks) = (Profile::new(), Vec::new());
    let lines = text.lines().map(str::trim).enumerate();
    for (at, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let number = at + 1;
        let (theirs, value) =
            line.split_once('=').ok_or_else(|| format!("line {number}: expected key=value"))?;
        let (theirs, value) = (theirs.trim(), value.trim());
        if WITHOUT_EFFECT.contains(&theirs) {
            remarks.push(format!("{theirs} is left out: it has no effect here"));
            continue;
        }
        let ours = NAMES.iter().find(|(name, _)| *name == theirs).map_or(theirs, |(_, ours)| *ours);
        let value = value_of(ours, value);
        let wrong = |why: String| {
            let here = if ours == theirs { String::new() } else { format!("{theirs}: ") };
            format!("line {number}: {here}{why}")
        };
        if is_security(ours) && settings::find(ours).is_none() {
            return Err(wrong(format!("{ours} is not supported yet")));
        }
        settings::check(ours, &value).map_err(|why| wrong(suggested(ours, why)))?;
        profile.insert(ours.to_owned(), value);
    }
    Ok((profile, remarks))
}

/// librdkafka has keys of its own for what Java puts into one.
fn is_security(key: &str) -> bool {
    ["sasl.", "ssl.", "enable.sasl.", "enable.ssl.", "oauthbearer_"]
        .iter()
        .any(|start| key.starts_with(start))
}

/// A key neither knows may be one of librdkafka's, mistyped.
fn suggested(key: &str, why: String) -> String {
    if settings::find(key).is_some() || why.contains("did you mean") {
        return why;
    }
    let theirs = NAMES.iter().map(|(name, _)| *name).chain(WITHOUT_EFFECT.iter().copied());
    match ottla_config::nearest(key, theirs) {
        Some(near) => format!("{why}; did you mean `{near}`?"),
        None => why,
    }
}

/// What Java's clients call the same.
fn value_of(key: &str, value: &str) -> String {
    let own = match (key, value) {
        ("auto.offset.reset", "smallest" | "beginning") => "earliest",
        ("auto.offset.reset", "largest" | "end") => "latest",
        ("auto.offset.reset", "error") => "none",
        ("partition.assignment.strategy", names) => {
            return names.split(',').map(assignor).collect::<Vec<_>>().join(",");
        }
        (_, value) => value,
    };
    own.to_owned()
}

fn assignor(name: &str) -> String {
    let class = match name.trim() {
        "range" => "RangeAssignor",
        "roundrobin" => "RoundRobinAssignor",
        "cooperative-sticky" => "CooperativeStickyAssignor",
        other => return other.to_owned(),
    };
    format!("org.apache.kafka.clients.consumer.{class}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn librdkafkas_keys_become_javas() {
        let text = "# mine\nmetadata.broker.list=a:1\n\nauto.offset.reset = smallest\nfetch.wait.max.ms=7\n\
                    partition.assignment.strategy=range,cooperative-sticky\nsecurity.protocol=plaintext\nlog_level=7\n";
        let (profile, remarks) = parse(text).expect("it can be read");
        let pairs: Vec<_> = profile.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let assignors = "org.apache.kafka.clients.consumer.RangeAssignor,\
                         org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
        assert_eq!(
            pairs,
            [
                ("auto.offset.reset", "earliest"),
                ("bootstrap.servers", "a:1"),
                ("fetch.max.wait.ms", "7"),
                ("partition.assignment.strategy", assignors),
                ("security.protocol", "plaintext"),
            ]
        );
        assert_eq!(remarks, ["log_level is left out: it has no effect here"]);
    }

    #[test]
    fn what_is_not_known_or_not_done_is_refused() {
        let why = |text: &str| parse(text).expect_err("it is wrong");
        assert_eq!(why("\nnonsense"), "line 2: expected key=value");
        assert!(why("metadata.broker.lst=a:1").ends_with("did you mean `metadata.broker.list`?"));
        assert!(why("fetch.wait.max.ms=soon").starts_with("line 1: fetch.wait.max.ms: "));
        assert!(
            why("security.protocol=sasl_ssl").contains("security.protocol=sasl_ssl is not supported yet")
        );
        assert!(why("sasl.mechanisms=PLAIN").contains("sasl.mechanism=PLAIN is not supported yet"));
        let password = why("sasl.password=hunter2");
        assert!(password.contains("sasl.password") && !password.contains("hunter2"), "{password}");
    }
}
