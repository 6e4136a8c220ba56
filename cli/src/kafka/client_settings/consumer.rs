//! Settings of a consumer.

use std::time::Duration;

use ottla_client::{ClassicAssignor, ConsumerOptions, GroupProtocol, Reset};
use ottla_config::{Properties, Scope};

use super::{CONFIG_EXCEPTION, Checked};
use crate::kafka::{consumer_groups::duration, errors::Thrown};

pub(super) const USED: &[&str] = &[
    "auto.commit.interval.ms",
    "auto.offset.reset",
    "client.rack",
    "enable.auto.commit",
    "fetch.max.bytes",
    "fetch.max.wait.ms",
    "fetch.min.bytes",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "group.remote.assignor",
    "heartbeat.interval.ms",
    "isolation.level",
    "max.partition.fetch.bytes",
    "max.poll.interval.ms",
    "max.poll.records",
    "partition.assignment.strategy",
    "request.timeout.ms",
    "retry.backoff.ms",
    "session.timeout.ms",
];

/// Checksums are always verified, topics made where the broker does that, and Kafka's own not kept back.
pub(super) const HARMLESS: &[&str] =
    &["allow.auto.create.topics", "check.crcs", "default.api.timeout.ms", "exclude.internal.topics"];

/// A consumer's options, as a member of a group.
#[derive(Debug)]
pub(crate) struct ConsumerSettings {
    pub(crate) options: ConsumerOptions,
    pub(crate) group: Option<String>,
    /// `max.poll.records`.
    pub(crate) poll_records: usize,
}

pub(crate) fn consumer(properties: &Properties) -> Result<ConsumerSettings, Thrown> {
    let settings = Checked::new(Scope::Consumer, properties, USED, HARMLESS)?;
    let mut options = ConsumerOptions {
        protocol: GroupProtocol::Classic,
        reset: reset(settings.text("auto.offset.reset"))?,
        read_committed: settings.text("isolation.level") == Some("read_committed"),
        instance_id: settings.text("group.instance.id").map(str::to_owned),
        server_assignor: settings.text("group.remote.assignor").map(str::to_owned),
        rack: settings.text("client.rack").unwrap_or_default().to_owned(),
        ..ConsumerOptions::default()
    };
    settings.set_number("fetch.min.bytes", &mut options.min_bytes)?;
    settings.set_number("fetch.max.bytes", &mut options.max_bytes)?;
    settings.set_number("max.partition.fetch.bytes", &mut options.partition_max_bytes)?;
    settings.set_millis("fetch.max.wait.ms", &mut options.max_wait)?;
    settings.set_millis("session.timeout.ms", &mut options.session_timeout)?;
    settings.set_millis("heartbeat.interval.ms", &mut options.heartbeat_interval)?;
    settings.set_millis("max.poll.interval.ms", &mut options.max_poll_interval)?;
    settings.set_millis("request.timeout.ms", &mut options.request_timeout)?;
    settings.set_millis("retry.backoff.ms", &mut options.retry_backoff)?;
    options.buffer_bytes = options.buffer_bytes.max(options.partition_max_bytes);
    let mut interval = Duration::from_secs(5);
    settings.set_millis("auto.commit.interval.ms", &mut interval)?;
    options.auto_commit = settings.is("enable.auto.commit").unwrap_or(true).then_some(interval);
    if settings.text("group.protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("consumer")) {
        options.protocol = GroupProtocol::Consumer;
        check_protocol(&settings)?;
    }
    if let Some(names) = settings.text("partition.assignment.strategy") {
        options.assignors = names.split(',').map(|name| assignor(name.trim())).collect::<Result<_, _>>()?;
    }
    let mut poll_records = 500;
    settings.set_number("max.poll.records", &mut poll_records)?;
    let group = settings.text("group.id").map(str::to_owned);
    Ok(ConsumerSettings { options, group, poll_records })
}

