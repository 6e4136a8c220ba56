//! KRaft as a pure machine: epochs, votes, the metadata log's high watermark.
