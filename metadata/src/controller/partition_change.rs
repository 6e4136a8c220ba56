use crate::{Image, LeaderRecoveryState, NO_LEADER, NO_LEADER_CHANGE, Partition};
use ottla_types::Uuid;
use ottla_wire::log_records::metadata::partition_change_record::PartitionChangeRecord;

/// How a leader is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Election {
    /// Keep the leader if it may stay, else the first replica that may lead.
    Online,
    /// The first replica of all, if it may lead.
    Preferred,
    /// As `Online`, and as a last resort any live replica, whatever it has lost.
    Unclean,
}

/// Computes the record that moves one partition to a new ISR and, where needed, a new leader (KIP-966's rules).
///
/// A replica leaving the ISR goes into the ELR when the ISR falls below `min.insync.replicas`, so that ISR ∪ ELR keeps
/// that many complete replicas. Election order: a live ISR member; with an empty ISR a live ELR member; with both empty
/// the last known leader; only then, if asked for, any live replica.
pub(super) struct PartitionChange<'a> {
    image: &'a Image,
    partition: &'a Partition,
    min_in_sync_replicas: usize,
    election: Election,
    target_isr: Vec<i32>,
    target_elr: Vec<i32>,
    target_last_known_elr: Vec<i32>,
    unclean_shutdown: Option<i32>,
    leaving: Option<i32>,
}

impl<'a> PartitionChange<'a> {
    pub(super) fn new(image: &'a Image, topic: &str, partition: &'a Partition) -> Self {
        Self {
            image,
            partition,
            min_in_sync_replicas: image.min_in_sync_replicas(topic).unwrap_or(1).max(1),
            election: Election::Online,
            target_isr: partition.isr.clone(),
            target_elr: partition.elr.clone(),
            target_last_known_elr: partition.last_known_elr.clone(),
            unclean_shutdown: None,
            leaving: None,
        }
    }

    pub(super) fn election(mut self, election: Election) -> Self {
        self.election = election;
        self
    }

    /// Takes a broker out of the ISR: it is fenced, shutting down or gone, and may not lead.
    pub(super) fn without(mut self, broker: i32) -> Self {
        self.target_isr.retain(|id| *id != broker);
        self.leaving = Some(broker);
        self
    }

    /// Takes a broker out of ISR and ELR: it came back without its clean-shutdown mark and may have lost data.
    pub(super) fn after_unclean_shutdown_of(mut self, broker: i32) -> Self {
        self.unclean_shutdown = Some(broker);
        self.without(broker)
    }

    /// The record, or `None` when everything stays as it is.
    pub(super) fn build(mut self, topic_id: Uuid, partition_id: i32) -> Option<PartitionChangeRecord> {
        let unchanged = PartitionChangeRecord { topic_id, partition_id, ..PartitionChangeRecord::default() };
        let mut record = unchanged.clone();
        self.move_elr();
        self.elect(&mut record);
        let partition = self.partition;
        let isr_emptied_too_far = self.target_isr.is_empty() && !self.elr_enabled();
        if self.target_isr != partition.isr && !isr_emptied_too_far {
            record.isr = Some(self.target_isr.clone());
        }
        if self.elr_enabled() {
            self.keep_last_known_leader(&record);
            if self.target_elr != partition.elr {
                record.eligible_leader_replicas = Some(self.target_elr);
            }
            if self.target_last_known_elr != partition.last_known_elr {
                record.last_known_elr = Some(self.target_last_known_elr);
            }
        }
        (record != unchanged).then_some(record)
    }

    fn elr_enabled(&self) -> bool {
        self.image.features.elr_enabled()
    }

    fn enough(&self) -> bool {
        self.target_isr.len() >= self.min_in_sync_replicas.min(self.partition.replicas.len())
    }

    fn move_elr(&mut self) {
        if !self.elr_enabled() {
            return;
        }
        if self.enough() {
            self.target_elr.clear();
            self.target_last_known_elr.clear();
            return;
        }
        let was_complete = self.partition.elr.iter().chain(&self.partition.isr).copied();
        let mut elr: Vec<i32> = Vec::new();
        for id in was_complete {
            if !self.target_isr.contains(&id) && self.unclean_shutdown != Some(id) && !elr.contains(&id) {
                elr.push(id);
            }
        }
        self.target_elr = elr;
    }

    fn elect(&mut self, record: &mut PartitionChangeRecord) {
        let partition = self.partition;
        let (leader, unclean) = self.choose();
        if leader == partition.leader {
            return;
        }
        record.leader = leader;
        if leader == NO_LEADER {
            return;
        }
        if unclean {
            // Only the chosen one counts: what the others have may differ from what it has.
            self.target_isr = vec![leader];
            self.target_elr.retain(|id| *id != leader);
            if partition.leader_recovery_state != LeaderRecoveryState::Recovering {
                record.leader_recovery_state = LeaderRecoveryState::Recovering.value();
            }
        } else if !self.target_isr.contains(&leader) {
            self.target_isr = vec![leader];
            self.target_elr.retain(|id| *id != leader);
        }
        if self.elr_enabled() && self.enough() {
            self.target_elr.clear();
            self.target_last_known_elr.clear();
        }
    }

    /// The leader to have, and whether choosing it may lose data.
    fn choose(&self) -> (i32, bool) {
        let partition = self.partition;
        let preferred = partition.preferred_leader();
        if self.election == Election::Preferred && self.may_lead(preferred) {
            return (preferred, false);
        }
        if self.may_lead(partition.leader) {
            return (partition.leader, false);
        }
        if let Some(online) = partition.replicas.iter().find(|id| self.may_lead(**id)) {
            return (*online, false);
        }
        if let Some(last) = self.last_known_leader() {
            return (last, true);
        }
        let live = partition.replicas.iter().find(|id| self.is_live(**id));
        match live.filter(|_| self.election == Election::Unclean) {
            Some(live) => (*live, true),
            None => (NO_LEADER, false),
        }
    }

    fn is_live(&self, broker: i32) -> bool {
        self.leaving != Some(broker) && self.image.is_active(broker)
    }

    fn may_lead(&self, broker: i32) -> bool {
        let from_elr = self.elr_enabled() && self.target_isr.is_empty() && self.target_elr.contains(&broker);
        (self.target_isr.contains(&broker) || from_elr) && self.is_live(broker)
    }

    fn last_known_leader(&self) -> Option<i32> {
        let both_empty = self.target_isr.is_empty() && self.target_elr.is_empty();
        match self.target_last_known_elr.as_slice() {
            [only] if self.elr_enabled() && both_empty && self.is_live(*only) => Some(*only),
            _ => None,
        }
    }

    /// The moment the ISR becomes empty, the leader is remembered: it has everything that was ever acknowledged.
    fn keep_last_known_leader(&mut self, record: &PartitionChangeRecord) {
        let emptied = record.isr.as_ref().is_some_and(Vec::is_empty);
        if emptied && record.leader != NO_LEADER_CHANGE && self.partition.leader != NO_LEADER {
            self.target_last_known_elr = vec![self.partition.leader];
        }
    }
}
