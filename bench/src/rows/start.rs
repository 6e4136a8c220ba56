//! From the start of a formatted, empty broker to the first message it has taken.

use std::time::{Duration, Instant};

use super::Row;
use crate::{
    Result,
    generator::{closed::ClosedLoop, connection::PATIENCE, frames::Shape},
    sample::Sample,
    servers::{Durability, LimitRuntime, Place},
    session::make,
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    let what = "start of a formatted, empty broker → open port → a topic made and a message acknowledged";
    let row = Row::new("start", what, |session, turn| {
        let mut server = session.fresh(turn, LimitRuntime::OneThread, 1)?;
        let began = Instant::now();
        let ms = || began.elapsed().as_secs_f64() * 1e3;
        server.spawn()?;
        server.wait_for_port()?;
        let place = server.place()?;
        let mut sample = Sample::default();
        sample.set("port_ms", ms());
        make(&place, "first", turn.durability, 1)?;
        first_message(&place, "first")?;
        sample.set("first_ack_ms", ms());
        sample.set("cpu_s", place.tree.cpu_seconds()?);
        sample.set("rss_mib", place.tree.memory()?.now);
        session.check(&place, "first", 1, 1)?;
        Ok(sample)
    });
    vec![row.only(Durability::PageCache).targets([
        Target::at_most("first_ack_ms", 200.0, Of::Itself),
        Target::at_most("first_ack_ms", 1.0 / 15.0, Of::Kafka),
    ])]
}

/// Exactly one message to partition 0. A broker that has just started may refuse for a while.
pub(super) fn first_message(place: &Place, topic: &str) -> Result<()> {
    let shape = Shape { topic: topic.to_owned(), partition: 0, acks: 1, records: 1, size: 100 };
    let began = Instant::now();
    loop {
        let sent =
            ClosedLoop::connect(place.address, 1, 1, std::slice::from_ref(&shape)).and_then(ClosedLoop::once);
        match sent {
            Ok(through) if through.requests == 1 => return Ok(()),
            Ok(through) => return Err(format!("{} messages instead of one", through.requests).into()),
            Err(error) if began.elapsed() > PATIENCE => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}
