use super::Refusal;
use crate::{Broker, Image};
use ottla_types::{ErrorCode, Str, Uuid};
use std::collections::BTreeMap;

/// Places replicas of partitions `first..first + count`: leaders go round the brokers that are up, followers go round
/// the racks and, inside a rack, round its brokers. `seed` (a random topic id) says where to begin, so that topics with
/// one partition do not all land on the same broker.
pub(super) fn place(
    image: &Image,
    seed: Uuid,
    partitions: std::ops::Range<i32>,
    replication_factor: usize,
) -> Result<Vec<Vec<i32>>, Refusal> {
    let usable: Vec<&Broker> = image.brokers().values().filter(|broker| has_open_directory(broker)).collect();
    let refuse = |message: String| Err(Refusal::new(ErrorCode::INVALID_REPLICATION_FACTOR, message));
    if usable.iter().all(|broker| broker.fenced) {
        return refuse(format!(
            "Unable to replicate the partition {replication_factor} time(s): All brokers are currently fenced or have \
             all their log directories cordoned."
        ));
    }
    if replication_factor > usable.len() {
        return refuse(format!(
            "Unable to replicate the partition {replication_factor} time(s): The target replication factor of \
             {replication_factor} cannot be reached because only {} broker(s) are registered or some brokers have all \
             their log directories cordoned.",
            usable.len()
        ));
    }
    let active = interleave_racks(usable.iter().filter(|broker| !broker.fenced));
    let fenced = interleave_racks(usable.iter().filter(|broker| broker.fenced));
    let start = u128::from_be_bytes(seed.0) as usize % active.len();
    let replicas = |partition: i32| {
        let begin = start + usize::try_from(partition).unwrap_or(0);
        // Every round over the leaders shifts the followers by one, so that a dead broker's load spreads.
        let shift = (begin / active.len()) % active.len().max(2).saturating_sub(1);
        let mut chosen = vec![active[begin % active.len()]];
        let rest = (1..active.len())
            .map(|step| active[(begin + 1 + (step - 1 + shift) % (active.len() - 1)) % active.len()]);
        chosen.extend(rest.chain(fenced.iter().copied()).take(replication_factor - 1));
        chosen
    };
    Ok(partitions.map(replicas).collect())
}

/// A broker all of whose directories are cordoned gets no new replicas.
fn has_open_directory(broker: &Broker) -> bool {
    let Some(cordoned) = &broker.cordoned_log_dirs else { return true };
    broker.log_dirs.is_empty() || broker.log_dirs.iter().any(|dir| !cordoned.contains(dir))
}

/// Broker ids such that neighbours are in different racks as far as possible.
fn interleave_racks<'a>(brokers: impl Iterator<Item = &'a &'a Broker>) -> Vec<i32> {
    let mut racks: BTreeMap<Option<&Str>, Vec<i32>> = BTreeMap::new();
    for broker in brokers {
        racks.entry(broker.rack.as_ref()).or_default().push(broker.id);
    }
    let longest = racks.values().map(Vec::len).max().unwrap_or(0);
    (0..longest).flat_map(|at| racks.values().filter_map(move |rack| rack.get(at).copied())).collect()
}
