//! Groups and transactions by their states: what Kafka shows as `group-count`, `consumer-group-count`, `NumGroups…`,
//! `NumOffsets`, `ProducerIdCount`, `PartitionsWithLateTransactionsCount` and `LastStableOffsetLag`.

use std::{collections::BTreeMap, fmt};

use ottla_coordinator::{
    group::{ConsumerState, GroupState, State as ClassicState},
    transaction::State as TransactionState,
};
use prometheus_client::encoding::DescriptorEncoder;

use super::snapshot::{LogState, gauge, gauges, of_partition};

/// How many groups and transactional ids there are in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoordinatorsState {
    /// Groups by type and state, as Kafka calls them.
    pub groups: BTreeMap<(&'static str, &'static str), u64>,
    /// Committed offsets.
    pub offsets: u64,
    /// Transactional ids by the state of their last transaction.
    pub transactions: BTreeMap<&'static str, u64>,
}

impl CoordinatorsState {
    /// Counts a group.
    pub fn group(&mut self, state: GroupState) {
        *self.groups.entry((state.type_name(), state.name())).or_default() += 1;
    }

    /// Counts a transactional id.
    pub fn transaction(&mut self, state: TransactionState) {
        *self.transactions.entry(state.name()).or_default() += 1;
    }

    pub(super) fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let of_type = |wanted: &'static str| {
            self.groups.iter().filter(move |((of, _), _)| *of == wanted).map(|(_, count)| *count).sum::<u64>()
        };
        let by_type = ["classic", "consumer"]
            .map(|name| (vec![("protocol", name.to_owned())], i64::try_from(of_type(name)).unwrap_or(0)));
        gauges(encoder, "group_count", "Groups by their protocol", by_type.into_iter())?;
        let classic = ClassicState::ALL.map(ClassicState::name);
        let rows = self.by_state("classic", &classic);
        gauges(encoder, "classic_group_count", "Classic groups by their state", rows)?;
        let consumer = ConsumerState::ALL.map(ConsumerState::name);
        let rows = self.by_state("consumer", &consumer);
        gauges(encoder, "consumer_group_count", "Consumer groups by their state", rows)?;
        gauge(encoder, "group_offsets", "Offsets committed by groups", self.offsets)?;
        let states = TransactionState::ALL.map(TransactionState::name);
        let count = |state: &&'static str| self.transactions.get(*state).copied().unwrap_or(0);
        let rows = states.iter().map(|state| (labelled(state), i64::try_from(count(state)).unwrap_or(0)));
        gauges(encoder, "transactional_id_count", "Transactional ids by the state of their transaction", rows)
    }

    /// A row for every state, also where nothing is in it, so that a graph does not break off.
    fn by_state<'a>(
        &'a self,
        of_type: &'static str,
        states: &'a [&'static str],
    ) -> impl Iterator<Item = (Vec<(&'static str, String)>, i64)> + 'a {
        states.iter().map(move |state| {
            let count = self.groups.get(&(of_type, *state)).copied().unwrap_or(0);
            (labelled(state), i64::try_from(count).unwrap_or(i64::MAX))
        })
    }
}

fn labelled(state: &str) -> Vec<(&'static str, String)> {
    vec![("state", state.to_owned())]
}

/// What the logs say about producers and their transactions.
pub(super) fn encode_logs(encoder: &mut DescriptorEncoder<'_>, logs: &[LogState]) -> fmt::Result {
    let rows = logs
        .iter()
        .map(|log| (of_partition(&log.topic, log.partition), log.high_watermark - log.last_stable_offset));
    let help = "Records of a partition that wait for the end of a transaction";
    gauges(encoder, "last_stable_offset_lag", help, rows)?;
    let producers = logs.iter().map(|log| log.producer_ids).sum();
    gauge(encoder, "producer_id_count", "Producers remembered by the logs", producers)?;
    let late = logs.iter().filter(|log| log.late_transaction).count() as u64;
    let help = "Partitions with a transaction that has been open for longer than any may";
    gauge(encoder, "partitions_with_late_transactions_count", help, late)
}
