//! Proof of the wire crate.
//!
//! [`Schema`] is a message's description, from two sources that know nothing of one another: the derive
//! ([`Schema::derived`]) and Kafka's own files ([`official`]). Equal descriptions ([`differences`]) make the rest
//! possible: values made by reflection ([`generate`]), and an encoder that is not the derive's ([`encode`]).
//! What these agree on is then put before other implementations of the protocol ([`oracle`]).

mod compare;
mod encode;
mod generate;
mod json;
pub mod official;
pub mod oracle;
mod schema;
mod value;

pub use compare::differences;
pub use encode::encode;
pub use generate::{Tame, generate};
pub use json::to_json;
pub use ottla_testkit::Rng;
pub use schema::{Field, Kind, Schema, Structure};
pub use value::Value;
