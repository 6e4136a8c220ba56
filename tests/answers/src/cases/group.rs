//! Classic groups: members and their generations, committed offsets, and what operators ask.

mod commits;
mod fetches;
mod joining;
mod leaving;
mod members_refused;
mod offset_delete;
mod operators;
mod rebalances;
mod statics;

pub(super) use commits::commit_quietly;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    describe_groups_request::DescribeGroupsRequest,
    heartbeat_request::HeartbeatRequest,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    join_group_response::JoinGroupResponse,
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
    sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment},
};

use crate::{Cases, Run, Sent, Stop};

pub(super) fn add(cases: &mut Cases) {
    joining::add(cases);
    members_refused::add(cases);
    rebalances::add(cases);
    statics::add(cases);
    leaving::add(cases);
    operators::add(cases);
    commits::add(cases);
    fetches::add(cases);
    offset_delete::add(cases);
}

/// Nothing here ends by a timeout unless the case says so.
const LONG_MS: i32 = 300_000;

/// What a consumer says of itself: the topics it reads.
fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    bytes.put_i32(topics.len() as i32);
    for topic in topics {
        bytes.put_i16(topic.len() as i16);
        bytes.put_slice(topic.as_bytes());
    }
    bytes.put_i32(-1);
    bytes.freeze()
}

/// A consumer that offers `range` for a topic named `x`.
fn joining(group: &Str, member_id: &str) -> JoinGroupRequest {
    let protocol =
        JoinGroupRequestProtocol { name: Str::from_static("range"), metadata: subscription(&["x"]) };
    JoinGroupRequest {
        group_id: group.clone(),
        session_timeout_ms: LONG_MS,
        rebalance_timeout_ms: LONG_MS,
        member_id: member_id.into(),
        protocol_type: Str::from_static("consumer"),
        protocols: vec![protocol],
        ..Default::default()
    }
}

