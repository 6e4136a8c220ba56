//! Subscriptions by regular expression (RE2 syntax), resolved by the coordinator.
//!
//! A heartbeat never waits for the resolution: it is done in the tick right after, for all expressions of the group at
//! once, and the next heartbeat sees the result.

use std::collections::BTreeSet;

use ottla_assign::{InvalidPattern, TopicPattern};
use ottla_types::{ErrorCode, Str};

use super::{
    super::{reply::Refused, timers::Timer},
    Subscriptions,
    member::Member,
    record::{ConsumerRecord, ResolvedRegex},
    step::Step,
};

/// Expressions of a group are not resolved again before this time.
const MIN_REFRESH_MS: i64 = 10_000;

/// What has become of a member's regular expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RegexUpdate {
    /// It is another one.
    pub(super) changed: bool,
    /// It is known already what it stands for.
    pub(super) resolved: bool,
}

impl Step<'_> {
    /// Takes note of a member's regular expression, and has the group's resolved when that is due.
    pub(super) fn update_regex(&mut self, before: &Member, after: &Member) -> Result<RegexUpdate, Refused> {
        let (old, new) = (before.metadata.regex(), after.metadata.regex());
        let mut update =
            RegexUpdate { changed: before.metadata.regex != after.metadata.regex, resolved: false };
        let mut refresh = false;
        if update.changed {
            if let Some(old) = old
                && self.users_of(old) == 1
            {
                self.records.push(ConsumerRecord::Regex { regex: old.clone(), value: None });
            }
            match new {
                Some(new) if self.users_of(new) == 0 => {
                    TopicPattern::new(new).map_err(|reason| invalid(new, &reason))?;
                    refresh = true;
                }
                Some(new) => update.resolved = self.group.regexes.contains_key(new),
                None => update.resolved = old.is_some(),
            }
        }
        if refresh || self.group.regex_members > 0 {
            self.maybe_refresh(before, after, refresh);
        }
        Ok(update)
    }

    fn users_of(&self, regex: &Str) -> usize {
        self.group.metadata.values().filter(|metadata| metadata.regex() == Some(regex)).count()
    }

    /// Resolves again what is new, when topics were created since, and from time to time; but not too often.
    fn maybe_refresh(&mut self, before: &Member, after: &Member, refresh: bool) {
        let last = self.group.regexes.values().next();
        let last_ms = last.map_or(i64::MIN, |resolved| resolved.timestamp);
        let timer = Timer::Regex(self.group.id.clone());
        if self.timers.is_set(&timer) || self.now.0 <= last_ms.saturating_add(MIN_REFRESH_MS) {
            return;
        }
        let mut regexes: BTreeSet<&Str> = self.group.metadata.values().filter_map(|m| m.regex()).collect();
        if let Some(old) = before.metadata.regex()
            && self.users_of(old) <= 1
        {
            regexes.remove(old);
        }
        regexes.extend(after.metadata.regex());
        let due = refresh
            || regexes.len() != self.group.regexes.len()
            || last.map_or(0, |resolved| resolved.version) < self.topics_since
            || self.now.0
                > last_ms.saturating_add(i64::from(self.settings.consumer.regex_refresh_interval_ms));
        if due && !regexes.is_empty() {
            self.timers.set(timer, self.now);
        }
    }

    /// Finds the topics of all the group's regular expressions.
    pub(in crate::group) fn resolve_regexes(&mut self) {
        let used: BTreeSet<&Str> = self.group.metadata.values().filter_map(|m| m.regex()).collect();
        let mut changed = false;
        for regex in used {
            let topics = match TopicPattern::new(regex) {
                Ok(pattern) => {
                    let names = self.metadata.topics().map(|topic| &topic.name);
                    names.filter(|name| pattern.matches(name)).cloned().collect()
                }
                // Written by another implementation, or by an older release: it stands for nothing.
                Err(_) => BTreeSet::new(),
            };
            let nothing = BTreeSet::new();
            changed |= topics != *self.group.regexes.get(regex).map_or(&nothing, |known| &known.topics);
            let value = ResolvedRegex { topics, version: self.metadata.version, timestamp: self.now.0 };
            self.records.push(ConsumerRecord::Regex { regex: regex.clone(), value: Some(value) });
        }
        if !self.records.is_empty() {
            let mut next = self.group.clone();
            self.records.iter().for_each(|record| next.apply(record));
            self.update_epoch(changed, &Subscriptions::of(&next));
        }
    }

    /// Regular expressions nobody uses once these members have left.
    pub(super) fn forget_regexes_of(&mut self, leaving: &[Member]) {
        let used: BTreeSet<&Str> = leaving.iter().filter_map(|member| member.metadata.regex()).collect();
        for regex in used {
            let users = leaving.iter().filter(|member| member.metadata.regex() == Some(regex)).count();
            if self.users_of(regex) == users {
                self.records.push(ConsumerRecord::Regex { regex: regex.clone(), value: None });
            }
        }
    }
}

fn invalid(regex: &str, reason: &InvalidPattern) -> Refused {
    let message = format!("SubscribedTopicRegex `{regex}` is not a valid regular expression: {reason}.");
    Refused::new(ErrorCode::INVALID_REGULAR_EXPRESSION, message)
}
