//! The cluster a tool talks to: `--bootstrap-server`, and the file of `--command-config`.

use ottla_client::{Client, ClientOptions};
use ottla_config::Properties;

use super::{
    Stop,
    argparse::Parsed,
    errors::Thrown,
    options::{Given, Spec},
};

pub(super) const COMMAND_CONFIG: Spec =
    Spec::with("command-config", "String: file", "Properties of the client that talks to the cluster.");

/// Keys that say nothing this client does otherwise.
const HARMLESS: &[&str] = &["bootstrap.servers", "client.id", "security.protocol", "client.dns.lookup"];

/// Reads the file of `--command-config`.
pub(super) fn properties(given: &Given, option: &str) -> Result<Properties, Thrown> {
    given.value(option)?.map_or_else(|| Ok(Properties::default()), read)
}

pub(super) fn read(path: &str) -> Result<Properties, Thrown> {
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Thrown::new("java.nio.file.NoSuchFileException", path),
        _ => error.into(),
    })?;
    Properties::parse(&text).map_err(|error| Thrown::illegal_argument(format!("{path}: {error}")))
}

/// Connects to the brokers of `--bootstrap-server` or, without it, of the properties.
///
/// What the properties ask for and this client cannot do is an error: a password that is not used must not look as if
/// it were.
pub(super) fn bootstrap(given: &Given, properties: &Properties) -> Result<String, Stop> {
    servers(given.value("bootstrap-server")?, properties)
}

/// The same for scripts with a command.
pub(super) fn of_parsed(parsed: &Parsed) -> Result<String, Stop> {
    if parsed.has("--bootstrap-controller") {
        return Err(Stop::Complained("--bootstrap-controller is not supported yet".into()));
    }
    let properties = parsed.value("--command-config").map_or_else(|| Ok(Properties::default()), read)?;
    servers(parsed.value("--bootstrap-server"), &properties)
}

fn servers(given: Option<&str>, properties: &Properties) -> Result<String, Stop> {
    let protocol = properties.get("security.protocol").unwrap_or("PLAINTEXT");
    if protocol != "PLAINTEXT" {
        return Err(
            Thrown::illegal_argument(format!("security.protocol {protocol} is not supported yet")).into()
        );
    }
    for (key, _) in properties.iter() {
        let harmless = HARMLESS.contains(&key) || key.ends_with(".ms") || key.ends_with(".bytes");
        if !harmless {
            crate::verbs::say::remark(&format!("WARNING: {key} is not used by this tool"));
        }
    }
    let servers = given.or_else(|| properties.get("bootstrap.servers")).unwrap_or_default();
    let is_address =
        |one: &str| one.trim().rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if !servers.split(',').all(is_address) {
        let class = "org.apache.kafka.common.KafkaException";
        return Err(Thrown::new(class, "Failed to create new KafkaAdminClient").into());
    }
    Ok(servers.to_owned())
}

fn are_addresses(servers: &str) -> bool {
    let is_address =
        |one: &str| one.trim().rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    servers.split(',').all(is_address)
}

/// Some tools look at the addresses before anything else.
pub(super) fn check_servers(servers: &str) -> Result<(), Stop> {
    if are_addresses(servers) {
        return Ok(());
    }
    Err(Stop::Usage("Please provide valid host:port like host1:9091,host2:9092\n".into()))
}

/// As [`connect`], by a name of its own: brokers and metrics call it so.
pub(super) async fn connect_as(client_id: &str, bootstrap: &str) -> Result<Client, Stop> {
    let options = ClientOptions { client_id: client_id.to_owned(), ..ClientOptions::default() };
    Ok(Client::connect_with(bootstrap, options).await?)
}

/// The client of a tool.
pub(super) async fn connect(bootstrap: &str) -> Result<Client, Stop> {
    Ok(Client::connect(bootstrap).await?)
}
