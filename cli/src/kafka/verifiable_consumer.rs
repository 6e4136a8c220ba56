//! `kafka-verifiable-consumer`: a member of a group that says everything that happens to it.

mod look;

use std::time::Duration;

use ottla_client::{AssignmentChange, CommitError, Consumer, TopicPartition};
use ottla_config::Properties;
use serde_json::json;

use self::look::Look;
use super::{
    Stop, Tool,
    argparse::{Grammar, Kind, Parsed, flag, value},
    client_properties,
    client_settings::{self, ConsumerSettings},
    connection,
    errors::Thrown,
    events::{list, object, tell, tell_raw},
    signals::asked_to_end,
};
use crate::verbs::{client_runtime, say::remark};

pub(super) const TOOL: Tool = Tool::of_words("kafka-verifiable-consumer", run);

const GRAMMAR: Grammar = Grammar {
    program: "verifiable-consumer",
    about: "This tool reads a topic as a member of a group and prints what happens to it as JSON.",
    options: &[
        value("--bootstrap-server").required().says("Brokers to begin with, as host:port,..."),
        value("--topic").required().says("The topic to read."),
        value("--group-id").required().says("The group to be a member of."),
        value("--group-protocol").says("classic or consumer. (default: classic)"),
        value("--group-remote-assignor").says("How the coordinator shares, under the consumer protocol."),
        value("--group-instance-id").says("The name of a static member."),
        value("--max-messages").of(Kind::Int).says("Read so many; -1 until somebody ends it. (default: -1)"),
        value("--session-timeout")
            .of(Kind::Int)
            .says("Milliseconds without a sign of life, under the classic protocol. (default: 30000)"),
        flag("--verbose").says("Say each record."),
        flag("--enable-autocommit").says("Commit now and then, not after each look."),
        value("--reset-policy").says("Where to begin: earliest, latest or none. (default: earliest)"),
        value("--assignment-strategy")
            .says("How members share, under the classic protocol. (default: range)"),
        value("--consumer.config").says("The old name of --command-config."),
        value("--command-config").says("A file with properties of the consumer; the options count more."),
    ],
    commands: &[],
    one_of: &[],
};

/// How long leaving the group may take.
const GOODBYE: Duration = Duration::from_secs(30);

fn run(words: &[String]) -> Result<(), Stop> {
    let parsed = GRAMMAR.read_or_show(words)?;
    let properties = properties(&parsed)?;
    perform(&parsed, &properties).map_err(Stop::uncaught)
}

/// What the options say counts.
fn properties(parsed: &Parsed) -> Result<Properties, Stop> {
    let mut properties = client_properties::file(&GRAMMAR, parsed, "--consumer.config")?;
    let mut set = |key: &str, option: &str, otherwise: Option<&str>| {
        if let Some(value) = parsed.value(option).or(otherwise) {
            properties.set(key, value);
        }
    };
    match parsed.value("--group-protocol") {
        Some(protocol) if protocol.eq_ignore_ascii_case("consumer") => {
            set("group.protocol", "--group-protocol", None);
            set("group.remote.assignor", "--group-remote-assignor", None);
        }
        _ => {
            let range = "org.apache.kafka.clients.consumer.RangeAssignor";
            set("partition.assignment.strategy", "--assignment-strategy", Some(range));
            set("session.timeout.ms", "--session-timeout", Some("30000"));
        }
    }
    set("group.id", "--group-id", None);
    set("group.instance.id", "--group-instance-id", None);
    set("bootstrap.servers", "--bootstrap-server", None);
    set("auto.offset.reset", "--reset-policy", Some("earliest"));
    let commits = parsed.has("--enable-autocommit");
    properties.set("enable.auto.commit", if commits { "true" } else { "false" });
    Ok(properties)
}

