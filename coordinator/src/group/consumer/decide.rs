//! How a decision about one consumer group is taken: what it sees, and that its records fit into the log.

use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    super::{
        Groups, durable::Durable, metadata::Metadata, record::Record, reply::Refused, settings::Settings,
        timers::Timers,
    },
    ConsumerGroup,
    record::ConsumerRecord,
    step::{Step, Watch, unknown_member},
};
use crate::Effects;

/// What one record takes in a batch besides its key and value, generously.
pub(super) const RECORD_OVERHEAD_BYTES: usize = 32;

impl Groups {
    /// What is decided at once must fit into one batch: nothing may be decided that the log does not take, for then the
    /// whole coordinator would have to be loaded again.
    pub(super) fn check_size<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Record>,
    ) -> Result<(), Refused> {
        if batch_bytes(records) <= self.settings.max_batch_bytes {
            return Ok(());
        }
        Err(Refused::new(ErrorCode::UNKNOWN_SERVER_ERROR, "The group is too large for its log."))
    }

    /// Decides about a group that is there; nothing is written when it is refused.
    pub(super) fn decide<T>(
        &mut self,
        now: Millis,
        group_id: &str,
        effects: &mut Effects<Self>,
        act: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let (durable, around) = self.around();
        match durable.consumer_group(group_id) {
            Some(group) => around.decide(now, group, effects, act),
            None => Err(unknown_member("", group_id)),
        }
    }

    pub(super) fn around(&mut self) -> (&Durable, Around<'_>) {
        let around = Around {
            settings: &self.settings,
            metadata: &self.metadata,
            topics_since: self.topics_since,
            watches: &mut self.watches,
            timers: &mut self.timers,
        };
        (&self.durable, around)
    }
}

/// What a decision about one group sees beside the group.
pub(super) struct Around<'a> {
    settings: &'a Settings,
    metadata: &'a Metadata,
    topics_since: i64,
    watches: &'a mut BTreeMap<Str, Watch>,
    timers: &'a mut Timers,
}

impl Around<'_> {
    pub(super) fn decide<T>(
        self,
        now: Millis,
        group: &ConsumerGroup,
        effects: &mut Effects<Groups>,
        act: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let mut watch = self.watches.get(&group.id).copied().unwrap_or_default();
        let mut step = Step {
            now,
            settings: self.settings,
            metadata: self.metadata,
            group,
            watch: &mut watch,
            timers: self.timers,
            topics_since: self.topics_since,
            records: Vec::new(),
        };
        let value = act(&mut step)?;
        effects.records.extend(step.into_records());
        self.watches.insert(group.id.clone(), watch);
        Ok(value)
    }
}

/// What records take in a batch, generously.
fn batch_bytes<'a>(records: impl IntoIterator<Item = &'a Record>) -> usize {
    let bytes = |record: &Record| {
        let pair = record.encode().ok().flatten();
        pair.map_or(0, |(key, value)| {
            key.len() + value.map_or(0, |value| value.len()) + RECORD_OVERHEAD_BYTES
        })
    };
    records.into_iter().map(bytes).sum()
}

pub(super) fn of_group(group_id: &Str, records: Vec<ConsumerRecord>) -> impl Iterator<Item = Record> {
    let group_id = group_id.clone();
    records.into_iter().map(move |record| Record::Consumer { group_id: group_id.clone(), record })
}
