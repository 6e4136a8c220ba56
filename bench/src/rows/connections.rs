//! Connections that do nothing, and what they mean for those that do.

use super::{Row, requests::Load};
use crate::{
    generator::idle,
    servers::{Durability, LimitRuntime},
    session::make,
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    let what = "a fresh broker: 50 busy connections alone, then the same beside 5,000 idle ones";
    let row = Row::new("connections-5k", what, |session, turn| {
        let mut server = session.fresh(turn, LimitRuntime::OneThread, 1)?;
        server.spawn()?;
        server.wait_for_port()?;
        let place = server.place()?;
        make(&place, "busy", Durability::PageCache, 1)?;
        let (connections, count) = (session.scale.busy_connections, session.scale.idle_connections);
        let busy = Load { connections, in_flight: 1, records: 1, size: 100, partitions: 1 };
        let alone = busy.on(session, &place, "busy", session.scale.duration())?;
        let before = place.tree.memory()?.now;
        let open = idle::open(place.address, count)?;
        let after = place.tree.memory()?.now;
        let mut sample = busy.on(session, &place, "busy", session.scale.duration())?;
        drop(open);
        sample.set("idle_connection_kib", (after - before).max(0.0) * 1024.0 / count as f64);
        if let (Some(beside), Some(alone)) = (sample.get("p99_ms"), alone.get("p99_ms")) {
            sample.set("alone_p99_ms", alone);
            sample.set("p99_grows", beside / alone);
        }
        Ok(sample)
    });
    vec![row.only(Durability::PageCache).targets([
        Target::at_most("idle_connection_kib", 12.0, Of::Itself),
        Target::at_most("p99_grows", 1.5, Of::Itself),
    ])]
}