fn perform(parsed: &Parsed, properties: &Properties) -> Result<(), Stop> {
    let ConsumerSettings { options, group, poll_records } = client_settings::consumer(properties)?;
    let servers = client_settings::servers(properties, "consumer")?;
    let limit = parsed.number::<i64>("--max-messages").and_then(|limit| usize::try_from(limit).ok());
    let mut member = Member {
        limit,
        consumed: 0,
        poll_records,
        commits: options.auto_commit.is_none(),
        is_verbose: parsed.has("--verbose"),
    };
    client_runtime()?.block_on(async {
        let client = connection::connect(&servers).await?;
        tell("startup_complete", &[]);
        let topic = parsed.value("--topic").unwrap_or_default();
        let consumer = client.consumer().options(options).group(group.unwrap_or_default()).topics([topic]);
        let consumer = consumer.start().await.map_err(|error| Thrown::illegal_argument(error.to_string()))?;
        member.run(consumer).await
    })
}

#[derive(Debug)]
struct Member {
    /// So many records, and not more.
    limit: Option<usize>,
    consumed: usize,
    poll_records: usize,
    /// It commits by itself what it has read, each time.
    commits: bool,
    is_verbose: bool,
}

impl Member {
    async fn run(&mut self, mut consumer: Consumer) -> Result<(), Stop> {
        let mut changes = consumer.assignment_changes();
        let mut ended = std::pin::pin!(asked_to_end());
        let mut look = Look::default();
        let mut code = 0;
        while !self.is_finished() {
            tokio::select! {
                biased;
                Some(change) = changes.next() => on_change(&change),
                asked = &mut ended => {
                    code = asked?;
                    tell("shutdown_requested", &[]);
                    break;
                }
                next = consumer.next(), if look.count() < self.poll_records => match next {
                    Some(Ok(record)) => look.add(record),
                    Some(Err(error)) => {
                        remark(&format!("Error during processing, terminating consumer process: {error}"));
                        break;
                    }
                    None => break,
                },
                // Nothing more is there now.
                () = std::future::ready(()), if look.count() > 0 => {
                    self.on_look(&consumer, std::mem::take(&mut look)).await;
                }
            }
        }
        if let Err(error) = consumer.close(GOODBYE).await {
            remark(&error.to_string());
        }
        while let Some(change) = changes.next().await {
            on_change(&change);
        }
        tell("shutdown_complete", &[]);
        if code == 0 {
            // Its JVM asks it to, once it ends.
            tell("shutdown_requested", &[]);
            return Ok(());
        }
        Err(Stop::Said(code))
    }

    fn is_finished(&self) -> bool {
        self.limit.is_some_and(|limit| self.consumed >= limit)
    }

    /// Says what came and commits it.
    async fn on_look(&mut self, consumer: &Consumer, look: Look) {
        let left = self.limit.map_or(usize::MAX, |limit| limit - self.consumed);
        let taken = look.taken(left);
        self.consumed += taken.iter().map(look::Taken::count).sum::<usize>();
        if self.is_verbose {
            taken.iter().for_each(look::Taken::tell_records);
        }
        let partitions = list(taken.iter().map(look::Taken::summary));
        tell_raw(
            "records_consumed",
            &[("count", json!(look.count()).to_string()), ("partitions", partitions)],
        );
        for part in &taken {
            consumer.mark(part.last());
        }
        if self.commits {
            let offsets = list(taken.iter().map(look::Taken::commit));
            on_committed(offsets, consumer.commit().await);
        }
    }
}

fn on_committed(offsets: String, result: Result<(), CommitError>) {
    let mut fields = vec![("offsets", offsets)];
    if let Err(error) = &result {
        let message = match error {
            CommitError::Refused { code, .. } => Thrown::of_code(*code, None).message,
            other => other.to_string(),
        };
        fields.push(("error", json!(message).to_string()));
    }
    fields.push(("success", result.is_ok().to_string()));
    tell_raw("offsets_committed", &fields);
}

fn on_change(change: &AssignmentChange) {
    let (name, partitions) = match change {
        AssignmentChange::Assigned(partitions) => ("partitions_assigned", partitions),
        // Whoever has no words of its own for what is lost takes it for revoked.
        AssignmentChange::Revoked(partitions) | AssignmentChange::Lost(partitions) => {
            ("partitions_revoked", partitions)
        }
    };
    let one = |at: &TopicPartition| {
        object(&[("topic", json!(at.topic.to_string())), ("partition", json!(at.partition))])
    };
    tell_raw(name, &[("partitions", list(partitions.iter().map(one)))]);
}
