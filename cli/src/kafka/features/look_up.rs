//! `version-mapping` and `feature-dependencies`: what Kafka's releases say of features, whatever the cluster has.

use super::{METADATA_VERSION, Parsed, Stop, change::name_and_level, releases};
use crate::{kafka::errors::Thrown, verbs::say::say};

/// The levels that come with a release.
pub(super) fn version_mapping(parsed: &Parsed) -> Result<(), Stop> {
    let release = parsed.value("--release-version").unwrap_or(releases::newest());
    let version = releases::required(release)?;
    say!("{METADATA_VERSION}={version} ({release})");
    for (name, levels) in releases::FEATURES {
        say!("{name}={}", releases::formatted(levels, version));
    }
    Ok(())
}

/// What levels need of other features.
pub(super) fn dependencies(parsed: &Parsed) -> Result<(), Stop> {
    for text in parsed.all("--feature") {
        let (name, level) = name_and_level(text)?;
        if name == METADATA_VERSION {
            let release = releases::name(level);
            if release.is_empty() {
                return Err(Stop::Complained(format!("Unknown metadata.version {level}")));
            }
            say!("{name}={level} ({release}) has no dependencies.");
            continue;
        }
        let known = releases::FEATURES.iter().find(|(known, _)| *known == name);
        let (_, levels) = known.ok_or_else(|| Stop::Complained(format!("Unknown feature: {name}")))?;
        let found = levels.iter().find(|known| known.level == level);
        let missing = || Thrown::illegal_argument(format!("No feature:{name} with feature level {level}"));
        match found.ok_or_else(missing)?.needs {
            None => say!("{name}={level} has no dependencies."),
            Some(needs) => {
                say!("{name}={level} requires:");
                say!("    {METADATA_VERSION}={needs} ({})", releases::name(needs));
            }
        }
    }
    Ok(())
}
