//! A whole broker.

mod ask;
mod check;
mod crash;
mod model;
mod run;
mod script;
mod transactions;

pub use ask::{Client, config};
pub use check::check;
pub use crash::{another_topic, crash, fail, offline, without_metadata};
pub use model::{Topic, World};
pub use run::Run;
pub use script::{Step, tour};
pub use transactions::{crash_transactions, marker_while_asking};

/// The data directory.
pub const DATA: &str = "/data";
