//! `kafka-topics`: makes, lists, describes, grows and removes topics.

mod change;
mod describe;

use ottla_client::Client;

use super::{
    Stop, Tool, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
    topic_filter::{TopicFilter, is_internal},
};
use crate::verbs::{
    client_runtime,
    say::{remark, say},
};

pub(super) const TOOL: Tool = Tool::new("kafka-topics", OPTIONS, run);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "REQUIRED: brokers to begin with, as host:port,..."),
    connection::COMMAND_CONFIG,
    Spec::flag("list", "List topics."),
    Spec::flag("create", "Make a topic."),
    Spec::flag("delete", "Remove topics."),
    Spec::flag("alter", "Give topics more partitions. Their settings are changed by kafka-configs."),
    Spec::flag("describe", "Show topics with their partitions."),
    Spec::with("topic", "String: topic", "The topic; for all but --create a regular expression of names."),
    Spec::with("topic-id", "String: id", "The topic to describe, by its id."),
    Spec::with("config", "String: name=value", "A setting of the topic that is made; may be repeated."),
    Spec::with("delete-config", "String: name", "Not supported any more."),
    Spec::with(
        "partitions",
        "Integer: number",
        "How many partitions there shall be; the broker's default otherwise.",
    ),
    Spec::with(
        "replication-factor",
        "Integer: number",
        "How many replicas there shall be; the broker's default otherwise.",
    ),
    Spec::with(
        "replica-assignment",
        "String: brokers",
        "The brokers of each partition's replicas: 1:2,2:3 are two partitions with two replicas.",
    ),
    Spec::flag("under-replicated-partitions", "Describe only partitions with replicas that are not in sync."),
    Spec::flag("unavailable-partitions", "Describe only partitions without a leader that is there."),
    Spec::flag(
        "under-min-isr-partitions",
        "Describe only partitions with fewer replicas in sync than min.insync.replicas.",
    ),
    Spec::flag("at-min-isr-partitions", "Describe only partitions with exactly min.insync.replicas in sync."),
    Spec::flag("topics-with-overrides", "Describe only topics with settings of their own."),
    Spec::flag("if-exists", "A topic that is not there is no error."),
    Spec::flag("if-not-exists", "A topic that is there already is no error."),
    Spec::flag("exclude-internal", "Leave out Kafka's own topics."),
    Spec::with(
        "partition-size-limit-per-response",
        "Integer: number",
        "How many partitions one answer of the broker may hold.",
    ),
    HELP,
    VERSION,
];

/// Exactly one of them is done.
const ACTIONS: &[&str] = &["alter", "create", "describe", "list", "delete"];
const REPORTS: &[&str] = &[
    "under-replicated-partitions",
    "under-min-isr-partitions",
    "at-min-isr-partitions",
    "unavailable-partitions",
];

fn run(given: &Given) -> Result<(), Stop> {
    check(given)?;
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    let done = client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        act(&client, given).await
    });
    done.map_err(|stop| match stop {
        Stop::Thrown(thrown) => {
            say!("Error while executing topic command : {}", thrown.message);
            Stop::Said(1)
        }
        other => other,
    })
}

async fn act(client: &Client, given: &Given) -> Result<(), Stop> {
    if given.has("create") {
        change::create(client, given).await
    } else if given.has("alter") {
        change::alter(client, given).await
    } else if given.has("list") {
        say!("{}", found(client, given).await?.join("\n"));
        Ok(())
    } else if given.has("describe") {
        describe::describe(client, given).await
    } else {
        change::delete(client, given).await
    }
}

/// The names that `--topic` and `--exclude-internal` leave, sorted.
async fn found(client: &Client, given: &Given) -> Result<Vec<String>, Stop> {
    let names: Vec<String> = client.topics().await?.into_iter().map(|topic| topic.name).collect();
    let exclude_internal = given.has("exclude-internal");
    let Some(pattern) = given.value("topic")? else {
        return Ok(names.into_iter().filter(|name| !(exclude_internal && is_internal(name))).collect());
    };
    let filter = TopicFilter::new(pattern)?;
    Ok(names.into_iter().filter(|name| filter.allows(name, exclude_internal)).collect())
}

/// Those of [`found`]; that there are none is an error unless `--if-exists` says otherwise.
async fn found_or_refused(client: &Client, given: &Given) -> Result<Vec<String>, Stop> {
    let names = found(client, given).await?;
    match given.value("topic")? {
        Some(topic) if names.is_empty() && !topic.is_empty() && !given.has("if-exists") => {
            Err(Thrown::illegal_argument(format!("Topic '{topic}' does not exist as expected")).into())
        }
        _ => Ok(names),
    }
}

fn check(given: &Given) -> Result<(), Stop> {
    if given.is_empty() {
        return Err(Stop::Usage("Create, delete, describe, or change a topic.".into()));
    }
    given.help_or_version("This tool helps to create, delete, describe, or change a topic.")?;
    if ACTIONS.iter().filter(|action| given.has(action)).count() != 1 {
        let one =
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete";
        return Err(Stop::Usage(one.into()));
    }
    if given.has("delete-config") {
        remark(
            "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully removed in future releases.",
        );
    }
    check_required(given)?;
    let all_but = |allowed: &[&str]| -> Vec<&str> {
        ACTIONS.iter().copied().filter(|action| !allowed.contains(action)).collect()
    };
    given.exclude("config", &all_but(&["alter", "create"]))?;
    given.exclude("partitions", &all_but(&["alter", "create"]))?;
    given.exclude("replication-factor", &all_but(&["create"]))?;
    given.exclude("replica-assignment", &all_but(&["alter", "create"]))?;
    if given.has("create") {
        given.exclude("replica-assignment", &["partitions", "replication-factor"])?;
    }
    let reported = [all_but(&["describe"]), vec!["topics-with-overrides"]].concat();
    for report in REPORTS {
        given.exclude(report, &reported)?;
    }
    given.exclude("topics-with-overrides", &[all_but(&["describe"]), REPORTS.to_vec()].concat())?;
    given.exclude("if-exists", &all_but(&["alter", "delete", "describe"]))?;
    given.exclude("if-not-exists", &all_but(&["create"]))?;
    given.exclude("exclude-internal", &all_but(&["list", "describe"]))
}

fn check_required(given: &Given) -> Result<(), Stop> {
    if !given.has("bootstrap-server") {
        return Err(Thrown::illegal_argument("--bootstrap-server must be specified").into());
    }
    if given.has("describe") && given.has("if-exists") {
        match (given.has("topic"), given.has("topic-id")) {
            (false, false) => {
                return Err(Stop::Usage("--topic or --topic-id is required to describe a topic".into()));
            }
            (true, true) => say!(
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID"
            ),
            _ => {}
        }
    }
    if !given.has("list") && !given.has("describe") {
        given.require(&["topic"])?;
    }
    if given.has("alter") {
        if given.has("config") {
            return Err(Stop::Usage(
                "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To alter topic configurations, the kafka-configs tool can be used.)".into(),
            ));
        }
        given.require(&["partitions"])?;
    }
    Ok(())
}
