//! Answers like Kafka's: recorded requests are sent raw to Ottla and the decoded responses are compared with those of
//! Apache Kafka 4.3.1.
//!
//! A [`Case`] is a short sequence of requests against a broker both sides run with the same settings
//! (`kafka/server.properties`). Playing it gives a transcript: every request and response, decoded, with ids, times and
//! places replaced by names. `golden/<area>/<case>.txt` is the transcript of Apache Kafka 4.3.1. Where Ottla differs
//! on purpose, `<case>.ottla.txt` stands beside it and `differences.md` gives the reason.
//!
//! Start reading at [`cases`], then [`Run`]: what a case can do.
//!
//! | command | does |
//! | --- | --- |
//! | `cargo test -p ottla-answers` | plays all cases on Ottla and compares |
//! | `cargo run -p ottla-answers -- record [PART]` | records from Apache Kafka 4.3.1, which it starts itself (Java 17; Maven the first time) |
//! | `cargo run -p ottla-answers -- show PART` | plays the cases whose name contains PART on Ottla and prints them |
//! | `cargo run -p ottla-answers -- accept PART` | writes the `.ottla.txt` of the cases that differ; `differences.md` must say why |

#![forbid(unsafe_code)]

mod case;
pub mod cases;
mod connection;
pub mod golden;
mod labels;
mod normal;
mod records_text;
mod run;
pub mod server;
mod tree;

pub use case::{Case, Cases};
pub use run::{Run, Sent, Stop, Topic};
