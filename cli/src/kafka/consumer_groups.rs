//! `kafka-consumer-groups`: lists, describes and removes groups of consumers, moves and removes their offsets.

mod delete;
mod describe;
mod destination;
mod plan;
mod regex;
mod reset;
mod time;

use ottla_client::{Client, GroupListing};
use ottla_types::java::{DEFAULT_ROOM, hash_order};

pub(super) use self::time::duration;
use super::{
    Stop, Tool, connection,
    errors::Thrown,
    groups::type_name,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{
    client_runtime,
    say::{remark, say},
};

pub(super) const TOOL: Tool =
    Tool::new("kafka-consumer-groups", OPTIONS, run).complaining(|thrown| Stop::Thrown(thrown).uncaught());

const OPTIONS: &[Spec] = &[
    Spec::with(
        "bootstrap-server",
        "String: servers",
        "REQUIRED, but for --validate-regex: brokers to begin with, as host:port,...",
    ),
    connection::COMMAND_CONFIG,
    Spec::flag("list", "List groups of consumers."),
    Spec::flag("describe", "Describe groups: their offsets, members or state."),
    Spec::flag("delete", "Remove groups with their offsets."),
    Spec::flag(
        "reset-offsets",
        "Let groups without members go on from somewhere else: says where from one of the --to- options, --shift-by, --by-duration or --from-file; does it with --execute.",
    ),
    Spec::flag("delete-offsets", "Remove the offsets of a group for topics."),
    Spec::with("validate-regex", "String: regex", "Say whether a regular expression can be subscribed to."),
    Spec::with("group", "String: group", "A group; may be repeated."),
    Spec::flag("all-groups", "All groups."),
    Spec::with("topic", "String: topic", "A topic, or some partitions of it: topic:0,1; may be repeated."),
    Spec::flag("all-topics", "All topics the group has offsets of."),
    Spec::with("timeout", "Long: milliseconds", "How long the groups may take to be described."),
    Spec::flag("members", "Describe the members.").only_with(&["describe"]),
    Spec::flag("offsets", "Describe the offsets; that is done if nothing else is asked for.")
        .only_with(&["describe"]),
    Spec::maybe_with("state", "String", "Describe the state; with --list show it, only of these.")
        .only_with(&["describe", "list"]),
    Spec::maybe_with("type", "String", "With --list: show the type, only of these.").only_with(&["list"]),
    Spec::flag("verbose", "Describe more.").only_with(&["describe"]),
    Spec::flag("dry-run", "Only say where the groups would go on."),
    Spec::flag("execute", "Do it."),
    Spec::flag("export", "Say it as lines for --from-file."),
    Spec::with("to-offset", "Long: offset", "To this offset."),
    Spec::with("to-datetime", "String: time", "To the first record from a time on: YYYY-MM-DDTHH:mm:SS.sss"),
    Spec::with("by-duration", "String: duration", "To the first record not older than that: PnDTnHnMnS"),
    Spec::flag("to-earliest", "To the first record."),
    Spec::flag("to-latest", "Behind the last record."),
    Spec::flag("to-current", "To where they are."),
    Spec::with("shift-by", "Long: number", "So many records on, or back."),
    Spec::with("from-file", "String: file", "To the offsets in a file."),
    HELP,
    VERSION,
];

/// Exactly one of them is done.
const ACTIONS: &[&str] = &["list", "describe", "delete", "reset-offsets", "delete-offsets", "validate-regex"];

fn run(given: &Given) -> Result<(), Stop> {
    check(given)?;
    if ACTIONS.iter().filter(|action| given.has(action)).count() != 1 {
        let all: Vec<_> = ACTIONS.iter().map(|action| format!("--{action}")).collect();
        return Err(Stop::Usage(format!("Command must include exactly one action: {}", all.join(", "))));
    }
    if given.has("validate-regex") {
        say!("{}", regex::verdict(given.value("validate-regex")?.unwrap_or_default()));
        return Ok(());
    }
    act(given).map_err(|stop| match stop {
        Stop::Thrown(thrown) if thrown.class == "java.lang.IllegalArgumentException" => {
            Stop::Usage(thrown.message)
        }
        Stop::Thrown(thrown) => {
            complain(&format!("Executing consumer group command failed due to {}", thrown.message));
            // Kafka's tool ends well even so, and scripts know it.
            Stop::Said(0)
        }
        other => other,
    })
}

fn complain(message: &str) {
    say!("\nError: {message}");
}

fn act(given: &Given) -> Result<(), Stop> {
    given.number::<i64>("timeout")?;
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        if given.has("list") {
            list(&client, given).await
        } else if given.has("describe") {
            describe::describe(&client, given).await
        } else if given.has("delete") {
            delete::groups(&client, given).await
        } else if given.has("reset-offsets") {
            reset::reset(&client, given).await
        } else {
            delete::offsets(&client, given).await
        }
    })
}

