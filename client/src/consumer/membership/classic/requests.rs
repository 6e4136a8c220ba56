use ottla_types::{Millis, Str};
use ottla_wire::messages::{
    heartbeat_request::HeartbeatRequest,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
    sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment},
};

use super::{
    super::{Failure, Request, protocol},
    Classic, Kind, Phase,
};

/// What members of consumer groups call their protocol.
const PROTOCOL_TYPE: Str = Str::from_static("consumer");

impl Classic {
    /// What to ask the coordinator now.
    pub(super) fn next_request(&mut self, now: Millis) -> Option<(Kind, Request)> {
        match self.phase {
            Phase::Outside if self.reads.is_known() => {
                let Some(request) = self.join_request() else {
                    self.fail(Failure::Protocol("the subscription is too large for JoinGroup"));
                    return None;
                };
                self.phase = Phase::Joining;
                Some((Kind::Join, Request::Join(request)))
            }
            Phase::Syncing => Some((Kind::Sync, Request::Sync(self.sync_request()))),
            Phase::Stable | Phase::Revoking(_) | Phase::Counting if now >= self.next_heartbeat => {
                self.next_heartbeat = now.plus(self.rules.heartbeat_interval_ms);
                Some((Kind::Heartbeat, Request::Heartbeat(self.heartbeat_request())))
            }
            Phase::Leaving { .. } => Some((Kind::Leave, Request::Leave(self.leave_request()))),
            _ => None,
        }
    }

    fn join_request(&mut self) -> Option<JoinGroupRequest> {
        let topics = self.reads.tell();
        let protocol = |assignor: &ottla_assign::ClassicAssignor| {
            let had = self.remembered.as_ref().map(|(partitions, generation)| (partitions, *generation));
            let user_data = protocol::user_data(*assignor, had);
            let rack_id = self.rules.rack_id.as_ref();
            let metadata = protocol::subscription(&topics, &self.owned, self.generation, rack_id, user_data);
            Some(JoinGroupRequestProtocol { name: assignor.name().into(), metadata: metadata.ok()? })
        };
        Some(JoinGroupRequest {
            group_id: self.rules.group_id.clone(),
            session_timeout_ms: self.rules.session_timeout_ms,
            rebalance_timeout_ms: self.rules.rebalance_timeout_ms,
            member_id: self.member_id.clone(),
            group_instance_id: self.rules.instance_id.clone(),
            protocol_type: PROTOCOL_TYPE,
            protocols: self.rules.assignors.iter().map(protocol).collect::<Option<_>>()?,
            reason: None,
        })
    }

    fn sync_request(&self) -> SyncGroupRequest {
        let told = |(member_id, assignment): &(Str, bytes::Bytes)| SyncGroupRequestAssignment {
            member_id: member_id.clone(),
            assignment: assignment.clone(),
        };
        SyncGroupRequest {
            group_id: self.rules.group_id.clone(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            group_instance_id: self.rules.instance_id.clone(),
            protocol_type: Some(PROTOCOL_TYPE),
            protocol_name: self.assignor.map(|assignor| assignor.name().into()),
            assignments: self.assignments.iter().map(told).collect(),
        }
    }

    fn heartbeat_request(&self) -> HeartbeatRequest {
        HeartbeatRequest {
            group_id: self.rules.group_id.clone(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            group_instance_id: self.rules.instance_id.clone(),
        }
    }

    fn leave_request(&self) -> LeaveGroupRequest {
        let member = MemberIdentity {
            member_id: self.member_id.clone(),
            group_instance_id: self.rules.instance_id.clone(),
            reason: None,
        };
        LeaveGroupRequest {
            group_id: self.rules.group_id.clone(),
            member_id: self.member_id.clone(),
            members: vec![member],
        }
    }
}
