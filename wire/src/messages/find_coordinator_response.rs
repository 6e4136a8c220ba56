// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! FindCoordinator response (key 10), versions 0–6.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// FindCoordinator response (key 10), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=6, flexible = 3)]
pub struct FindCoordinatorResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code; versions 0–3.
    #[field(versions = 0..=3)]
    pub error_code: ErrorCode,
    /// Error message; versions 1–3.
    #[field(versions = 1..=3, nullable = 1..=3, ignorable)]
    pub error_message: Option<Str>,
    /// Node id; versions 0–3.
    #[field(versions = 0..=3)]
    pub node_id: i32,
    /// Host; versions 0–3.
    #[field(versions = 0..=3)]
    pub host: Str,
    /// Port; versions 0–3.
    #[field(versions = 0..=3)]
    pub port: i32,
    /// Coordinators; since version 4.
    #[field(versions = 4..)]
    pub coordinators: Vec<Coordinator>,
}

/// Part of [`FindCoordinatorResponse`]: coordinator.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Coordinator {
    /// Key; since version 4.
    #[field(versions = 4..)]
    pub key: Str,
    /// Node id; since version 4.
    #[field(versions = 4..)]
    pub node_id: i32,
    /// Host; since version 4.
    #[field(versions = 4..)]
    pub host: Str,
    /// Port; since version 4.
    #[field(versions = 4..)]
    pub port: i32,
    /// Error code; since version 4.
    #[field(versions = 4..)]
    pub error_code: ErrorCode,
    /// Error message; since version 4.
    #[field(versions = 4.., nullable = 4.., ignorable)]
    pub error_message: Option<Str>,
}
