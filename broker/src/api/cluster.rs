//! What the cluster is and what it can do.

pub(crate) mod api_versions;
pub(crate) mod auto_topics;
pub(crate) mod metadata;
pub(crate) mod view;
