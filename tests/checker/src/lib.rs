//! Checks what clients saw against what Ottla promises.
//!
//! Clients write down what they asked and what they were told ([`history`]); [`check`] looks for what must not be in it
//! and names it as Jepsen's Kafka workload does, so that results can be compared. It knows nothing but the history: not
//! the broker, not the faults, not the clock of anybody else.
//!
//! Start reading at [`Line`], the format; then [`anomalies`], a file each.

#![forbid(unsafe_code)]

mod analysis;
pub mod anomalies;
pub mod history;
mod report;
mod transform;

pub use analysis::Analysis;
pub use anomalies::Anomaly;
pub use history::{History, HistoryError, Line, Micro, Op, Outcome};
pub use report::{Finding, Report, check};
pub use transform::{Fault, TransformReport, check_transform};
