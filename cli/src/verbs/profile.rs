//! `ottla profile ls|show|create|use|rm|import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Failure, pair,
    say::{remark, say},
};
use crate::{
    output::{Listing, Output},
    profiles::{
        self, Profiles,
        import::{self, Format},
    },
    settings,
};

#[derive(Debug, Args)]
pub(crate) struct Profile {
    #[command(subcommand)]
    verb: ProfileVerb,
}

#[derive(Debug, Subcommand)]
enum ProfileVerb {
    /// List profiles
    Ls {
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// What a profile says; secrets are not shown
    Show {
        /// The one in use if none is named
        name: Option<String>,
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// Make a profile
    Create {
        name: String,
        /// What it says, by the names Kafka's clients have: bootstrap.servers=host:port,…
        #[arg(required = true, value_name = "KEY=VALUE")]
        pairs: Vec<String>,
        /// Instead of the one of this name
        #[arg(long)]
        replace: bool,
    },
    /// Take a profile wherever none is named
    Use {
        #[arg(required_unless_present = "none")]
        name: Option<String>,
        /// None from now on
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
    /// Remove profiles
    Rm {
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Make profiles of a client.properties, of a kcat.conf (or another file of librdkafka's settings), or of an rpk.yaml
    Import {
        file: PathBuf,
        /// What to call it; of an rpk.yaml, which of its profiles. Without it a file gives its name, and an rpk.yaml all it has
        name: Option<String>,
        /// What the file is; its name tells otherwise
        #[arg(short, long, value_enum)]
        format: Option<Format>,
        /// Instead of those of the same name
        #[arg(long)]
        replace: bool,
    },
}

impl Profile {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let profiles = Profiles::load()?;
        match self.verb {
            ProfileVerb::Ls { output } => list(&profiles, output),
            ProfileVerb::Show { name, output } => return show(&profiles, name, output),
            ProfileVerb::Create { name, pairs, replace } => return create(profiles, name, &pairs, replace),
            ProfileVerb::Use { name, .. } => return take(profiles, name),
            ProfileVerb::Rm { names } => return remove(profiles, &names),
            ProfileVerb::Import { file, name, format, replace } => {
                let found = import::read(&file, name.as_deref(), format)?;
                found.remarks.iter().for_each(|line| remark(&format!("warning: {}: {line}", file.display())));
                return keep(profiles, found.profiles, replace);
            }
        }
        Ok(())
    }
}

fn list(profiles: &Profiles, output: Output) {
    let mut listing = Listing::new(&["profile", "in_use", "bootstrap_servers", "settings"]);
    for (name, profile) in &profiles.all {
        let in_use = profiles.current.as_ref() == Some(name);
        let servers = profile.get("bootstrap.servers");
        listing.row([json!(name), json!(in_use), json!(servers), json!(profile.len())]);
    }
    listing.print(output);
}

fn show(profiles: &Profiles, name: Option<String>, output: Output) -> Result<(), Failure> {
    let name = name.or_else(|| profiles.current.clone());
    let name = name.ok_or("no profile is in use; name one, or choose one with `ottla profile use`")?;
    let mut listing = Listing::new(&["key", "value"]);
    for (key, value) in profiles.get(&name)? {
        let value = if settings::is_secret(key) { "(secret)" } else { value };
        listing.row([json!(key), json!(value)]);
    }
    listing.print(output);
    Ok(())
}

fn create(profiles: Profiles, name: String, pairs: &[String], replace: bool) -> Result<(), Failure> {
    let mut profile = profiles::Profile::new();
    for text in pairs {
        let (key, value) = pair("", text)?;
        settings::check(&key, &value)?;
        profile.insert(key, value);
    }
    keep(profiles, vec![(name, profile)], replace)
}

/// All of them or none.
fn keep(mut profiles: Profiles, new: Vec<(String, profiles::Profile)>, replace: bool) -> Result<(), Failure> {
    let mut said = Vec::new();
    for (name, profile) in new {
        profiles::check_name(&name)?;
        let settings = profile.len();
        if profiles.all.insert(name.clone(), profile).is_some() && !replace {
            return Err(
                format!("there is a profile `{name}` already; --replace puts this one in its place").into()
            );
        }
        said.push(format!("profile {name}: {settings} settings"));
    }
    profiles.store()?;
    said.iter().for_each(|line| say!("{line}"));
    Ok(())
}

fn take(mut profiles: Profiles, name: Option<String>) -> Result<(), Failure> {
    if let Some(name) = &name {
        profiles.get(name)?;
    }
    profiles.current = name;
    profiles.store()?;
    match &profiles.current {
        Some(name) => say!("profile {name} is in use"),
        None => say!("no profile is in use"),
    }
    Ok(())
}

fn remove(mut profiles: Profiles, names: &[String]) -> Result<(), Failure> {
    for name in names {
        profiles.get(name)?;
    }
    profiles.all.retain(|name, _| !names.contains(name));
    let was_in_use = profiles.current.take_if(|current| names.contains(current));
    profiles.store()?;
    names.iter().for_each(|name| say!("removed {name}"));
    if let Some(name) = was_in_use {
        remark(&format!("profile {name} was in use; now none is"));
    }
    Ok(())
}
