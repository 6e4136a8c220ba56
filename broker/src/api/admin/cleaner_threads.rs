//! How far `log.cleaner.threads` may move at once: a broker takes at most twice as many threads as it runs, and at least
//! half as many.

use std::sync::Arc;

use ottla_metadata::{ConfigChanges, ConfigOp, ConfigResource, Refusal};
use ottla_types::{ErrorCode, Str};

use super::alteration::Change;
use crate::{call::Call, settings::dynamic_config_of_file};

const SETTING: &str = "log.cleaner.threads";

/// Why this broker does not take what a change of broker settings leads to; `None` when it does, or when the change has
/// nothing to do with it. What is no number is told elsewhere.
pub(super) fn refusal(call: &Call, change: &Change) -> Option<Refusal> {
    let set = value_after(change.what.as_ref().ok()?)?;
    let image = call.broker.image();
    let own = ConfigResource::broker(call.broker.node_id());
    let of = |resource: &ConfigResource| match change.at == *resource {
        true => set.clone(),
        false => image.configs.value(resource, SETTING).cloned(),
    };
    let value = of(&own).or_else(|| of(&ConfigResource::broker_default()));
    let after = match value {
        Some(value) => value.trim().parse().ok()?,
        None => dynamic_config_of_file(&call.broker.config.file).log_cleaner_threads,
    };
    let now = Arc::as_ref(&call.broker.dynamic.load()).log_cleaner_threads.max(1);
    let why = unreachable_from(now, after)?;
    let text = format!(
        "Invalid value org.apache.kafka.common.config.ConfigException: {why} for configuration Invalid dynamic \
         configuration"
    );
    Some(Refusal::new(ErrorCode::INVALID_REQUEST, text))
}

/// The setting as the change leaves it at its resource, `None` inside where it goes; `None` when it is not touched.
#[allow(clippy::option_option, reason = "not touched, taken away, or set")]
fn value_after(change: &ConfigChanges) -> Option<Option<Str>> {
    match change {
        ConfigChanges::Incremental(operations) => {
            let (_, operation, value) = operations.iter().find(|(name, ..)| **name == *SETTING)?;
            Some(value.clone().filter(|_| *operation != ConfigOp::Delete))
        }
        ConfigChanges::Replace(settings) => Some(settings.get(SETTING).cloned()),
    }
}

fn unreachable_from(now: usize, after: usize) -> Option<String> {
    if after == 0 {
        Some("Log cleaner threads should be at least 1".into())
    } else if after < now / 2 {
        Some(format!("Log cleaner threads cannot be reduced to less than half the current value {now}"))
    } else if after > now * 2 {
        Some(format!("Log cleaner threads cannot be increased to more than double the current value {now}"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::unreachable_from;

    #[test]
    fn threads_at_most_double_and_at_most_halve() {
        let reachable = |now: usize| (0..20).filter(move |after| unreachable_from(now, *after).is_none());
        assert!(reachable(1).eq(1..=2));
        assert!(reachable(5).eq(2..=10));
        assert!(reachable(8).eq(4..=16));
    }
}
