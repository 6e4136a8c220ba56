use ottla_types::Millis;

/// Names a caller who waits for a reply. The shell makes it, the machine only hands it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A machine whose durable state is exactly the replay of its log.
///
/// The shell replays the log, calls [`loaded`](Machine::loaded) once, and from then on for every command calls
/// [`step`](Machine::step), appends the returned records as one atomic batch, calls [`replay`](Machine::replay) for each
/// in order, and releases the replies once the log's high watermark has passed **everything the machine has written so
/// far** (also for a step without records: what it read may not be committed yet). When an append fails the shell drops
/// the machine, answers everybody who waits, and loads a new one from the log.
///
/// Live state, the replay of the log and the replay of the compacted log are always the same; one generic test
/// ([`testing`](crate::testing)) holds every machine to it.
pub trait Machine {
    /// What callers ask.
    type Command;
    /// What callers hear.
    type Reply;
    /// What the log keeps.
    type Record: Clone;

    /// Decides. May change volatile state (who waits, timers), never durable state.
    fn step(&mut self, now: Millis, ticket: Ticket, command: Self::Command) -> Effects<Self>;

    /// Does what has become due at `now`: expired sessions, finished rebalances, expired offsets.
    fn tick(&mut self, now: Millis) -> Effects<Self>;

    /// The only thing that changes durable state.
    fn replay(&mut self, record: &Self::Record);

    /// When [`tick`](Machine::tick) wants to be called next.
    fn deadline(&self) -> Option<Millis>;

    /// The whole log has been replayed and commands come next: starts the timers of what was loaded.
    fn loaded(&mut self, now: Millis) -> Effects<Self> {
        let _ = now;
        Effects::default()
    }
}

/// What a machine wants done. Replies may belong to earlier tickets: a join is answered when the group is complete.
#[derive(Debug)]
pub struct Effects<M: Machine + ?Sized> {
    /// To be appended as one atomic batch, in this order.
    pub records: Vec<M::Record>,
    /// To be released once the records above, and all earlier ones, are committed.
    pub replies: Vec<(Ticket, M::Reply)>,
}

impl<M: Machine + ?Sized> Default for Effects<M> {
    fn default() -> Self {
        Self { records: Vec::new(), replies: Vec::new() }
    }
}

impl<M: Machine + ?Sized> Effects<M> {
    /// Nothing to write, one answer.
    pub fn reply(ticket: Ticket, reply: M::Reply) -> Self {
        Self { records: Vec::new(), replies: vec![(ticket, reply)] }
    }

    /// True when there is nothing to append and nobody to answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.replies.is_empty()
    }
}
