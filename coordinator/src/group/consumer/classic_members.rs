//! Members of a consumer group that speak the classic protocol.

use ottla_types::{ErrorCode, Millis, Str};

use super::{
    super::{
        Groups,
        command::{Heartbeat, JoinGroup, LeavingMember, SyncGroup},
        reply::{JoinReply, LeftMember, Reply, SyncReply},
        settings::MigrationPolicy,
    },
    classic::ClassicJoin,
    member::Member,
};
use crate::{Effects, Ticket};

impl Groups {
    /// A classic member joins a consumer group.
    pub(in crate::group) fn join_consumer_group(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &JoinGroup,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let reply = if self.settings.consumer.migration == MigrationPolicy::Disabled {
            JoinReply::failed(&Str::new(), ErrorCode::INCONSISTENT_GROUP_PROTOCOL)
        } else {
            let mut written = Effects::default();
            let joined = self.decide(now, &request.group_id, &mut written, |step| step.classic_join(request));
            match joined {
                Ok(ClassicJoin::Joined(_)) if self.check_size(&written.records).is_err() => {
                    JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_SERVER_ERROR)
                }
                Ok(ClassicJoin::Joined(reply)) => {
                    effects.records = written.records;
                    reply
                }
                Ok(ClassicJoin::MemberIdRequired(member_id)) => {
                    JoinReply::failed(&member_id, ErrorCode::MEMBER_ID_REQUIRED)
                }
                Ok(ClassicJoin::Downgrade { reply, member, rebalance }) => {
                    // What was written about the member goes with the group.
                    let change: (&[Member], _) = (&[], Some(&*member));
                    if self.downgrade(now, &request.group_id, change, rebalance, &mut effects) {
                        reply
                    } else {
                        JoinReply::failed(&Str::new(), ErrorCode::UNKNOWN_SERVER_ERROR)
                    }
                }
                Err(refused) => JoinReply::failed(&Str::new(), refused.code),
            }
        };
        effects.replies.push((ticket, Reply::Join(reply)));
        effects
    }

    pub(in crate::group) fn sync_consumer_group(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &SyncGroup,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let reply = self.decide(now, &request.group_id, &mut effects, |step| step.classic_sync(request));
        let reply = reply.unwrap_or_else(|refused| SyncReply::failed(refused.code));
        effects.replies.push((ticket, Reply::Sync(reply)));
        effects
    }

    pub(in crate::group) fn heartbeat_consumer_group(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &Heartbeat,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let beat = self.decide(now, &request.group_id, &mut effects, |step| step.classic_heartbeat(request));
        let code = beat.err().map_or(ErrorCode::NONE, |refused| refused.code);
        effects.replies.push((ticket, Reply::Heartbeat(code)));
        effects
    }

    pub(in crate::group) fn leave_consumer_group_classically(
        &mut self,
        now: Millis,
        group_id: &Str,
        leaving: &[LeavingMember],
        effects: &mut Effects<Self>,
    ) -> Vec<LeftMember> {
        let left = self.decide(now, group_id, effects, |step| Ok(step.classic_leave(leaving)));
        let (answers, members) = left.unwrap_or_default();
        let ids: Vec<Str> = members.into_iter().map(|member| member.id).collect();
        let mut room = self.settings.max_batch_bytes / 2;
        self.fence(now, group_id, &ids, &mut room, effects);
        answers
    }
}
