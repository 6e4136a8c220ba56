//! What to do next, where an error itself does not say it.

use std::{error::Error, io};

use ottla_client::ClientError;
use ottla_types::ErrorCode;

use super::Failure;

/// A sentence to go behind an error.
pub(crate) fn advice(failure: &Failure) -> Option<&'static str> {
    if is_taken(failure.as_ref()) {
        return Some("something else listens there: `ottla dev --port 0` takes a port that is free");
    }
    let ClientError::Refused { code, .. } = failure.downcast_ref::<ClientError>()? else { return None };
    Some(match *code {
        ErrorCode::GROUP_ID_NOT_FOUND => "`ottla group ls` lists the groups there are",
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => "`ottla topic ls` lists the topics there are",
        ErrorCode::INVALID_TOPIC_EXCEPTION => "a name has up to 249 letters, digits, `.`, `_` and `-`",
        ErrorCode::NON_EMPTY_GROUP => "its members must end first: `ottla group describe` shows them",
        ErrorCode::TOPIC_ALREADY_EXISTS => "`ottla topic describe` shows it",
        ErrorCode::INVALID_REPLICATION_FACTOR => "`ottla cluster status` shows the brokers there are",
        ErrorCode::INVALID_PARTITIONS => "a topic has one partition or more, and never fewer than it had",
        ErrorCode::TRANSACTIONAL_ID_NOT_FOUND => "`ottla txn ls` lists the ids there are",
        ErrorCode::INVALID_CONFIG => "`ottla config get RESOURCE --all` shows the settings there are",
        ErrorCode::OFFSET_OUT_OF_RANGE => "`ottla offsets` shows where the partitions begin and end",
        _ => return None,
    })
}

/// Whether an address to listen on is somebody else's.
fn is_taken(failure: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(failure);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::AddrInUse) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_is_told_what_to_do() {
        let refused =
            |code| -> Failure { ClientError::Refused { what: "group g".into(), code, message: None }.into() };
        let told = advice(&refused(ErrorCode::GROUP_ID_NOT_FOUND)).expect("a sentence");
        assert!(told.contains("ottla group ls"));
        assert_eq!(advice(&refused(ErrorCode::UNKNOWN_SERVER_ERROR)), None);
        assert_eq!(advice(&"something else".into()), None);
    }
}
