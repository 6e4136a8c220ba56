use super::{Controller, Refusal, draft::Draft, partition_change::PartitionChange};
use crate::{Broker, NO_LEADER, Topic, feature, image::kept};
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::{
    log_records::metadata::{
        broker_registration_change_record::BrokerRegistrationChangeRecord,
        register_broker_record::{BrokerEndpoint, BrokerFeature, RegisterBrokerRecord},
        unregister_broker_record::UnregisterBrokerRecord,
    },
    messages::broker_registration_request::{BrokerRegistrationRequest, Feature, Listener},
};
use std::sync::Arc;

/// The `metadata.version` with cordoned directories (4.3-IV0).
const CORDONED_DIRECTORIES: i16 = 30;

/// A broker's sign of life (BrokerHeartbeat).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrokerHeartbeat {
    /// Node id.
    pub broker_id: i32,
    /// The epoch its registration got.
    pub broker_epoch: i64,
    /// The last metadata offset it has applied.
    pub current_metadata_offset: i64,
    /// It does not want to serve.
    pub want_fence: bool,
    /// It wants to go down.
    pub want_shut_down: bool,
}

/// What a heartbeat is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatAnswer {
    /// It has seen its own registration.
    pub is_caught_up: bool,
    /// It may not serve.
    pub is_fenced: bool,
    /// It leads nothing any more and may go.
    pub should_shut_down: bool,
}

impl Controller {
    /// Registers a new incarnation, fenced. The old one, if it still counts as alive, is fenced first; if it left no
    /// clean-shutdown mark it is taken out of every ELR, for it may have lost data.
    pub(super) fn register_broker(
        &self,
        draft: &mut Draft,
        request: &BrokerRegistrationRequest,
    ) -> Result<i64, ErrorCode> {
        let id = request.broker_id;
        let epoch = self.next_offset;
        let before = draft.image.broker(id).cloned();
        if let Some(before) = &before {
            if before.incarnation_id == request.incarnation_id {
                return Ok(before.epoch);
            }
            if !before.fenced && self.options.local_broker != Some(id) {
                return Err(ErrorCode::DUPLICATE_BROKER_REGISTRATION);
            }
            let unclean = request.previous_broker_epoch != before.epoch;
            if !before.fenced {
                step_down(draft, id, |change| change.without(id));
                draft.push(registration_change(before, |change| change.fenced = 1));
            }
            if unclean {
                step_down(draft, id, |change| change.after_unclean_shutdown_of(id));
            }
        }
        draft.push(registration(request, epoch));
        if draft.image.features.level(feature::METADATA_VERSION) >= CORDONED_DIRECTORIES {
            let no_cordoned =
                |change: &mut BrokerRegistrationChangeRecord| change.cordoned_log_dirs = Some(Vec::new());
            let registered = draft.image.broker(id).cloned().unwrap_or_default();
            draft.push(registration_change(&registered, no_cordoned));
        }
        Ok(epoch)
    }
}

/// Takes a heartbeat: unfences a broker that has caught up with its registration, fences one that wants it, and walks
/// one that wants to go down through controlled shutdown.
pub(super) fn heartbeat(draft: &mut Draft, beat: &BrokerHeartbeat) -> Result<HeartbeatAnswer, ErrorCode> {
    let id = beat.broker_id;
    let broker = draft.image.broker(id).cloned().ok_or(ErrorCode::BROKER_ID_NOT_REGISTERED)?;
    if broker.epoch != beat.broker_epoch {
        return Err(ErrorCode::STALE_BROKER_EPOCH);
    }
    let is_caught_up = beat.current_metadata_offset >= broker.epoch;
    if broker.fenced {
        if !beat.want_fence && !beat.want_shut_down && is_caught_up {
            draft.push(registration_change(&broker, |change| change.fenced = -1));
            step_up(draft, id);
        }
    } else if beat.want_shut_down {
        if !broker.in_controlled_shutdown && leads_or_follows(draft, id) {
            draft.push(registration_change(&broker, |change| change.in_controlled_shutdown = 1));
            step_down(draft, id, |change| change.without(id));
        }
        if !leads(draft, id) {
            draft.push(registration_change(&broker, |change| change.fenced = 1));
        }
    } else if beat.want_fence {
        step_down(draft, id, |change| change.without(id));
        draft.push(registration_change(&broker, |change| change.fenced = 1));
    }
    let is_fenced = draft.image.broker(id).is_none_or(|broker| broker.fenced);
    Ok(HeartbeatAnswer { is_caught_up, is_fenced, should_shut_down: beat.want_shut_down && is_fenced })
}

