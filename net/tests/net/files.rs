//! Answers that are sent from a file.

use std::{io::Write, time::Duration};

use bytes::{Buf, Bytes};
use ottla_net::Options;
use ottla_wire::messages::fetch_response as fetch;

use crate::support::{Broker, file_frame::content, framed, receive, send};

#[test]
fn records_come_out_of_a_file_between_what_is_in_memory() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    // With a descriptor (odd) and without, smaller and larger than a step.
    for bytes in [1, 2, 70_001, 70_000, 3_500_001, 3_500_000] {
        client.write_all(&[framed(format!("f{bytes}").as_bytes()), framed(b"ebehind")].concat()).unwrap();
        let mut answer = Bytes::from(receive(&mut client));
        assert_eq!(answer.get_i32(), 5, "the correlation id");
        let body: fetch::FetchResponse = ottla_wire::decode_body(answer, 4).unwrap();
        let records = body.responses[0].partitions[0].records.clone().unwrap().into_memory();
        assert!(records == content(bytes), "{bytes} bytes");
        assert_eq!(receive(&mut client), b"ebehind");
    }
}

#[test]
fn who_does_not_read_a_file_is_dropped_and_others_are_served() {
    let broker = Broker::start(Options {
        write_timeout: Duration::from_millis(200),
        send_buffer: Some(16_384),
        ..Options::default()
    });
    let mut idle = broker.connect();
    send(&mut idle, b"f50000001");
    let mut other = broker.connect();
    send(&mut other, b"ehello");
    assert_eq!(receive(&mut other), b"ehello");
    broker.wait_until("the connection is dropped", |broker| broker.running().stats().view().open == 1);
}
