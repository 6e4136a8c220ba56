//! What a partition leader decides: high watermark, epochs, producer sequences.
