use ottla_wire::{
    ApiKey,
    messages::{
        api_versions_response::ApiVersionsResponse, heartbeat_response::HeartbeatResponse,
        list_groups_response::ListGroupsResponse, metadata_response::MetadataResponse,
    },
};

use crate::{Cases, Run, Stop};

pub(super) fn add(cases: &mut Cases) {
    sizes(cases);
    headers(cases);
    bodies(cases);
    cases.add("newer-than-known", |run| {
        for key in ApiKey::ALL.iter().filter(|key| key.on_broker() && **key != ApiKey::ApiVersions) {
            let version = key.versions().max + 1;
            closed(run, &format!("{} v{version}", key.name()), &with(header(key.code(), version), &[0; 64]))?;
        }
        Ok(())
    });
    cases.add("version-minus-one", |run| {
        for key in [0, 1, 3, 8, 10, 11, 19, 32] {
            closed(run, &format!("key {key} v-1"), &with(header(key, -1), &[0; 64]))?;
        }
        Ok(())
    });
    cases.add("unknown-keys", |run| {
        for key in [-1, 4, 5, 6, 7, 93, 94, 1000, i16::MAX] {
            closed(run, &format!("key {key} v0"), &with(header(key, 0), &[0; 64]))?;
        }
        Ok(())
    });
    cases.add("controllers-only", |run| {
        for key in ApiKey::ALL.iter().filter(|key| !key.on_broker()) {
            closed(
                run,
                &format!("{} v{}", key.name(), key.versions().max),
                &with(header(key.code(), key.versions().max), &[0; 64]),
            )?;
        }
        Ok(())
    });
}

fn sizes(cases: &mut Cases) {
    cases.add("frame-of-nothing", |run| closed_bytes(run, "a size of 0", &[0, 0, 0, 0]));
    cases.add("frame-of-negative-size", |run| closed_bytes(run, "a size of -1", &[0xff; 4]));
    cases.add("frame-too-large", |run| closed_bytes(run, "a size of 2147483647", &[0x7f, 0xff, 0xff, 0xff]));
    cases.add("frame-of-one-byte", |run| closed_bytes(run, "one byte", &[0, 0, 0, 1, 0]));
    cases.add("frame-without-client-id", |run| {
        closed(run, "a header up to the correlation id", &[0, 18, 0, 0, 0, 0, 0, 1])
    });
}

