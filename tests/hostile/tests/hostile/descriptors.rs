//! Bug 61: no descriptors left.

use std::time::{Duration, Instant};

use ottla_hostile::{
    Broker, MIB, Wire, cpu_seconds, create_topic, descriptors, figure, framed, header, produce,
};
use ottla_testkit::until;
use ottla_types::ErrorCode;

const LIMIT: u64 = 256;

#[test]
fn b61_a_thousand_connects_with_256_descriptors() {
    let broker = Broker::start_limited(LIMIT, &[]);
    let pid = broker.node().pid();
    let mut existing = broker.connect();
    create_topic(&mut existing, "rolls", 1, &[("segment.bytes", "1048576")]);
    let held: Vec<Wire> = (0..1000).filter_map(|_| Wire::try_open(broker.node().address())).collect();
    until("the limit", Duration::from_secs(20), || (descriptors(pid) > 150).then_some(()));
    broker.probe().is_served();
    // The accept loop waits; it does not spin.
    let (cpu, began) = (cpu_seconds(pid), Instant::now());
    until("two seconds of full house", Duration::from_secs(10), || {
        (began.elapsed() > Duration::from_secs(2)).then_some(())
    });
    let share = (cpu_seconds(pid) - cpu) / began.elapsed().as_secs_f64();
    figure("b61.cpu_at_the_limit", (share * 100.0).round(), "% of a core");
    assert!(share < 0.6, "the accept loop spins: {share} of a core");
    // The log has descriptors of its own: segments roll, topics are created, by those who are connected.
    let batch = super::batches::value(&vec![b'x'; 400_000]);
    for _ in 0..12 {
        assert_eq!(produce(&mut existing, 9, "rolls", 0, batch.clone()).error_code, ErrorCode::NONE);
    }
    create_topic(&mut existing, "new", 4, &[]);
    assert_eq!(produce(&mut existing, 9, "new", 3, batch).error_code, ErrorCode::NONE);
    figure("b61.descriptors_at_the_limit", descriptors(pid), "");
    drop(held);
    let began = Instant::now();
    until("a new connection that is served", Duration::from_secs(20), || {
        let mut wire = Wire::try_open(broker.node().address())?;
        (wire.send(&framed(&header(18, 0))) && wire.receive() != ottla_hostile::Answered::Closed)
            .then_some(())
    });
    figure("b61.served_again_after", began.elapsed().as_millis(), "ms");
    assert!(!broker.node().said().contains("offline"), "{}", broker.node().said());
    broker.finish("b61", 64 * MIB);
}
