//! Which cluster a verb talks to, and how: flags, the environment, profiles.

use clap::Args;
use ottla_client::Client;

use super::Failure;
use crate::{profiles::Profiles, settings::Settings};

/// Of several places that say the same the first wins: `--bootstrap`, `-X`, `--profile`, `OTTLA_BOOTSTRAP`, the profile
/// `OTTLA_PROFILE` names, the one in use.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// Brokers to begin with [env: OTTLA_BOOTSTRAP] [default: 127.0.0.1:9092]
    #[arg(long, value_name = "HOST:PORT,…", global = true)]
    bootstrap: Option<String>,
    /// A setting of the client, by the name Kafka's clients have for it
    #[arg(short = 'X', value_name = "KEY=VALUE", global = true)]
    client_settings: Vec<String>,
    /// Settings of a profile instead of the one in use: `ottla profile ls` [env: OTTLA_PROFILE]
    #[arg(long, value_name = "NAME", global = true)]
    profile: Option<String>,
}

/// What an environment variable says; an empty one says nothing.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Connection {
    /// What all places say together.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let mut settings = Settings::default();
        let profiles = Profiles::load()?;
        let usual = environment("OTTLA_PROFILE").or_else(|| profiles.current.clone());
        // The last wins: from the farthest to the nearest.
        if let Some(name) = usual.filter(|_| self.profile.is_none()) {
            take_profile(&mut settings, &profiles, &name)?;
        }
        if let Some(address) = environment("OTTLA_BOOTSTRAP") {
            settings.set("OTTLA_BOOTSTRAP", "bootstrap.servers", &address)?;
        }
        if let Some(name) = &self.profile {
            take_profile(&mut settings, &profiles, name)?;
        }
        for text in &self.client_settings {
            let (key, value) = super::pair("-X", text)?;
            settings.set("-X", &key, &value)?;
        }
        if let Some(address) = &self.bootstrap {
            settings.set("--bootstrap", "bootstrap.servers", address)?;
        }
        Ok(settings)
    }

    pub(super) async fn client(&self) -> Result<Client, Failure> {
        self.settings()?.client().await
    }

    /// Takes an option as it stands on a command line that is not finished yet.
    pub(super) fn note(&mut self, option: &str, value: &str) {
        match option {
            "bootstrap" => self.bootstrap = Some(value.to_owned()),
            "client_settings" => self.client_settings.push(value.to_owned()),
            "profile" => self.profile = Some(value.to_owned()),
            _ => {}
        }
    }
}

fn take_profile(settings: &mut Settings, profiles: &Profiles, name: &str) -> Result<(), Failure> {
    for (key, value) in profiles.get(name)? {
        settings.set_by_profile(name, key, value)?;
    }
    Ok(())
}
