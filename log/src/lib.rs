//! Partition logs in Kafka's file formats: append, read, roll, retain, recover.