/// Offers these protocols, each with a text of its own.
fn offering(request: JoinGroupRequest, protocols: &[(&str, &'static str)]) -> JoinGroupRequest {
    let protocol = |&(name, text): &(&str, &'static str)| JoinGroupRequestProtocol {
        name: name.into(),
        metadata: Bytes::from_static(text.as_bytes()),
    };
    JoinGroupRequest { protocols: protocols.iter().map(protocol).collect(), ..request }
}

/// A member that has joined.
#[derive(Debug, Clone)]
struct Member {
    connection: &'static str,
    /// Of JoinGroup; the other requests go with it as far as they have versions.
    version: i16,
    group: Str,
    id: Str,
    instance: Option<Str>,
    generation: i32,
}

/// Sends a join that waits for others; where an id is given out first, that is asked for and recorded.
fn send_join(
    run: &mut Run,
    connection: &'static str,
    version: i16,
    request: JoinGroupRequest,
) -> Result<Sent<JoinGroupRequest>, Stop> {
    if version < 4 || !request.member_id.is_empty() || request.group_instance_id.is_some() {
        return run.send_on(connection, version, request);
    }
    let given = run.ask_on(connection, version, request.clone())?;
    run.send_on(connection, version, JoinGroupRequest { member_id: given.member_id, ..request })
}

/// Joins, the answer included.
fn enter(
    run: &mut Run,
    connection: &'static str,
    version: i16,
    request: JoinGroupRequest,
) -> Result<(Member, JoinGroupResponse), Stop> {
    let (group, instance) = (request.group_id.clone(), request.group_instance_id.clone());
    let sent = send_join(run, connection, version, request)?;
    let answer = run.receive(sent)?;
    let (id, generation) = (answer.member_id.clone(), answer.generation_id);
    Ok((Member { connection, version, group, id, instance, generation }, answer))
}

impl Member {
    /// Of the generation an answer to its join names.
    fn at(&self, answer: &JoinGroupResponse) -> Self {
        Self { generation: answer.generation_id, id: answer.member_id.clone(), ..self.clone() }
    }

    /// A join of this member with what it said before.
    fn again(&self) -> JoinGroupRequest {
        JoinGroupRequest { group_instance_id: self.instance.clone(), ..joining(&self.group, &self.id) }
    }

    fn syncing(&self, assignments: &[(&Str, &'static str)]) -> SyncGroupRequest {
        let named = self.version >= 5;
        SyncGroupRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
            protocol_type: named.then(|| Str::from_static("consumer")),
            protocol_name: named.then(|| Str::from_static("range")),
            assignments: assignments
                .iter()
                .map(|&(id, text)| SyncGroupRequestAssignment {
                    member_id: id.clone(),
                    assignment: Bytes::from_static(text.as_bytes()),
                })
                .collect(),
        }
    }

    fn send_sync(
        &self,
        run: &mut Run,
        assignments: &[(&Str, &'static str)],
    ) -> Result<Sent<SyncGroupRequest>, Stop> {
        run.send_on(self.connection, self.version.min(5), self.syncing(assignments))
    }

    fn sync(&self, run: &mut Run, assignments: &[(&Str, &'static str)]) -> Result<(), Stop> {
        run.ask_on(self.connection, self.version.min(5), self.syncing(assignments)).map(drop)
    }

    fn beat(&self, run: &mut Run) -> Result<ErrorCode, Stop> {
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance.clone(),
        };
        Ok(run.ask_on(self.connection, self.version.min(4), request)?.error_code)
    }

    fn leave(&self, run: &mut Run) -> Result<(), Stop> {
        let version = self.version.min(5);
        run.ask_on(self.connection, version, leaving_as(version, &self.group, &[(&self.id, None)])).map(drop)
    }
}

/// Members with their instance ids; before version 3 the first one's id only.
fn leaving_as(version: i16, group: &Str, members: &[(&Str, Option<&str>)]) -> LeaveGroupRequest {
    let request = LeaveGroupRequest { group_id: group.clone(), ..Default::default() };
    if version < 3 {
        return LeaveGroupRequest { member_id: members[0].0.clone(), ..request };
    }
    let member = |&(id, instance): &(&Str, Option<&str>)| MemberIdentity {
        member_id: id.clone(),
        group_instance_id: instance.map(Str::from),
        reason: None,
    };
    LeaveGroupRequest { members: members.iter().map(member).collect(), ..request }
}

/// A consumer alone in its group, with an assignment.
fn alone(run: &mut Run, version: i16, group: &Str) -> Result<Member, Stop> {
    let (member, _) = enter(run, "a", version, joining(group, ""))?;
    member.sync(run, &[(&member.id, "all")])?;
    Ok(member)
}

/// Two consumers with assignments; the first is the leader.
fn pair(run: &mut Run, version: i16, group: &Str) -> Result<(Member, Member), Stop> {
    let one = alone(run, version, group)?;
    let sent = send_join(run, "b", version, joining(group, ""))?;
    wait_for(run, group, "PreparingRebalance")?;
    let back = run.ask_on("a", version, one.again())?;
    let answer = run.receive(sent)?;
    let one = one.at(&back);
    let other = Member { connection: "b", ..one.at(&answer) };
    let sent = other.send_sync(run, &[])?;
    one.sync(run, &[(&one.id, "first half"), (&other.id, "second half")])?;
    run.receive(sent)?;
    Ok((one, other))
}

/// Waits, without recording, until a group is in this state.
fn wait_for(run: &mut Run, group: &Str, state: &str) -> Result<(), Stop> {
    let request = DescribeGroupsRequest { groups: vec![group.clone()], ..Default::default() };
    run.wait_until(5, &request, |answer| answer.groups.iter().all(|found| *found.group_state == *state))?;
    run.note(&format!("the group is {state}"));
    Ok(())
}

/// Records what a group looks like.
fn describe(run: &mut Run, group: &Str) -> Result<(), Stop> {
    run.ask(5, DescribeGroupsRequest { groups: vec![group.clone()], ..Default::default() }).map(drop)
}
