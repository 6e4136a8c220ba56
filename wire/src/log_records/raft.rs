// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! The quorum's vote file.

pub mod quorum_state_data;
