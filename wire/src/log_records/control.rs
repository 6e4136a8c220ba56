// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Control records, and the principal that travels in an Envelope.

pub mod control_record_type_schema;
pub mod default_principal_data;
pub mod end_txn_marker;
pub mod kraft_version_record;
pub mod leader_change_message;
pub mod snapshot_footer_record;
pub mod snapshot_header_record;
pub mod voters_record;
