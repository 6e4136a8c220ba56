//! `--alter`: new values from `--add-config` or a file, and those that are taken back.

use std::collections::BTreeMap;

use ottla_client::{Client, ConfigChange};

use super::{Entity, Given, Kind, Stop, Thrown, connection};
use crate::verbs::say::say;

pub(super) async fn alter(
    client: &Client,
    given: &Given,
    kinds: &[Kind],
    names: &[String],
) -> Result<(), Stop> {
    let entity = Entity { kind: kinds[0], name: names[0].clone() };
    let set = added(given)?.into_iter().map(|(key, value)| (key, ConfigChange::Set(value)));
    let unset = given.values("delete-config").into_iter().flat_map(|keys| keys.split(','));
    let unset = unset.map(|key| (key.trim().to_owned(), ConfigChange::Unset));
    let changes: Vec<_> = set.chain(unset).collect();
    client.change_configs(&entity.resource()?, &changes).await?;
    if entity.name.is_empty() {
        say!("Completed updating default config for {} in the cluster.", entity.kind.plural());
    } else {
        say!("Completed updating config for {} {}.", entity.kind.singular(), entity.name);
    }
    Ok(())
}

fn added(given: &Given) -> Result<BTreeMap<String, String>, Stop> {
    let mut added = BTreeMap::new();
    for (key, value) in connection::properties(given, "add-config-file")?.iter() {
        added.insert(key.to_owned(), value.to_owned());
    }
    if let Some(text) = given.value("add-config")? {
        for part in outside_brackets(text, ',') {
            let pair: Vec<&str> = outside_brackets(part, '=');
            let [key, value] = pair.as_slice() else {
                return Err(Thrown::illegal_argument(
                    "requirement failed: Invalid entity config: all configs to be added must be in the format \"key=val\" or  \"key=[val1,val2]\" to group values which contain commas.",
                )
                .into());
            };
            added.insert(key.trim().to_owned(), value.replace(['[', ']'], "").trim().to_owned());
        }
    }
    Ok(added)
}

/// The parts of a text between separators that stand in no brackets.
fn outside_brackets(text: &str, separator: char) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(move |letter: char| {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == separator && depth == 0
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_hold_values_together() {
        assert_eq!(outside_brackets("a=[1,2],b=3", ','), ["a=[1,2]", "b=3"]);
        assert_eq!(outside_brackets("a=[x=1]", '='), ["a", "[x=1]"]);
        assert_eq!(outside_brackets("a=", '='), ["a", ""]);
    }
}
