// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! What Kafka Streams puts into its subscription.

pub mod subscription_info_data;
