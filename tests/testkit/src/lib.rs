//! What tests share: a real broker in a temporary directory, deadlines, free ports.
