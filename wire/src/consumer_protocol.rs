// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! What classic consumers put into the opaque bytes of JoinGroup and SyncGroup.

pub mod consumer_protocol_assignment;
pub mod consumer_protocol_subscription;
