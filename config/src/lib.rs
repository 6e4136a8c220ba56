//! Every setting of Kafka, one table per scope: parse, validate, describe.
