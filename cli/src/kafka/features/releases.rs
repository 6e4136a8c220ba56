//! Which levels a release brought, as Kafka's tool looks them up without asking a cluster.

use ottla_metadata::{feature, release_of};

use super::Stop;

/// The lowest and highest `metadata.version` a cluster of this release can be raised to.
const FIRST: i16 = 7;
const LAST: i16 = 30;
/// What is to come next: the tool knows it by its full name, no cluster takes it.
const NEXT: (i16, &str) = (31, "4.4-IV0");

/// A level of a feature.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) level: i16,
    /// The `metadata.version` from which on a cluster is formatted with it.
    since: i16,
    /// The `metadata.version` it needs, if it needs one.
    pub(super) needs: Option<i16>,
}

const fn level(level: i16, since: i16) -> Level {
    Level { level, since, needs: None }
}

/// The features beside `metadata.version`, in the order in which Kafka's tool lists them; their levels from 0 on.
pub(super) const FEATURES: [(&str, &[Level]); 6] = [
    (feature::KRAFT_VERSION, &[level(0, FIRST), level(1, 21)]),
    (feature::TRANSACTION_VERSION, &[level(0, FIRST), level(1, 24), level(2, 24)]),
    (feature::GROUP_VERSION, &[level(0, FIRST), level(1, 22)]),
    (feature::ELR_VERSION, &[level(0, FIRST), Level { needs: Some(23), ..level(1, 26) }]),
    (feature::SHARE_VERSION, &[level(0, FIRST), level(1, 28)]),
    (feature::STREAMS_VERSION, &[level(0, FIRST), level(1, 29)]),
];

/// The level a cluster of this `metadata.version` is formatted with.
pub(super) fn formatted(levels: &[Level], metadata_version: i16) -> i16 {
    levels.iter().rev().find(|level| level.since <= metadata_version).map_or(0, |level| level.level)
}

/// The `metadata.version` of a release, as in `4.3-IV0`, or of all steps to a release, as in `4.3` or `4.3.1`.
pub(super) fn metadata_version(release: &str) -> Option<i16> {
    let mut segments = release.split('.');
    let key = match (segments.next(), segments.next()) {
        (Some(major), Some(minor)) => format!("{major}.{minor}"),
        _ => return None,
    };
    let is_meant =
        |name: &str| name == key || name.split_once("-IV").is_some_and(|(release, _)| release == key);
    let known = (FIRST..=LAST).rev().find(|level| release_of(*level).is_some_and(is_meant));
    known.or_else(|| (key == NEXT.1).then_some(NEXT.0))
}

/// The name of a `metadata.version` there is.
pub(super) fn name(metadata_version: i16) -> &'static str {
    if metadata_version == NEXT.0 { NEXT.1 } else { release_of(metadata_version).unwrap_or_default() }
}

/// The name of the newest.
pub(super) fn newest() -> &'static str {
    name(LAST)
}

/// The `metadata.version` a user names.
pub(super) fn required(release: &str) -> Result<i16, Stop> {
    let unknown = || {
        let names: Vec<_> = (FIRST..=NEXT.0).map(name).collect();
        let names = names.join(", ");
        Stop::Complained(format!(
            "Unknown metadata.version '{release}'. Supported metadata.version are: {names}"
        ))
    };
    metadata_version(release).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_their_last_step() {
        assert_eq!(metadata_version("4.3"), Some(30));
        assert_eq!(metadata_version("4.0.1"), Some(25));
        assert_eq!(metadata_version("4.0-IV1"), Some(23));
        assert_eq!(["4", "2.8", "4.0-IV9", "4.4", "later"].map(metadata_version), [None; 5]);
        assert_eq!(metadata_version("4.4-IV0"), Some(31));
    }

    #[test]
    fn a_release_is_formatted_with_what_it_brought() {
        let levels = |release| {
            let version = metadata_version(release).expect("it is there");
            FEATURES.map(|(_, levels)| formatted(levels, version))
        };
        assert_eq!(levels("3.3-IV3"), [0; 6]);
        assert_eq!(levels("4.3-IV0"), [1, 2, 1, 1, 1, 1]);
    }

    /// What a format of this release writes is said in two places.
    #[test]
    fn the_newest_is_what_a_format_writes() {
        for (name, level) in
            ottla_metadata::FORMATTED.iter().filter(|(name, _)| *name != feature::METADATA_VERSION)
        {
            let (_, levels) = FEATURES.iter().find(|(known, _)| known == name).expect("it is known");
            assert_eq!(formatted(levels, LAST), *level, "{name}");
        }
    }
}
