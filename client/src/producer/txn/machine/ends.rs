//! How a transaction ends: as it was asked for, as an abort because it cannot be committed, or not at all.

use ottla_types::{ErrorCode, Millis};

use super::{Action, Ended, Fatal, Phase, Request, Transactions, Trouble, Verdict};

impl Transactions {
    /// Asks for the end of the open transaction.
    pub(crate) fn end(&mut self, now: Millis, commit: bool) {
        if self.phase != Phase::Open {
            return;
        }
        self.limit = Some(now.plus(self.pace.patience_ms));
        self.phase = Phase::Ending { commit: commit && self.trouble.is_none() };
        if let (true, Some(trouble)) = (commit, self.trouble) {
            self.tell(Ended::Failed(trouble));
        }
        if self.phase == (Phase::Ending { commit: false }) {
            self.forget_what_waits();
        }
    }

    /// How the transaction of a number ended.
    pub(crate) fn ended(&self, number: u64) -> Option<Ended> {
        self.ended.filter(|(of, _)| *of == number).map(|(_, ended)| ended)
    }

    /// Whether the transaction that was begun last was committed; `None` while that is not known.
    pub(crate) fn was_committed(&self) -> Option<bool> {
        match self.committed {
            Some((number, committed)) if number == self.begun => Some(committed),
            _ => (self.begun == 0).then_some(false),
        }
    }

    /// Whatever was to be added need not be any more.
    pub(super) fn forget_what_waits(&mut self) {
        self.wanted.clear();
        self.offsets.clear();
        self.group_added = false;
        self.offsets_settled = self.offsets_taken;
    }

    pub(super) fn apply(&mut self, verdict: Verdict, code: ErrorCode) {
        match verdict {
            Verdict::Abort => self.fail(Trouble::Refused(code), true),
            Verdict::AbortAsItIs => self.fail(Trouble::Refused(code), false),
            Verdict::Fenced => self.over(Fatal::Fenced),
            Verdict::Fatal => self.over(Fatal::Refused(code)),
            Verdict::Again | Verdict::Move => {}
        }
    }

    /// The transaction cannot be committed any more.
    pub(super) fn fail(&mut self, trouble: Trouble, raises_epoch: bool) {
        match self.phase {
            Phase::Open => drop(self.trouble.get_or_insert(trouble)),
            Phase::Ending { commit: true } => {
                self.trouble.get_or_insert(trouble);
                self.tell(Ended::Failed(trouble));
                self.phase = Phase::Ending { commit: false };
            }
            // It is aborted anyhow.
            Phase::Ending { commit: false } | Phase::Starting | Phase::Ready | Phase::Over(_) => return,
        }
        self.raises_epoch |= raises_epoch && !self.at_2;
        self.forget_what_waits();
    }

    pub(super) fn over(&mut self, fatal: Fatal) {
        if !matches!(self.phase, Phase::Over(_)) {
            self.forget_what_waits();
            // A commit that may have been done before is not undone by what came after it.
            let in_doubt = self.in_doubt && self.phase == (Phase::Ending { commit: true });
            if matches!(self.phase, Phase::Open | Phase::Ending { .. }) && !in_doubt {
                self.committed = Some((self.begun, false));
            }
            self.phase = Phase::Over(fatal);
            self.tell(if in_doubt { Ended::InDoubt } else { Ended::Over(fatal) });
        }
    }

    /// The transaction is no more.
    pub(super) fn finish(&mut self) {
        let committed = self.phase == (Phase::Ending { commit: true });
        self.committed = Some((self.begun, committed));
        self.tell(if committed { Ended::Committed } else { Ended::Aborted });
        self.phase = if self.raises_epoch { Phase::Starting } else { Phase::Ready };
        self.forget_what_waits();
        self.is_sure = false;
        (self.started, self.raises_epoch, self.in_doubt, self.trouble) = (false, false, false, None);
        self.adding.clear();
        self.added.clear();
    }

    /// Tells how the transaction that was begun last ended, once.
    pub(super) fn tell(&mut self, ended: Ended) {
        self.limit = None;
        if self.ended.is_none_or(|(number, _)| number != self.begun) {
            self.ended = Some((self.begun, ended));
        }
    }

    /// Nobody waits for an end for ever. One that was not asked for becomes an abort; one that may have been done is asked
    /// for again and again.
    pub(crate) fn expire(&mut self, now: Millis) {
        if self.limit.is_none_or(|limit| limit > now) {
            return;
        }
        let asks = self.under_way.as_ref().is_some_and(is_end);
        match self.phase {
            Phase::Ending { commit: true } if !asks && !self.in_doubt => self.fail(Trouble::TimedOut, true),
            _ => self.tell(Ended::InDoubt),
        }
    }
}

pub(super) fn is_end(action: &Action) -> bool {
    matches!(action, Action::Ask(_, Request::End { .. }))
}
