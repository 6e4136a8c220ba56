//! LeaveGroup of many at once (KIP-345).

use ottla_types::Str;

use super::{describe, leaving_as, pair};
use crate::{Cases, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    cases.at(&[3, 4, 5], "leave-group-all-at-once", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, 9, &group)?;
        run.ask(version, leaving_as(version, &group, &[(&one.id, None), (&other.id, None)]))?;
        describe(run, &group)
    });
    cases.at(&[3, 5], "leave-group-some", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, 9, &group)?;
        let members =
            [(&unknown(), None), (&other.id, None), (&Str::new(), Some("nobody")), (&other.id, None)];
        run.ask(version, leaving_as(version, &group, &members))?;
        one.beat(run).map(drop)
    });
    cases.at(&[3, 5], "leave-group-given-id", |run, version| {
        let group = run.name("g");
        let given = run.ask_on("a", 9, super::joining(&group, ""))?;
        run.ask(version, leaving_as(version, &group, &[(&given.member_id, None)]))?;
        let late = super::joining(&group, &given.member_id);
        run.ask_on("a", 9, late)?;
        describe(run, &group)
    });
}
