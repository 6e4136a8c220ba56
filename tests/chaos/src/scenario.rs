//! The faults, a file each. Every one prints its figures and says whether all that must hold did.

pub mod disk_full;
pub mod exactly_once;
pub mod kill;
pub mod pause;
pub mod power;
pub mod recovery;
pub mod tamper;
