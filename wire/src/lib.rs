//! Kafka's wire protocol: messages as plain structs, their codec, log-record types.
