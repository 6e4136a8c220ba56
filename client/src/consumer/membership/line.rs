use ottla_types::{ErrorCode, Millis};

use super::{Action, Failure, Request, has_moved};

/// The line to the coordinator: who it is, what is under way on it, and when it may be tried again.
#[derive(Debug)]
pub(super) struct Line<K> {
    pub(super) node: Option<i32>,
    finding: bool,
    under_way: Option<(u64, K)>,
    tickets: u64,
    /// Nothing is tried before.
    not_before: Millis,
    backoff_ms: i64,
}

/// Whether something can be asked now.
pub(super) enum Free {
    Yes,
    No,
    /// Who is to be asked must be found out.
    Find,
}

impl<K> Line<K> {
    pub(super) fn new(backoff_ms: i64) -> Self {
        Self {
            node: None,
            finding: false,
            under_way: None,
            tickets: 0,
            not_before: Millis(i64::MIN),
            backoff_ms,
        }
    }

    pub(super) fn is_free(&mut self, now: Millis) -> Free {
        match self.node {
            _ if now < self.not_before => Free::No,
            None if std::mem::replace(&mut self.finding, true) => Free::No,
            None => Free::Find,
            Some(_) if self.under_way.is_some() => Free::No,
            Some(_) => Free::Yes,
        }
    }

    /// Asks the coordinator.
    pub(super) fn ask(&mut self, kind: K, request: Request) -> Option<Action> {
        let node = self.node?;
        self.tickets += 1;
        self.under_way = Some((self.tickets, kind));
        Some(Action::Ask { ticket: self.tickets, node, request: Box::new(request) })
    }

    /// Whether anything was ever asked.
    pub(super) fn has_asked(&self) -> bool {
        self.tickets > 0
    }

    /// Whether an answer is due.
    pub(super) const fn is_waiting(&self) -> bool {
        self.under_way.is_some()
    }

    /// An answer came; `None` for one that nobody waits for any more.
    pub(super) fn answered(&mut self, ticket: u64) -> Option<K> {
        self.under_way.take_if(|(due, _)| *due == ticket).map(|(_, kind)| kind)
    }

    /// The answer that is due is not waited for.
    pub(super) fn hang_up(&mut self) {
        self.under_way = None;
    }

    /// The coordinator was looked for.
    ///
    /// # Errors
    /// It will never be found.
    pub(super) fn on_coordinator(
        &mut self,
        now: Millis,
        found: Result<i32, Option<ErrorCode>>,
    ) -> Result<(), Failure> {
        self.finding = false;
        match found {
            Ok(node) => self.node = Some(node),
            Err(Some(code)) if !code.is_retriable() && !has_moved(code) => {
                return Err(Failure::Refused(code));
            }
            Err(_) => self.pause(now),
        }
        Ok(())
    }

    /// The coordinator is another broker, or none for the moment.
    pub(super) fn lose(&mut self, now: Millis) {
        self.node = None;
        self.pause(now);
    }

    pub(super) fn pause(&mut self, now: Millis) {
        self.not_before = now.plus(self.backoff_ms);
    }

    /// When to look again, for something that is due at a time.
    pub(super) fn deadline(&self, due: Millis) -> Option<Millis> {
        match self.node {
            None if self.finding => None,
            None => Some(self.not_before),
            Some(_) if self.under_way.is_some() => None,
            Some(_) => Some(due.max(self.not_before)),
        }
    }
}
