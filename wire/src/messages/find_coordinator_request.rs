// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! FindCoordinator request (key 10), versions 0–6.

use crate::Message;
use ottla_types::Str;

/// FindCoordinator request (key 10), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = FindCoordinator, versions = 0..=6, flexible = 3, response = crate::messages::find_coordinator_response::FindCoordinatorResponse)]
pub struct FindCoordinatorRequest {
    /// Key; versions 0–3.
    #[field(versions = 0..=3)]
    pub key: Str,
    /// Key type; since version 1.
    #[field(versions = 1..)]
    pub key_type: i8,
    /// Coordinator keys; since version 4.
    #[field(versions = 4..)]
    pub coordinator_keys: Vec<Str>,
}
