use std::time::Duration;

/// How big runs are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) name: &'static str,
    /// Payload of a run that moves data.
    pub(crate) bytes: u64,
    /// Of a run that counts for a time.
    pub(crate) seconds: f64,
    pub(crate) catch_up_bytes: u64,
    /// Through the broker before its memory is looked at.
    pub(crate) memory_bytes: u64,
    /// Megabytes a second that go through a loaded broker.
    pub(crate) load_mb_per_s: f64,
    pub(crate) partitions: i32,
    /// Members and partitions of one big group.
    pub(crate) group_members: usize,
    pub(crate) group_partitions: i32,
    /// Groups that commit all those partitions.
    pub(crate) groups: i32,
    pub(crate) idle_connections: usize,
    pub(crate) busy_connections: usize,
    /// The heap of Kafka's JVM.
    pub(crate) kafka_heap_gib: u32,
    /// Of load before the first measured run, for a JVM's compiler.
    pub(crate) warm_up: Duration,
    /// Rounds of each row that are not counted.
    pub(crate) unmeasured: usize,
    pub(crate) pairs: usize,
    /// Wait for a quiet machine, hold memory, drop disturbed runs.
    pub(crate) careful: bool,
    /// Read back all that was produced and count it.
    pub(crate) read_back: bool,
    /// Bytes of topics that are kept; older ones are removed once the page cache has long let them go.
    pub(crate) kept_bytes: u64,
}

const GB: u64 = 1_000_000_000;
const MB: u64 = 1_000_000;

impl Scale {
    /// Whether the harness works; its figures say nothing.
    pub(crate) const SMOKE: Self = Self {
        name: "smoke",
        bytes: 2 * MB,
        seconds: 0.3,
        catch_up_bytes: 8 * MB,
        memory_bytes: 8 * MB,
        load_mb_per_s: 3.0,
        partitions: 40,
        group_members: 8,
        group_partitions: 16,
        groups: 10,
        idle_connections: 40,
        busy_connections: 5,
        kafka_heap_gib: 1,
        warm_up: Duration::ZERO,
        unmeasured: 0,
        pairs: 1,
        careful: false,
        read_back: true,
        kept_bytes: GB,
    };

    /// The rows that have targets, in more than an hour.
    pub(crate) const CORE: Self = Self {
        name: "core",
        bytes: GB,
        seconds: 4.0,
        catch_up_bytes: 8 * GB,
        memory_bytes: 10 * GB,
        load_mb_per_s: 300.0,
        partitions: 10_000,
        group_members: 500,
        group_partitions: 1_000,
        groups: 1_000,
        idle_connections: 5_000,
        busy_connections: 50,
        kafka_heap_gib: 1,
        warm_up: Duration::from_secs(60),
        unmeasured: 1,
        pairs: 5,
        careful: true,
        read_back: false,
        kept_bytes: 16 * GB,
    };

    /// Every row, longer.
    pub(crate) const FULL: Self =
        Self { name: "full", bytes: 2 * GB, seconds: 10.0, unmeasured: 2, ..Self::CORE };

    pub(crate) fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    /// Messages of a size in a run.
    pub(crate) fn messages(&self, size: usize) -> u64 {
        (self.bytes / size as u64).max(1)
    }
}
