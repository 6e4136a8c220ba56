//! FindCoordinator (key 10), versions 0–6. Which broker coordinates a group or a transactional id; version 4 asks for many
//! keys at once (KIP-699), 6 knows share coordinators.
//!
//! Asking for the first group creates `__consumer_offsets`, for the first transactional id `__transaction_state`.

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    find_coordinator_request::FindCoordinatorRequest,
    find_coordinator_response::{Coordinator, FindCoordinatorResponse},
};

use crate::call::{Answer, Call};

/// What the key is.
const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;
const SHARE: i8 = 2;

/// Where a coordinator is.
struct Place {
    node_id: i32,
    host: Str,
    port: i32,
}

/// Why there is none to name, with what Kafka says about it.
struct Trouble {
    code: ErrorCode,
    message: Str,
}

pub(crate) async fn handle(
    call: &Call,
    request: FindCoordinatorRequest,
) -> Result<Answer<FindCoordinatorResponse>, ErrorCode> {
    if call.version < 4 {
        let found = find(call, request.key_type, &request.key).await;
        return Ok(one(found).into());
    }
    let mut coordinators = Vec::with_capacity(request.coordinator_keys.len());
    for key in request.coordinator_keys {
        let found = find(call, request.key_type, &key).await;
        coordinators.push(entry(key, found));
    }
    Ok(FindCoordinatorResponse { coordinators, ..FindCoordinatorResponse::default() }.into())
}

async fn find(call: &Call, key_type: i8, key: &str) -> Result<Place, Trouble> {
    let found = match key_type {
        GROUP => call.broker.group_coordinator(key).await,
        TRANSACTION => call.broker.transaction_coordinator(key).await,
        // Share groups, and nothing before version 6 could ask for them.
        SHARE => return Err(Trouble { code: ErrorCode::INVALID_REQUEST, message: Str::new() }),
        _ => {
            return Err(Trouble {
                code: ErrorCode::INVALID_REQUEST,
                message: message_of(ErrorCode::INVALID_REQUEST),
            });
        }
    };
    let trouble = |code| Trouble { code, message: Str::new() };
    let node_id = found.map_err(trouble)?;
    let (host, port) = call
        .broker
        .address_of(node_id, &call.connection)
        .ok_or(trouble(ErrorCode::COORDINATOR_NOT_AVAILABLE))?;
    Ok(Place { node_id, host, port })
}

fn one(found: Result<Place, Trouble>) -> FindCoordinatorResponse {
    let nothing = FindCoordinatorResponse { node_id: -1, port: -1, ..FindCoordinatorResponse::default() };
    match found {
        Ok(Place { node_id, host, port }) => FindCoordinatorResponse {
            error_message: Some(Str::from_static("NONE")),
            node_id,
            host,
            port,
            ..nothing
        },
        Err(Trouble { code, .. }) => {
            FindCoordinatorResponse { error_code: code, error_message: Some(message_of(code)), ..nothing }
        }
    }
}

fn entry(key: Str, found: Result<Place, Trouble>) -> Coordinator {
    match found {
        Ok(Place { node_id, host, port }) => Coordinator {
            key,
            node_id,
            host,
            port,
            error_code: ErrorCode::NONE,
            error_message: Some(Str::new()),
        },
        Err(Trouble { code, message }) => Coordinator {
            key,
            node_id: -1,
            host: Str::new(),
            port: -1,
            error_code: code,
            error_message: Some(message),
        },
    }
}

/// Kafka's text for the codes that can stand here.
fn message_of(code: ErrorCode) -> Str {
    Str::from_static(match code {
        ErrorCode::COORDINATOR_NOT_AVAILABLE => "The coordinator is not available.",
        ErrorCode::INVALID_REQUEST => {
            "This most likely occurs because of a request being malformed by the client library or the message was sent to \
             an incompatible broker. See the broker logs for more details."
        }
        other => other.name(),
    })
}
