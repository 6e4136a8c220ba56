//! The broker: wiring, the table of APIs, handlers, partitions.