/// Some settings are the broker's where the coordinator shares the partitions.
fn check_protocol(settings: &Checked<'_>) -> Result<(), Thrown> {
    let classic = ["partition.assignment.strategy", "heartbeat.interval.ms", "session.timeout.ms"];
    match classic.iter().find(|key| settings.text(key).is_some()) {
        Some(key) => {
            Err(Thrown::new(CONFIG_EXCEPTION, format!("{key} cannot be set when group.protocol=CONSUMER")))
        }
        None => Ok(()),
    }
}

fn reset(text: Option<&str>) -> Result<Reset, Thrown> {
    let wrong = |text: &str| {
        let why = format!(
            "Invalid value {text} for configuration auto.offset.reset: Invalid value `{text}` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
        );
        Thrown::new(CONFIG_EXCEPTION, why)
    };
    match text.map(|text| (text, text.to_ascii_lowercase())) {
        None => Ok(Reset::Latest),
        Some((_, lower)) if lower == "latest" => Ok(Reset::Latest),
        Some((_, lower)) if lower == "earliest" => Ok(Reset::Earliest),
        Some((_, lower)) if lower == "none" => Ok(Reset::Fail),
        Some((text, lower)) if lower.starts_with("by_duration:") => {
            let duration = duration(&text["by_duration:".len()..]).ok();
            let millis = duration.and_then(|millis| u64::try_from(millis).ok());
            millis.map(Duration::from_millis).map(Reset::Since).ok_or_else(|| wrong(text))
        }
        Some((text, _)) => Err(wrong(text)),
    }
}

fn assignor(class: &str) -> Result<ClassicAssignor, Thrown> {
    match class.rsplit('.').next().unwrap_or_default() {
        "RangeAssignor" => Ok(ClassicAssignor::Range),
        "RoundRobinAssignor" => Ok(ClassicAssignor::RoundRobin),
        "StickyAssignor" => Ok(ClassicAssignor::Sticky),
        "CooperativeStickyAssignor" => Ok(ClassicAssignor::CooperativeSticky),
        // Classes of other people's are not there.
        _ => Err(super::failed("consumer", &Thrown::new("java.lang.ClassNotFoundException", class))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<ConsumerSettings, Thrown> {
        let mut properties = Properties::default();
        pairs.iter().for_each(|(key, value)| properties.set(*key, *value));
        consumer(&properties)
    }

    #[test]
    fn what_a_setting_says_is_an_option() {
        let set = settings(&[
            ("auto.offset.reset", "earliest"),
            ("enable.auto.commit", "false"),
            ("max.poll.records", "7"),
            ("partition.assignment.strategy", "org.apache.kafka.clients.consumer.StickyAssignor"),
            ("group.id", "g"),
        ]);
        let set = set.expect("it is right");
        assert_eq!(
            (set.options.reset, set.options.auto_commit, set.poll_records),
            (Reset::Earliest, None, 7)
        );
        assert_eq!((set.options.assignors, set.group.as_deref()), (vec![ClassicAssignor::Sticky], Some("g")));
        assert_eq!(set.options.protocol, GroupProtocol::Classic, "as Java's consumer");
        let since = settings(&[("auto.offset.reset", "by_duration:PT2S")]).expect("it is right");
        assert_eq!(since.options.reset, Reset::Since(Duration::from_secs(2)));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        let why = |pairs: &[(&str, &str)]| settings(pairs).expect_err("it is wrong").message;
        assert!(why(&[("auto.offset.reset", "never")]).starts_with("Invalid value never"));
        assert!(why(&[("auto.offset.reset", "by_duration:-PT2S")]).starts_with("Invalid value by_duration"));
        assert_eq!(why(&[("interceptor.classes", "a.B")]), "interceptor.classes is not supported yet");
        assert_eq!(
            why(&[("group.protocol", "consumer"), ("session.timeout.ms", "1000")]),
            "session.timeout.ms cannot be set when group.protocol=CONSUMER"
        );
    }
}
