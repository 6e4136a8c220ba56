//! `kafka-groups`: lists groups of every type.

use ottla_client::GroupListing;
use ottla_types::java::{DEFAULT_ROOM, hash_order};

use super::{
    Stop, Tool, connection,
    errors::Thrown,
    options::{Given, HELP, Spec, VERSION},
};
use crate::verbs::{client_runtime, say::say};

pub(super) const TOOL: Tool = Tool::new("kafka-groups", OPTIONS, run);

const OPTIONS: &[Spec] = &[
    Spec::with("bootstrap-server", "String: servers", "Brokers to begin with, as host:port,...").required(),
    connection::COMMAND_CONFIG,
    Spec::flag("list", "List groups."),
    Spec::flag(
        "consumer",
        "Only groups of consumers: of type consumer, and classic ones whose protocol is consumer or empty.",
    ),
    Spec::with(
        "group-type",
        "String: type",
        "Only groups of this type: classic, consumer, share or streams.",
    ),
    Spec::with("protocol", "String: protocol", "Only groups with this protocol."),
    Spec::flag("share", "Only share groups."),
    Spec::flag("streams", "Only streams groups."),
    HELP,
    VERSION,
];

const TYPES: &[&str] = &["Classic", "Consumer", "Share", "Streams"];

/// A type as Java's client spells it, whatever the broker does; nothing where it knows none.
pub(super) fn type_name(kind: &str) -> String {
    let known = TYPES.iter().find(|known| known.eq_ignore_ascii_case(kind));
    known.copied().unwrap_or_default().to_owned()
}

/// Narrower columns look crowded.
const WIDTH: usize = 20;

fn run(given: &Given) -> Result<(), Stop> {
    given.help_or_version("This tool helps to list groups of all types.")?;
    if !given.has("list") {
        return Err(Stop::Usage("Command must include exactly one action: --list.".into()));
    }
    given.exclude("consumer", &["group-type", "protocol", "share", "streams"])?;
    given.exclude("share", &["consumer", "group-type", "protocol", "streams"])?;
    given.exclude("streams", &["consumer", "group-type", "protocol", "share"])?;
    let wanted = given.value("group-type")?.map(|name| {
        let known = TYPES.iter().find(|known| known.eq_ignore_ascii_case(name));
        known.copied().ok_or_else(|| Thrown::illegal_argument("--group-type must be a valid group type."))
    });
    let wanted = wanted.transpose()?;
    let protocol = given.value("protocol")?;
    let fits = |group: &GroupListing| {
        if given.has("consumer") {
            let consumers = group.protocol.is_empty() || group.protocol == "consumer";
            group.kind == "Consumer" || group.kind == "Classic" && consumers
        } else if given.has("share") {
            group.kind == "Share"
        } else if given.has("streams") {
            group.kind == "Streams"
        } else {
            wanted.is_none_or(|kind| kind == group.kind) && protocol.is_none_or(|of| of == group.protocol)
        }
    };
    let properties = connection::properties(given, "command-config")?;
    let bootstrap = connection::bootstrap(given, &properties)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        let groups = client
            .groups()
            .await?
            .into_iter()
            .map(|group| GroupListing { kind: type_name(&group.kind), ..group });
        let groups = groups.filter(fits);
        print(&hash_order(groups, DEFAULT_ROOM, |group| group.id.clone()));
        Ok(())
    })
}

fn print(groups: &[GroupListing]) {
    let cells = |group: &GroupListing| [group.id.len(), group.kind.len(), group.protocol.len()];
    let width = groups.iter().flat_map(cells).chain([WIDTH]).max().unwrap_or(WIDTH);
    say!("{:width$} {:width$} {:width$}", "GROUP", "TYPE", "PROTOCOL");
    for group in groups {
        // Rows end in a space, the head does not.
        say!("{:width$} {:width$} {:width$} ", group.id, group.kind, group.protocol);
    }
}
