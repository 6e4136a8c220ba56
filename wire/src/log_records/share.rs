// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Records of `__share_group_state`.

pub mod share_snapshot_key;
pub mod share_snapshot_value;
pub mod share_update_key;
pub mod share_update_value;
