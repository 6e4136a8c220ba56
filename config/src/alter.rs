//! Changing the settings of a resource.

use crate::{Kind, Scope, Settings, Table};

/// Why a change is refused; the text is what clients see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlterError {
    /// INVALID_CONFIG.
    #[error("{0}")]
    InvalidConfig(String),
    /// INVALID_REQUEST.
    #[error("{0}")]
    InvalidRequest(String),
}

/// Checks the settings a resource is going to have; `changed` are the names a request gives.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(scope: Scope, after: &Settings, changed: &[&str]) -> Result<(), AlterError> {
    let table = Table::of(scope);
    for name in changed {
        let Some(setting) = table.get(name) else {
            match scope {
                // Plug-ins read settings nobody else knows.
                Scope::Broker => continue,
                Scope::Group => {
                    return Err(AlterError::InvalidConfig(format!("Unknown group config name: {name}")));
                }
                _ => return Err(AlterError::InvalidConfig(format!("Unknown topic config name: {name}"))),
            }
        };
        if scope == Scope::Broker && !setting.dynamic {
            return Err(AlterError::InvalidRequest(format!(
                "Cannot update these configs dynamically: [{name}]"
            )));
        }
        if let Some(value) = after.get(*name) {
            setting.check(value).map_err(AlterError::InvalidConfig)?;
        }
    }
    if scope == Scope::Topic { check_topic(after) } else { Ok(()) }
}

/// Rules across settings of a topic.
fn check_topic(after: &Settings) -> Result<(), AlterError> {
    let number = |name: &str| after.get(name).and_then(|value| value.trim().parse::<i64>().ok());
    if let (Some(min), Some(max)) = (number("min.compaction.lag.ms"), number("max.compaction.lag.ms"))
        && min > max
    {
        return Err(AlterError::InvalidConfig(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        )));
    }
    if after.get("remote.storage.enable").is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return Err(AlterError::InvalidConfig(
            "Tiered Storage functionality is disabled in the broker. \
             Topic cannot be configured with remote log storage."
                .into(),
        ));
    }
    Ok(())
}

/// Whether APPEND and SUBTRACT make sense.
#[must_use]
pub fn is_list(scope: Scope, name: &str) -> bool {
    Table::of(scope).get(name).is_some_and(|setting| setting.kind == Kind::List)
}

/// What APPEND and SUBTRACT start from where nothing is set.
#[must_use]
pub fn default_list(scope: Scope, name: &str) -> Option<String> {
    Table::of(scope).get(name)?.default.map(str::to_owned)
}
