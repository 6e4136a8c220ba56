use std::time::Duration;

use bytes::Bytes;
use ottla_net::{
    Options,
    outgoing::{CallError, Connection, Options as Outgoing},
};

use crate::support::{Broker, response};

/// Correlation ids that begin with a command's letter.
fn id(letter: u8, at: i32) -> i32 {
    (i32::from(letter) << 24) | at
}

fn echo(letter: u8, at: i32) -> ottla_wire::Frame {
    response(Bytes::copy_from_slice(&id(letter, at).to_be_bytes()))
}

#[tokio::test]
async fn many_calls_share_a_connection() {
    let broker = Broker::start(Options::default());
    let connection = Connection::connect(broker.address, &Outgoing::default()).await.unwrap();
    let calls = (0..200).map(|at| {
        let connection = &connection;
        async move { (at, connection.call(id(b'e', at), echo(b'e', at)).await.unwrap()) }
    });
    let mut set = Vec::new();
    for call in calls {
        set.push(call.await);
    }
    for (at, answer) in set {
        assert_eq!(answer, id(b'e', at).to_be_bytes().as_slice());
    }
    drop(connection);
    tokio::task::spawn_blocking(move || drop(broker)).await.unwrap();
}

#[tokio::test]
async fn a_call_given_up_leaves_the_connection_in_step() {
    let broker = Broker::start(Options::default());
    let connection = Connection::connect(broker.address, &Outgoing::default()).await.unwrap();
    let slow = i32::from_be_bytes(*b"s99:");
    let call = connection.call(slow, response(Bytes::from_static(b"s99:")));
    assert!(tokio::time::timeout(Duration::from_millis(20), call).await.is_err());
    let answer = connection.call(id(b'e', 1), echo(b'e', 1)).await.unwrap();
    assert_eq!(answer, id(b'e', 1).to_be_bytes().as_slice());
    tokio::task::spawn_blocking(move || drop(broker)).await.unwrap();
}

#[tokio::test]
async fn everybody_learns_that_the_connection_is_lost() {
    let broker = Broker::start(Options::default());
    let connection = Connection::connect(broker.address, &Outgoing::default()).await.unwrap();
    let error = connection.call(id(b'c', 1), echo(b'c', 1)).await.unwrap_err();
    assert!(matches!(error, CallError::Lost(_)), "{error}");
    assert!(connection.is_closed());
    assert!(connection.call(id(b'e', 1), echo(b'e', 1)).await.is_err());
    tokio::task::spawn_blocking(move || drop(broker)).await.unwrap();
}

#[tokio::test]
async fn another_calls_answer_is_never_taken() {
    let broker = Broker::start(Options::default());
    let connection = Connection::connect(broker.address, &Outgoing::default()).await.unwrap();
    let error = connection.call(7, echo(b'e', 1)).await.unwrap_err();
    assert!(matches!(error, CallError::OutOfOrder { due: 7, .. }), "{error}");
    tokio::task::spawn_blocking(move || drop(broker)).await.unwrap();
}
