use ottla_wire::{
    ApiKey,
    messages::{api_versions_request::ApiVersionsRequest, api_versions_response::ApiVersionsResponse},
};

use super::frames::{header, with};
use crate::{Cases, Run, Stop};

pub(super) fn add(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3, 4], "api-versions", |run, version| {
        let request = client("answers", "1.0");
        let mut answer = run.ask_quietly(version, &request)?;
        answer.api_keys.clear();
        run.record(version, &request, &answer);
        Ok(())
    });
    cases.add("api-versions-keys", |run| {
        for api in run.ask_quietly(4, &client("answers", "1.0"))?.api_keys {
            let name = ApiKey::from_code(api.api_key).map_or("?", ApiKey::name);
            run.note(&format!("{name} {}..={}", api.min_version, api.max_version));
        }
        Ok(())
    });
    for (name, software, release) in [
        ("empty-name", "", "1.0"),
        ("empty-version", "answers", ""),
        ("blank-in-name", "my client", "1.0"),
        ("slash-in-name", "a/b", "1.0"),
        ("dash-at-end", "answers-", "1.0"),
        ("dot-at-start", ".answers", "1.0"),
        ("one-letter", "a", "1"),
        ("umlaut", "ä", "1.0"),
        ("dots-and-dashes", "a.b-c", "1.0-rc.1"),
        ("bad-version", "answers", "1.0 beta"),
    ] {
        cases.add(format!("api-versions-{name}"), move |run| {
            let answer = run.ask_quietly(3, &client(software, release))?;
            run.note(&format!("{software:?} {release:?}: {:?}, {}", answer.error_code, what(&answer)));
            Ok(())
        });
    }
    cases.add("api-versions-future", |run| {
        for version in [5, 99, i16::MAX] {
            future(run, version)?;
        }
        Ok(())
    });
    cases.add("api-versions-negative", |run| future(run, -1));
    cases.add("api-versions-twice", |run| {
        for (version, name) in [(3, "answers"), (0, ""), (3, "a b"), (4, "answers")] {
            let answer = run.ask_quietly(version, &client(name, name))?;
            run.note(&format!("v{version}: {:?}, {}", answer.error_code, what(&answer)));
        }
        Ok(())
    });
}

fn client(name: &'static str, version: &'static str) -> ApiVersionsRequest {
    ApiVersionsRequest { client_software_name: name.into(), client_software_version: version.into() }
}

fn what(answer: &ApiVersionsResponse) -> &'static str {
    if answer.api_keys.is_empty() { "no keys" } else { "with keys" }
}

/// A version that nobody knows is answered in the form of version 0; the body is not looked at.
fn future(run: &mut Run, version: i16) -> Result<(), Stop> {
    let frame = with(header(18, version), &[0xff, 0xff]);
    run.raw::<ApiVersionsResponse>(&format!("ApiVersions v{version}, a body of two bytes"), &frame, (0, 0))
        .map(drop)
}
