use super::super::command::{JoinGroup, Protocol};
use crate::Ticket;
use bytes::Bytes;
use ottla_types::Str;

/// One member of a classic group.
#[derive(Debug)]
pub(in crate::group) struct Member {
    pub(in crate::group) id: Str,
    pub(in crate::group) instance_id: Option<Str>,
    pub(in crate::group) client_id: Str,
    pub(in crate::group) client_host: Str,
    pub(in crate::group) rebalance_timeout_ms: i32,
    pub(in crate::group) session_timeout_ms: i32,
    pub(in crate::group) protocol_type: Str,
    pub(in crate::group) protocols: Vec<Protocol>,
    pub(in crate::group) assignment: Bytes,
    /// It has never been in a generation; while it waits for one, only the new-member timeout removes it.
    pub(in crate::group) is_new: bool,
    pub(in crate::group) join_ticket: Option<Ticket>,
    pub(in crate::group) sync_ticket: Option<Ticket>,
}

impl Member {
    /// A new member from its join. Everything is copied out of the request's frame, which is much larger than this.
    pub(super) fn new(id: Str, request: &JoinGroup) -> Self {
        Self {
            id,
            instance_id: request.instance_id.as_ref().map(own),
            client_id: own(&request.client_id),
            client_host: own(&request.client_host),
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocol_type: own(&request.protocol_type),
            protocols: own_protocols(&request.protocols),
            assignment: Bytes::new(),
            is_new: true,
            join_ticket: None,
            sync_ticket: None,
        }
    }

    /// Takes over what a rejoin says.
    pub(super) fn update(&mut self, request: &JoinGroup) {
        self.protocols = own_protocols(&request.protocols);
        self.rebalance_timeout_ms = request.rebalance_timeout_ms;
        self.session_timeout_ms = request.session_timeout_ms;
    }

    pub(super) fn awaits_join(&self) -> bool {
        self.join_ticket.is_some()
    }

    /// Somebody who waits for our answer needs no heartbeats, unless it is new: those must not wait for ever.
    pub(super) fn is_excused(&self) -> bool {
        !self.is_new && (self.join_ticket.is_some() || self.sync_ticket.is_some())
    }

    pub(super) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|own| *own.name == *protocol)
    }

    /// What the member said about a protocol; empty if it does not know it.
    pub(in crate::group) fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols
            .iter()
            .find(|own| *own.name == *protocol)
            .map(|own| own.metadata.clone())
            .unwrap_or_default()
    }
}

pub(super) fn own(text: &Str) -> Str {
    Str::from(text.to_string())
}

fn own_protocols(protocols: &[Protocol]) -> Vec<Protocol> {
    let own = |protocol: &Protocol| Protocol {
        name: own(&protocol.name),
        metadata: Bytes::copy_from_slice(&protocol.metadata),
    };
    protocols.iter().map(own).collect()
}
