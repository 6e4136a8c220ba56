use ottla_types::Millis;

/// Names a caller who waits for a reply. The shell makes it, the machine only hands it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A machine whose durable state is exactly the replay of its log.
///
/// The shell calls [`step`](Machine::step), appends the returned records as one atomic batch, calls
/// [`replay`](Machine::replay) for each in order, and releases the replies once the log's high watermark has passed
/// them. Live state, the replay of the log and the replay of the compacted log are always the same; one generic test
/// holds every machine to it.
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
}

/// What a machine wants done. Replies may belong to earlier tickets: a join is answered when the group is complete.
#[derive(Debug)]
pub struct Effects<M: Machine + ?Sized> {
    /// To be appended as one atomic batch, in this order.
    pub records: Vec<M::Record>,
    /// To be released once the records above are committed (at once when there are none).
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
}
