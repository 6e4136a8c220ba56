//! DescribeGroups, ListGroups, DeleteGroups.

use ottla_types::Str;
use ottla_wire::messages::{
    delete_groups_request::DeleteGroupsRequest, describe_groups_request::DescribeGroupsRequest,
    list_groups_request::ListGroupsRequest, list_groups_response::ListGroupsResponse,
};

use super::{alone, commits::commit_quietly, enter, joining};
use crate::{Cases, Run, Stop, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    describes(cases);
    lists(cases);
    filters(cases);
    deletes(cases);
}

fn of(groups: &[&Str]) -> DescribeGroupsRequest {
    DescribeGroupsRequest {
        groups: groups.iter().map(|group| (*group).clone()).collect(),
        include_authorized_operations: false,
    }
}

fn describes(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3, 4, 5, 6], "describe-groups", |run, version| {
        let (stable, empty) = (run.name("stable"), run.name("empty"));
        alone(run, 9, &stable)?;
        commit_quietly(run, &empty)?;
        run.ask(version, of(&[&stable, &empty]))?;
        if version >= 3 {
            run.ask(version, DescribeGroupsRequest { include_authorized_operations: true, ..of(&[&empty]) })?;
        }
        Ok(())
    });
    cases.at(&[0, 4, 5, 6], "describe-groups-unknown", |run, version| {
        run.ask(version, of(&[&unknown()]))?;
        run.ask(version, of(&[&Str::new()]))?;
        if version >= 3 {
            run.ask(
                version,
                DescribeGroupsRequest { include_authorized_operations: true, ..of(&[&unknown()]) },
            )?;
        }
        Ok(())
    });
    cases.at(&[0, 6], "describe-groups-nothing", |run, version| run.ask(version, of(&[])).map(drop));
    cases.at(&[0, 6], "describe-groups-twice-the-same", |run, version| {
        let group = run.name("g");
        commit_quietly(run, &group)?;
        run.ask(version, of(&[&group, &group])).map(drop)
    });
    cases.at(&[0, 5, 6], "describe-groups-while-completing", |run, version| {
        let group = run.name("g");
        enter(run, "a", 9, joining(&group, ""))?;
        run.ask(version, of(&[&group])).map(drop)
    });
}

/// Asks and records only the groups of this case.
fn list(run: &mut Run, version: i16, request: ListGroupsRequest) -> Result<ListGroupsResponse, Stop> {
    let mut answer = run.ask_quietly(version, &request)?;
    let mine = run.name("");
    answer.groups.retain(|group| group.group_id.starts_with(&*mine));
    run.record(version, &request, &answer);
    Ok(answer)
}

fn lists(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3, 4, 5], "list-groups", |run, version| {
        let (stable, empty, completing) = (run.name("stable"), run.name("empty"), run.name("completing"));
        alone(run, 9, &stable)?;
        enter(run, "a", 9, joining(&completing, ""))?;
        commit_quietly(run, &empty)?;
        list(run, version, ListGroupsRequest::default()).map(drop)
    });
    cases.add("list-groups-given-id-only", |run| {
        let group = run.name("g");
        run.ask_on("a", 9, joining(&group, ""))?;
        list(run, 5, ListGroupsRequest::default()).map(drop)
    });
}

fn filters(cases: &mut Cases) {
    cases.at(&[4, 5], "list-groups-by-state", |run, version| {
        let (stable, empty) = (run.name("stable"), run.name("empty"));
        alone(run, 9, &stable)?;
        commit_quietly(run, &empty)?;
        for states in [
            &["Stable"][..],
            &["Empty"],
            &["Stable", "Empty"],
            &["stable"],
            &["EMPTY"],
            &["PreparingRebalance", "CompletingRebalance", "Dead", "Assigning", "Reconciling"],
            &["NoSuchState"],
            &["NoSuchState", "Stable"],
            &[""],
        ] {
            let states_filter = states.iter().map(|state| Str::from(*state)).collect();
            list(run, version, ListGroupsRequest { states_filter, ..Default::default() })?;
        }
        Ok(())
    });
    cases.add("list-groups-by-type", |run| {
        let (stable, empty) = (run.name("stable"), run.name("empty"));
        alone(run, 9, &stable)?;
        commit_quietly(run, &empty)?;
        for types in [
            &["classic"][..],
            &["Classic"],
            &["consumer"],
            &["share", "streams"],
            &["consumer", "CLASSIC"],
            &["nothing"],
            &[""],
        ] {
            let types_filter = types.iter().map(|kind| Str::from(*kind)).collect();
            list(run, 5, ListGroupsRequest { types_filter, ..Default::default() })?;
        }
        let both =
            ListGroupsRequest { states_filter: vec!["Empty".into()], types_filter: vec!["classic".into()] };
        list(run, 5, both).map(drop)
    });
}

fn deletes(cases: &mut Cases) {
    let of = |groups: &[&Str]| DeleteGroupsRequest {
        groups_names: groups.iter().map(|group| (*group).clone()).collect(),
    };
    cases.at(&[0, 1, 2], "delete-groups", move |run, version| {
        let (empty, stable) = (run.name("empty"), run.name("stable"));
        commit_quietly(run, &empty)?;
        alone(run, 9, &stable)?;
        run.ask(version, of(&[&empty]))?;
        run.ask(version, of(&[&stable]))?;
        run.ask(version, of(&[&empty]))?;
        super::describe(run, &empty)
    });
    cases.at(&[0, 2], "delete-groups-refused", move |run, version| {
        run.ask(version, of(&[&unknown()]))?;
        run.ask(version, of(&[&Str::new()]))?;
        run.ask(version, of(&[])).map(drop)
    });
    cases.at(&[0, 2], "delete-groups-twice-the-same", move |run, version| {
        let group = run.name("g");
        commit_quietly(run, &group)?;
        run.ask(version, of(&[&group, &group])).map(drop)
    });
    cases.at(&[2], "delete-groups-after-the-last-left", move |run, version| {
        let group = run.name("g");
        alone(run, 9, &group)?.leave(run)?;
        run.ask(version, of(&[&group]))?;
        super::describe(run, &group)
    });
    cases.at(&[2], "delete-groups-that-wait-for-an-id", move |run, version| {
        let group = run.name("g");
        run.ask_on("a", 9, joining(&group, ""))?;
        run.ask(version, of(&[&group])).map(drop)
    });
}
