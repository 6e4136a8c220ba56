//! The cluster's metadata: image, deltas, snapshots, and the controller that decides.
