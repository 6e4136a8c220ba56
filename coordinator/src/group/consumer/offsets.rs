//! Whose offset commits and fetches count in a consumer group.

use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Str, Uuid};

use super::{super::command::CommitOffsets, ConsumerGroup, member::Member};

impl ConsumerGroup {
    /// A member may commit in its epoch; in an earlier one what it has had since then (`partitions` by topic). Outside the
    /// group it may be anybody while there are no members, and a transaction that names no member.
    pub(in crate::group) fn check_commit(
        &self,
        request: &CommitOffsets,
        partitions: &[(Uuid, Vec<i32>)],
    ) -> Result<(), ErrorCode> {
        let (epoch, in_transaction) = (request.generation, request.producer.is_some());
        let names_nobody = request.member_id.is_empty() && request.instance_id.is_none();
        if epoch < 0 && self.is_empty() || in_transaction && epoch == -1 && names_nobody {
            return Ok(());
        }
        let member = self.member(&request.member_id).ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if !in_transaction && !member.uses_classic_protocol() && !request.knows_group_id_not_found {
            return Err(ErrorCode::UNSUPPORTED_VERSION);
        }
        let had_then = |topic: Uuid, partition: i32| {
            member.current.assigned_in(topic, partition).is_some_and(|assigned| assigned <= epoch)
        };
        let all = || partitions.iter().all(|(topic, indexes)| indexes.iter().all(|i| had_then(*topic, *i)));
        if epoch == member.epoch() || epoch < member.epoch() && (all() || mutant!("stale_member_commits")) {
            Ok(())
        } else if in_transaction {
            Err(ErrorCode::ILLEGAL_GENERATION)
        } else {
            Err(stale(&member))
        }
    }

    /// A member may ask in its epoch, and who names none always.
    pub(in crate::group) fn check_fetch(&self, member_id: Option<&Str>, epoch: i32) -> Result<(), ErrorCode> {
        if member_id.is_none() && epoch < 0 {
            return Ok(());
        }
        let member = member_id.and_then(|member_id| self.member(member_id));
        let member = member.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?;
        if epoch == member.epoch() { Ok(()) } else { Err(stale(&member)) }
    }
}

/// What a member in the wrong epoch is told, in the words of its protocol.
fn stale(member: &Member) -> ErrorCode {
    if member.uses_classic_protocol() { ErrorCode::ILLEGAL_GENERATION } else { ErrorCode::STALE_MEMBER_EPOCH }
}
