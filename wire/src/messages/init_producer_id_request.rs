// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! InitProducerId request (key 22), versions 0–6.

use crate::Message;
use ottla_types::Str;

/// InitProducerId request (key 22), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = InitProducerId, versions = 0..=6, flexible = 2, response = crate::messages::init_producer_id_response::InitProducerIdResponse)]
pub struct InitProducerIdRequest {
    /// Transactional id.
    #[field(nullable)]
    pub transactional_id: Option<Str>,
    /// Transaction timeout, in milliseconds.
    pub transaction_timeout_ms: i32,
    /// Producer id; since version 3.
    #[field(versions = 3.., default = -1)]
    pub producer_id: i64,
    /// Producer epoch; since version 3.
    #[field(versions = 3.., default = -1)]
    pub producer_epoch: i16,
    /// Enable2 pc; since version 6.
    #[field(versions = 6..)]
    pub enable2_pc: bool,
    /// Keep prepared txn; since version 6.
    #[field(versions = 6..)]
    pub keep_prepared_txn: bool,
}
