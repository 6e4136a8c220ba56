//! Profiles out of other tools' files.

use std::{fs, path::Path};

use clap::ValueEnum;
use ottla_config::Properties;

use super::{Profile, kcat, rpk};
use crate::settings;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Settings of a Java client
    Properties,
    /// Settings of librdkafka, as kcat takes them
    Kcat,
    /// rpk's own, with its profiles
    Rpk,
}

/// What was found, all of it settings this client has.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) profiles: Vec<(String, Profile)>,
    /// What was left out, because it means nothing here.
    pub(crate) remarks: Vec<String>,
}

impl Format {
    /// By the name of a file.
    fn of(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("yaml" | "yml") => Self::Rpk,
            Some("conf") => Self::Kcat,
            _ => Self::Properties,
        }
    }
}

/// Reads a file. Errors name it.
pub(crate) fn read(path: &Path, name: Option<&str>, format: Option<Format>) -> Result<Found, String> {
    let named = |why: String| format!("{}: {why}", path.display());
    let text = fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let one = name.unwrap_or(&stem).to_owned();
    match format.unwrap_or_else(|| Format::of(path)) {
        Format::Properties => {
            properties(&text).map(|profile| Found { profiles: vec![(one, profile)], remarks: Vec::new() })
        }
        Format::Kcat => {
            kcat::parse(&text).map(|(profile, remarks)| Found { profiles: vec![(one, profile)], remarks })
        }
        Format::Rpk => rpk::parse(&text, name),
    }
    .map_err(named)
}

fn properties(text: &str) -> Result<Profile, String> {
    let properties = Properties::parse(text).map_err(|error| error.to_string())?;
    let mut profile = Profile::new();
    for (key, value) in properties.iter() {
        settings::check(key, value)?;
        profile.insert(key.to_owned(), value.to_owned());
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_says_or_what_is_said_of_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            path
        };
        let java = file("client.properties", "bootstrap.servers = a:1,b:2\nclient.id: me\n");
        let found = read(&java, None, None).expect("it can be read");
        let (name, profile) = &found.profiles[0];
        assert_eq!((name.as_str(), profile["bootstrap.servers"].as_str()), ("client", "a:1,b:2"));
        let kcat = file("settings", "metadata.broker.list=a:1\n");
        assert_eq!(read(&kcat, Some("x"), Some(Format::Kcat)).expect("it can be read").profiles[0].0, "x");
        let why = read(&kcat, None, None).expect_err("Java knows no such key");
        assert!(why.ends_with("no client has a setting `metadata.broker.list`"), "{why}");
        let secret =
            file("sasl.properties", "security.protocol=SASL_SSL\nsasl.jaas.config=password=hunter2;\n");
        let why = read(&secret, None, None).expect_err("it is not supported");
        assert!(why.contains("sasl.properties: sasl.jaas.config=(secret) is not supported"), "{why}");
        assert!(!why.contains("hunter2"));
    }
}
