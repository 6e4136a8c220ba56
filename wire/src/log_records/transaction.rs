// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Records of `__transaction_state`.

pub mod transaction_log_key;
pub mod transaction_log_value;