fn headers(cases: &mut Cases) {
    cases.add("client-id-null", |run| {
        let frame = [0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
        let answer = run.raw_bytes("ApiVersions v0, client id null", &framed(&frame))?;
        run.note(if answer.len() > 4 { "answered" } else { "empty" });
        Ok(())
    });
    cases.add("client-id-cut", |run| {
        closed(run, "a client id of 5 bytes, 2 follow", &[0, 18, 0, 0, 0, 0, 0, 1, 0, 5, b'a', b'b'])
    });
    cases.add("client-id-negative", |run| {
        closed(run, "a client id of -2 bytes", &[0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xfe])
    });
    cases.add("client-id-not-utf8", |run| {
        let frame = [0, 16, 0, 0, 0, 0, 0, 1, 0, 2, 0xc3, 0x28];
        run.raw::<ListGroupsResponse>("ListGroups v0, a client id that is not UTF-8", &frame, (0, 0))
            .map(drop)
    });
    cases.add("tags-in-header", |run| {
        let mut frame = header(18, 3);
        frame.extend([1, 77, 3, 1, 2, 3]);
        frame.extend([2, b'a', 2, b'1', 0]);
        let answer = run.raw_bytes("ApiVersions v3, an unknown tag in the header", &framed(&frame))?;
        run.note(if answer.len() > 100 { "answered" } else { "refused" });
        Ok(())
    });
    cases.add("tags-in-header-cut", |run| {
        let mut frame = header(18, 3);
        frame.extend([1, 77, 30, 1]);
        run.raw::<ApiVersionsResponse>("ApiVersions v3, a tag of 30 bytes, one follows", &frame, (0, 0))
            .map(drop)
    });
}

fn bodies(cases: &mut Cases) {
    cases.add("body-cut", |run| {
        closed(run, "Heartbeat v0, a group id of 5 bytes, 1 follows", &with(header(12, 0), &[0, 5, b'a']))
    });
    cases.add("body-missing", |run| closed(run, "Metadata v1 without a body", &header(3, 1)));
    cases.add("body-with-more", |run| {
        let frame = with(header(12, 0), &[0, 1, b'g', 0, 0, 0, 1, 0, 1, b'm', 9, 9, 9]);
        run.raw::<HeartbeatResponse>("Heartbeat v0, three bytes behind", &frame, (0, 0)).map(drop)
    });
    cases.add("body-null-where-not-allowed", |run| {
        closed(
            run,
            "Heartbeat v0, group id null",
            &with(header(12, 0), &[0xff, 0xff, 0, 0, 0, 1, 0, 1, b'm']),
        )
    });
    cases.add("body-huge-array", |run| {
        closed(run, "Metadata v1 of 2147483647 topics", &with(header(3, 1), &[0x7f, 0xff, 0xff, 0xff]))
    });
    cases.add("body-negative-array", |run| {
        closed(run, "Metadata v0 of -2 topics", &with(header(3, 0), &[0xff, 0xff, 0xff, 0xfe]))
    });
    cases.add("body-not-utf8", |run| {
        let frame = with(header(3, 4), &[0, 0, 0, 1, 0, 2, 0xc3, 0x28, 0]);
        run.raw::<MetadataResponse>("Metadata v4 of a topic that is not UTF-8", &frame, (4, 0)).map(drop)
    });
    cases.add("body-overlong-varint", |run| {
        closed(
            run,
            "Metadata v9, a count of six bytes",
            &with(flexible(3, 9), &[0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        )
    });
    cases.add("body-unknown-tag", |run| {
        // No topics, no creation, nothing else; then one tag of two bytes.
        let frame = with(flexible(3, 12), &[1, 0, 0, 1, 99, 2, 1, 2]);
        run.raw::<MetadataResponse>("Metadata v12, an unknown tag", &frame, (12, 1)).map(drop)
    });
    cases.add("body-bool-of-two", |run| {
        let frame = with(header(3, 4), &[0, 0, 0, 0, 2]);
        run.raw::<MetadataResponse>("Metadata v4, a bool of 2", &frame, (4, 0)).map(drop)
    });
}

/// A request header of version 1 with correlation id 1 and client id `c`.
pub(super) fn header(key: i16, version: i16) -> Vec<u8> {
    let mut bytes = key.to_be_bytes().to_vec();
    bytes.extend(version.to_be_bytes());
    bytes.extend([0, 0, 0, 1, 0, 1, b'c']);
    bytes
}

/// A request header of version 2.
fn flexible(key: i16, version: i16) -> Vec<u8> {
    with(header(key, version), &[0])
}

pub(super) fn with(mut head: Vec<u8>, body: &[u8]) -> Vec<u8> {
    head.extend_from_slice(body);
    head
}

fn framed(frame: &[u8]) -> Vec<u8> {
    with((frame.len() as u32).to_be_bytes().to_vec(), frame)
}

/// Sends a frame that is expected to end the connection; an answer is recorded by its length.
fn closed(run: &mut Run, what: &str, frame: &[u8]) -> Result<(), Stop> {
    closed_bytes(run, what, &framed(frame))
}

fn closed_bytes(run: &mut Run, what: &str, bytes: &[u8]) -> Result<(), Stop> {
    match run.raw_bytes(what, bytes) {
        Ok(answer) => {
            run.note(if answer.is_empty() { "answered with nothing" } else { "answered" });
            Ok(())
        }
        Err(Stop::Closed) => Ok(()),
        Err(other) => Err(other),
    }
}
