//! Profiles: settings of the client under a name, in a file of the user's.
//!
//! One file, `ottla/profiles.json` in the folder for configuration (`XDG_CONFIG_HOME`, else `~/.config`). It is replaced as a
//! whole: whoever reads it while it is written, or after a crash, finds the old one or the new one.

pub(crate) mod import;
mod kcat;
mod rpk;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

/// What a profile says, by key.
pub(crate) type Profile = BTreeMap<String, String>;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Profiles {
    /// The one that is used where none is named.
    pub(crate) current: Option<String>,
    pub(crate) all: BTreeMap<String, Profile>,
}

/// Where they are kept; `None` where there is no home.
fn path() -> Option<PathBuf> {
    // What is not absolute there is to be taken for unset.
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let config = folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")));
    config.map(|folder| folder.join("ottla").join("profiles.json"))
}

/// A name can stand in a command line and in a message without quotes.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_fine = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(is_fine) {
        return Ok(());
    }
    Err(format!("`{name}` is no name of a profile: allowed are letters, digits, `.`, `_` and `-`"))
}

impl Profiles {
    pub(crate) fn load() -> Result<Self, String> {
        path().map_or_else(|| Ok(Self::default()), |path| Self::read(&path))
    }

    pub(crate) fn store(&self) -> Result<(), String> {
        let path = path().ok_or("profiles have no place: neither XDG_CONFIG_HOME nor HOME is a folder")?;
        self.write(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// One by its name.
    pub(crate) fn get(&self, name: &str) -> Result<&Profile, String> {
        self.all.get(name).ok_or_else(|| {
            let near = ottla_config::nearest(name, self.all.keys().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.all.is_empty() => {
                    format!("`ottla profile create {name} bootstrap.servers=…` makes it")
                }
                None => "`ottla profile ls` lists those there are".to_owned(),
            };
            format!("there is no profile `{name}`; {hint}")
        })
    }

    fn read(path: &Path) -> Result<Self, String> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read.map_err(|error| format!("{}: {error}", path.display()))?,
        };
        let value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::of(&value).ok_or_else(|| format!("{}: this is no file of profiles", path.display()))
    }

    fn of(value: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let profile = |(name, settings): (&String, &Value)| {
            let pairs = settings.as_object()?.iter().map(|(key, value)| Some((key.clone(), text(value)?)));
            Some((name.clone(), pairs.collect::<Option<_>>()?))
        };
        Some(Self {
            current: value.get("current").and_then(text),
            all: value.get("profiles")?.as_object()?.iter().map(profile).collect::<Option<_>>()?,
        })
    }

    fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder)?;
        // A link to the file somebody keeps elsewhere stays one.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().unwrap_or(folder);
        let new = folder.join(format!(".profiles.{}.json", std::process::id()));
        let text = json!({ "current": self.current, "profiles": self.all });
        // What settings say is for the user only.
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        let written = writeln!(file, "{text:#}").and_then(|()| file.sync_all());
        if let Err(error) = written.and_then(|()| fs::rename(&new, &path)) {
            // Nothing more can be done about a file that cannot be removed.
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        fs::File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Profiles {
        let profile = Profile::from([("bootstrap.servers".to_owned(), "a:1".to_owned())]);
        Profiles { current: Some("a".into()), all: BTreeMap::from([("a".into(), profile)]) }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_stays() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ottla").join("profiles.json");
        assert_eq!(Profiles::read(&path), Ok(Profiles::default()), "nothing is there yet");
        for profiles in [some(), Profiles::default(), some()] {
            profiles.write(&path).expect("it can be written");
            assert_eq!(Profiles::read(&path), Ok(profiles));
        }
        let names = fs::read_dir(folder.path().join("ottla")).expect("a folder").count();
        assert_eq!(names, 1);
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (link, file) = (folder.path().join("profiles.json"), folder.path().join("kept.json"));
        Profiles::default().write(&file).expect("it can be written");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        some().write(&link).expect("it can be written");
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(Profiles::read(&file), Ok(some()));
    }

    #[test]
    fn what_is_no_file_of_profiles_is_said_to_be_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("profiles.json");
        for text in ["", "{}", "[]", r#"{"profiles":{"a":{"b":1}}}"#, r#"{"profiles":[]}"#] {
            fs::write(&path, text).expect("a file");
            let why = Profiles::read(&path).expect_err("it is none");
            assert!(why.contains("profiles.json"), "{why}");
        }
    }

    #[test]
    fn names_need_no_quotes() {
        assert!(check_name("prod-eu.1_a").is_ok());
        for name in ["", "-a", "a b", "a/b", "ü"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(some().get("b").expect_err("it is not there").contains("did you mean `a`?"));
        assert!(
            Profiles::default().get("b").expect_err("it is not there").contains("ottla profile create b")
        );
    }
}
