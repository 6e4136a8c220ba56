//! Transactions of 100 records of 1 KiB, committed one after the other by Kafka's own client.

use super::Row;
use crate::{
    clients::java::{self, Committing},
    generator::admin::{self, NewTopic},
    sample::Sample,
    session::metered,
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    let rate = Target::at_least("txn_per_s", 3.0, Of::Kafka);
    let latency = Target::at_most("commit_p99_ms", 1.0 / 3.0, Of::Kafka);
    vec![
        transactions("transactions-1", 1, 0.0).targets([rate, latency]),
        // So many saturate both cores, and a saturated machine's latency says nothing.
        transactions("transactions-8", 8, 0.0).targets([rate]),
        transactions("transactions-8-paced", 8, 50.0).targets([latency]),
    ]
}

const RECORDS: usize = 100;
const SIZE: usize = 1024;
const PARTITIONS: i32 = 8;

fn transactions(id: &'static str, producers: usize, rate: f64) -> Row {
    let pace =
        if rate > 0.0 { format!("{rate} a second each") } else { "each committed before the next".into() };
    let what = format!("{producers} of Kafka's producers: transactions of {RECORDS} x 1 KiB, {pace}");
    Row::new(id, what, move |session, turn| {
        // A server of its own: the topic of the transactions' states has to be as durable as that of the records.
        let server = session.broker(turn, &[])?;
        let place = server.place()?;
        let topic =
            NewTopic { name: "committed".into(), partitions: PARTITIONS, configs: Default::default() };
        admin::create(place.address, &[topic])?;
        let seconds = session.scale.seconds;
        // Long enough for a JVM's compiler, on both ends of the connection.
        let how = Committing {
            producers,
            records: RECORDS,
            size: SIZE,
            warm_up: 2.5 * seconds,
            measured: seconds,
            rate,
        };
        let (said, cost) = metered(&place, || java::transactions(place.address, "committed", how))?;
        let stored = admin::records_in(place.address, "committed", PARTITIONS)?;
        if said.transactions == 0.0 || (stored as f64) < said.transactions * RECORDS as f64 {
            return Err(format!("{stored} records after {} transactions", said.transactions).into());
        }
        let mut sample = Sample::default();
        sample.set("txn_per_s", said.transactions / said.seconds);
        sample.set("commit_p50_ms", said.p50_ms);
        sample.set("commit_p99_ms", said.p99_ms);
        sample.set("commit_p999_ms", said.p999_ms);
        // Of all transactions, those of the warm-up too: each stored its records and a marker.
        let all = stored as f64 / (RECORDS + 1) as f64;
        sample.set("cpu_ms_per_txn", cost.cpu_seconds * 1e3 / all);
        Ok(sample)
    })
    .brokers_only()
}
