//! `cargo xtask messages [SCHEMAS]`: writes the message structs of `wire` from Kafka's official schemas.
//!
//! Run once per Kafka release; what it writes is ordinary source afterwards. The schemas of 4.3 no longer describe the
//! oldest versions that old clients still send; [`floors`] puts those back.

mod catalog;
mod floors;
mod rust;
mod schema;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use schema::{Kind, Message};

const GENERATED_BY: &str =
    "// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.\n\n";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let schemas = args.first().map_or("../shared/reference/schemas", String::as_str);
    let mut messages = read_all(Path::new(schemas))?;
    for message in &mut messages {
        floors::lower(message);
    }
    let wire = Path::new("wire/src");
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in &messages {
        let (folder, module) = (folder_of(message), rust::snake(&message.name));
        write(&wire.join(&folder).join(format!("{module}.rs")), &rust::file(message))?;
        folders.entry(folder).or_default().push(module);
    }
    write_indexes(wire, &folders)?;
    write(&wire.join("api_key.rs"), &rust::api_keys(&messages))?;
    let placed: Vec<_> = messages.iter().map(|message| (folder_of(message), message)).collect();
    write(&wire.join("catalog/list.rs"), &catalog::list(&placed))?;
    write(&wire.join("log_records/metadata_record.rs"), &rust::metadata_records(&messages))?;
    let status =
        Command::new("cargo").args(["fmt", "-p", "ottla-wire"]).status().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err("cargo fmt refuses what was generated".into()) }
}

fn read_all(root: &Path) -> Result<Vec<Message>, String> {
    let mut messages = Vec::new();
    for area in ["group", "metadata", "raft", "rpc", "share", "storage", "streams", "transaction"] {
        let folder = root.join(area);
        let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let json = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
            messages.push(Message::from_json(&json, area));
        }
    }
    // The two headers are written by hand: they are read before their own version is known.
    messages.retain(|message| message.kind != Kind::Header);
    Ok(messages)
}

fn folder_of(message: &Message) -> String {
    match message.kind {
        Kind::Request | Kind::Response => "messages".into(),
        _ if message.area == "rpc" && message.name.starts_with("ConsumerProtocol") => {
            "consumer_protocol".into()
        }
        _ if message.area == "rpc" => "log_records/control".into(),
        _ => format!("log_records/{}", message.area),
    }
}

fn write_indexes(wire: &Path, folders: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    let mut areas = Vec::new();
    for (folder, modules) in folders {
        let doc = rust::folder_doc(folder);
        let list: String = modules.iter().map(|module| format!("pub mod {module};\n")).collect();
        write(&wire.join(format!("{folder}.rs")), &format!("//! {doc}\n\n{list}"))?;
        areas.extend(folder.strip_prefix("log_records/").map(str::to_owned));
    }
    let list: String = areas.iter().map(|area| format!("pub mod {area};\n")).collect();
    let doc = "//! The records Kafka keeps its own state in: metadata log, coordinators' topics, control batches, files.";
    write(&wire.join("log_records.rs"), &format!("{doc}\n\n{list}pub mod metadata_record;\n"))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    fs::write(path, format!("{GENERATED_BY}{text}")).map_err(|e| format!("{}: {e}", path.display()))
}