/// Forgets a broker for good.
pub(super) fn unregister(draft: &mut Draft, id: i32) -> Result<(), Refusal> {
    let Some(broker) = draft.image.broker(id).cloned() else {
        let text = format!("Broker ID {id} is not currently registered");
        return Err(Refusal::new(ErrorCode::BROKER_ID_NOT_REGISTERED, text));
    };
    step_down(draft, id, |change| change.without(id));
    draft.push(UnregisterBrokerRecord { broker_id: id, broker_epoch: broker.epoch });
    Ok(())
}

/// Changes every partition in which the broker is in the ISR, in the ELR, or leads.
fn step_down(draft: &mut Draft, id: i32, how: impl Fn(PartitionChange<'_>) -> PartitionChange<'_>) {
    let concerned = |p: &crate::Partition| p.leader == id || p.isr.contains(&id) || p.elr.contains(&id);
    for_each_partition(draft, concerned, how);
}

/// Gives partitions without a leader to a broker that came back, where it may lead them.
fn step_up(draft: &mut Draft, id: i32) {
    let concerned = |p: &crate::Partition| p.leader == NO_LEADER && p.replicas.contains(&id);
    for_each_partition(draft, concerned, |change| change);
}

fn for_each_partition(
    draft: &mut Draft,
    concerned: impl Fn(&crate::Partition) -> bool,
    how: impl Fn(PartitionChange<'_>) -> PartitionChange<'_>,
) {
    let mut topics: Vec<Arc<Topic>> = draft.image.topics.iter().cloned().collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    for topic in topics {
        for (number, partition) in topic.partitions.iter().filter(|(_, partition)| concerned(partition)) {
            let change = how(PartitionChange::new(&draft.image, &topic.name, partition));
            if let Some(record) = change.build(topic.id, *number) {
                draft.push(record);
            }
        }
    }
}

fn leads(draft: &Draft, id: i32) -> bool {
    draft.image.topics.iter().any(|topic| topic.partitions.values().any(|partition| partition.leader == id))
}

fn leads_or_follows(draft: &Draft, id: i32) -> bool {
    let in_isr =
        |topic: &Arc<Topic>| topic.partitions.values().any(|p| p.leader == id || p.isr.contains(&id));
    draft.image.topics.iter().any(in_isr)
}

fn registration_change(
    broker: &Broker,
    change: impl FnOnce(&mut BrokerRegistrationChangeRecord),
) -> BrokerRegistrationChangeRecord {
    let mut record = BrokerRegistrationChangeRecord {
        broker_id: broker.id,
        broker_epoch: broker.epoch,
        ..BrokerRegistrationChangeRecord::default()
    };
    change(&mut record);
    record
}

fn registration(request: &BrokerRegistrationRequest, broker_epoch: i64) -> RegisterBrokerRecord {
    let end_point = |l: &Listener| BrokerEndpoint {
        name: kept(&l.name),
        host: kept(&l.host),
        port: l.port,
        security_protocol: l.security_protocol,
    };
    let feature = |f: &Feature| BrokerFeature {
        name: kept(&f.name),
        min_supported_version: f.min_supported_version,
        max_supported_version: f.max_supported_version,
    };
    let mut log_dirs: Vec<Uuid> = request.log_dirs.clone();
    log_dirs.sort_unstable();
    RegisterBrokerRecord {
        broker_id: request.broker_id,
        is_migrating_zk_broker: false,
        incarnation_id: request.incarnation_id,
        broker_epoch,
        end_points: request.listeners.iter().map(end_point).collect(),
        features: request.features.iter().map(feature).collect(),
        rack: request.rack.as_ref().map(|rack: &Str| kept(rack)),
        fenced: true,
        in_controlled_shutdown: false,
        log_dirs,
        cordoned_log_dirs: None,
    }
}
