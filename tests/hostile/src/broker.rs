use ottla_testkit::{Node, Target};

use crate::{MIB, Probe, Wire, figure, process};

/// A node under attack, and the client that must not notice.
#[derive(Debug)]
pub struct Broker {
    node: Node,
    probe: Option<Probe>,
    before: u64,
}

impl Broker {
    /// Starts one with Kafka's defaults.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts one with further settings.
    #[must_use]
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::of(Node::start_with(Target::from_env(), settings))
    }

    /// Starts one that may open so many descriptors.
    #[must_use]
    pub fn start_limited(descriptors: u64, settings: &[(&str, &str)]) -> Self {
        Self::of(Node::start_limited(Target::from_env(), descriptors, settings))
    }

    fn of(node: Node) -> Self {
        let probe = Probe::start(node.address());
        probe.is_served();
        let before = process::resident(node.pid()).0;
        process::forget_peak(node.pid());
        Self { node, probe: Some(probe), before }
    }

    /// Whether this is Ottla: bounds of memory are ours, not Kafka's.
    #[must_use]
    pub fn is_ottla(&self) -> bool {
        Target::from_env() == Target::Ottla
    }

    /// A new connection.
    #[must_use]
    pub fn connect(&self) -> Wire {
        Wire::open(self.node.address())
    }

    /// The node itself.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The probe.
    #[must_use]
    pub fn probe(&self) -> &Probe {
        self.probe.as_ref().expect("there until the test is finished")
    }

    /// How much more memory is resident now than before the test.
    #[must_use]
    pub fn growth(&self) -> u64 {
        process::resident(self.node.pid()).0.saturating_sub(self.before)
    }

    /// The most memory that was resident since the test began, the start included.
    #[must_use]
    pub fn peak(&self) -> u64 {
        process::resident(self.node.pid()).1
    }

    /// Ends the test: the broker is up, the probe was served all the time and still is, and at no moment was there
    /// more than `growth` bytes of memory above what there was before.
    ///
    /// # Panics
    /// One of these is not so.
    pub fn finish(mut self, name: &str, growth: u64) {
        self.probe().is_served();
        let p99 = self.probe.take().expect("finished once").stop();
        let pid = self.node.pid();
        assert!(process::threads(pid) > 0, "the broker has ended: {}", self.node.said());
        let grown = self.peak().saturating_sub(self.before);
        figure(&format!("{name}.rss_before"), self.before / MIB, "MiB");
        figure(&format!("{name}.rss_growth_peak"), grown / MIB, "MiB");
        figure(&format!("{name}.probe_p99"), p99.as_millis(), "ms");
        if self.is_ottla() {
            assert!(
                grown <= growth,
                "{name}: {} MiB more than before, allowed are {}",
                grown / MIB,
                growth / MIB
            );
            let said = self.node.said();
            assert!(!said.contains("panicked"), "{name}: the broker panicked: {said}");
        }
    }
}
