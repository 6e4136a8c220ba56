//! The only door to files: real, simulated and recording implementations.
