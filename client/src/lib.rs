//! Ottla's native Kafka client.