/// All groups of consumers: also those that only have offsets.
async fn all(client: &Client) -> Result<Vec<GroupListing>, Stop> {
    let mut groups = client.groups().await?;
    groups.iter_mut().for_each(|group| group.kind = type_name(&group.kind));
    groups.retain(|group| match group.kind.as_str() {
        "Consumer" => true,
        "Classic" | "" => matches!(group.protocol.as_str(), "consumer" | ""),
        _ => false,
    });
    Ok(hash_order(groups, DEFAULT_ROOM, |group| group.id.clone()))
}

/// The groups that `--group` or `--all-groups` names.
async fn wanted(client: &Client, given: &Given) -> Result<Vec<String>, Stop> {
    if given.has("all-groups") {
        return Ok(all(client).await?.into_iter().map(|group| group.id).collect());
    }
    Ok(given.values("group").into_iter().map(str::to_owned).collect())
}

async fn list(client: &Client, given: &Given) -> Result<(), Stop> {
    const STATES: &[&str] =
        &["PreparingRebalance", "Dead", "Stable", "Empty", "CompletingRebalance", "Assigning", "Reconciling"];
    let states = filter(given.value("state")?, "state list", "states", STATES)?;
    let types = filter(given.value("type")?, "types list", "types", &["Consumer", "Classic"])?;
    let mut groups = all(client).await?;
    let (show_type, show_state) = (given.has("type"), given.has("state"));
    if !show_type && !show_state {
        groups.iter().for_each(|group| say!("{}", group.id));
        return Ok(());
    }
    groups.retain(|group| {
        let fits = |wanted: &[&str], value: &str| wanted.is_empty() || wanted.contains(&value);
        fits(&states, &group.state) && fits(&types, &group.kind)
    });
    let width = groups.iter().map(|group| group.id.len()).chain([15]).max().unwrap_or(15) + 10;
    let line = |id: &str, kind: &str, state: &str| {
        let kind = if show_type { format!(" {kind:20}") } else { String::new() };
        let state = if show_state { format!(" {state:20}") } else { String::new() };
        say!("{id:width$}{kind}{state}");
    };
    line("GROUP", "TYPE", "STATE");
    groups.iter().for_each(|group| line(&group.id, &group.kind, &group.state));
    Ok(())
}

/// The values of a filter, as they are spelled; none where nothing is filtered.
fn filter(
    text: Option<&str>,
    what: &str,
    valid: &str,
    known: &[&'static str],
) -> Result<Vec<&'static str>, Thrown> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
    let one = |name: &str| known.iter().find(|known| known.eq_ignore_ascii_case(name.trim())).copied();
    text.split(',').map(one).collect::<Option<_>>().ok_or_else(|| {
        let known = known.join(", ");
        Thrown::illegal_argument(format!("Invalid {what} '{text}'. Valid {valid} are: {known}"))
    })
}

fn check(given: &Given) -> Result<(), Stop> {
    given.help_or_version(
        "This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.",
    )?;
    if !given.has("validate-regex") {
        given.require(&["bootstrap-server"])?;
    }
    let usage = |message: &str| Err(Stop::Usage(message.to_owned()));
    let has_group = given.has("group") || given.has("all-groups");
    if given.has("describe") {
        if !has_group {
            return usage("Option [describe] takes one of these options: [all-groups], [group]");
        }
        if ["members", "offsets", "state"].iter().filter(|part| given.has(part)).count() > 1 {
            return usage(
                "Option [describe] takes at most one of these options: [members], [offsets], [state]",
            );
        }
        if given.value("state")?.is_some() {
            return usage("Option [describe] does not take a value for [state]");
        }
    }
    if given.has("delete") {
        if !has_group {
            return usage("Option [delete] takes one of these options: [all-groups], [group]");
        }
        if given.has("topic") {
            return usage(
                "The consumer does not support topic-specific offset deletion from a consumer group.",
            );
        }
    }
    if given.has("delete-offsets") && !(given.has("group") && given.has("topic")) {
        return usage("Option [delete-offsets] takes the following options: [group], [topic]");
    }
    if given.has("reset-offsets") {
        check_reset(given, has_group)?;
    }
    given.exclude("group", &["all-groups"])?;
    given.exclude("group", &["list"])?;
    given.exclude("topic", &["list", "describe"])
}

fn check_reset(given: &Given, has_group: bool) -> Result<(), Stop> {
    let usage = |message: &str| Err(Stop::Usage(message.to_owned()));
    match (given.has("dry-run"), given.has("execute")) {
        (true, true) => {
            return usage("Option [reset-offsets] only accepts one of [execute] and [dry-run]");
        }
        (false, false) => remark(
            "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.",
        ),
        _ => {}
    }
    if !has_group {
        return usage("Option [reset-offsets] takes one of these options: [all-groups], [group]");
    }
    for way in destination::WAYS {
        let others: Vec<_> = destination::WAYS.iter().copied().filter(|other| other != way).collect();
        given.exclude(way, &others)?;
    }
    Ok(())
}
