use ottla_types::Uuid;
use serde::{Deserialize, Serialize};

/// What a voter must not forget: the content of the file `quorum-state`, in Kafka's JSON.
///
/// Written as temporary file, fsync, rename, fsync of the directory, and always before acting on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ElectionState {
    /// The highest epoch seen; 0 before the first.
    pub epoch: i32,
    /// The leader of that epoch, if known.
    pub leader_id: Option<i32>,
    /// Whom this replica voted for in that epoch, with the directory id (zero in the old format).
    pub voted: Option<(i32, Uuid)>,
}

/// The file is not a `quorum-state` of version 0 or 1.
#[derive(Debug, thiserror::Error)]
pub enum ParseElectionStateError {
    /// Not the expected JSON.
    #[error("quorum-state is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// A format of a later release.
    #[error("quorum-state has data_version {0}; versions 0 and 1 are known")]
    Version(i16),
    /// A directory id that is not an id.
    #[error("quorum-state: {0}")]
    DirectoryId(#[from] ottla_types::ParseUuidError),
}

/// Version 1, with Kafka's field order. Version 0 has three further fields that carry nothing.
#[derive(Serialize, Deserialize)]
struct Json {
    #[serde(rename = "leaderId")]
    leader_id: i32,
    #[serde(rename = "leaderEpoch")]
    leader_epoch: i32,
    #[serde(rename = "votedId")]
    voted_id: i32,
    #[serde(rename = "votedDirectoryId", default = "no_directory")]
    voted_directory_id: String,
    data_version: i16,
}

fn no_directory() -> String {
    Uuid::ZERO.to_string()
}

impl ElectionState {
    /// Reads the file's text (version 0 or 1).
    ///
    /// # Errors
    /// Not JSON, not these fields, or a later version.
    pub fn parse(text: &[u8]) -> Result<Self, ParseElectionStateError> {
        let json: Json = serde_json::from_slice(text)?;
        if !(0..=1).contains(&json.data_version) {
            return Err(ParseElectionStateError::Version(json.data_version));
        }
        let directory_id: Uuid = json.voted_directory_id.parse()?;
        Ok(Self {
            epoch: json.leader_epoch,
            leader_id: (json.leader_id >= 0).then_some(json.leader_id),
            voted: (json.voted_id >= 0).then_some((json.voted_id, directory_id)),
        })
    }

    /// The file's text, byte for byte what Kafka 4.3 writes with `kraft.version` 1.
    #[must_use]
    pub fn to_json(&self) -> String {
        let (voted_id, directory) = self.voted.unwrap_or((-1, Uuid::ZERO));
        let json = Json {
            leader_id: self.leader_id.unwrap_or(-1),
            leader_epoch: self.epoch,
            voted_id,
            voted_directory_id: directory.to_string(),
            data_version: 1,
        };
        serde_json::to_string(&json).expect("a struct of numbers and a string always has a JSON form")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_what_kafka_4_3_1_wrote() {
        let text = r#"{"leaderId":1,"leaderEpoch":7,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}"#;
        let state = ElectionState::parse(text.as_bytes()).unwrap();
        assert_eq!(state, ElectionState { epoch: 7, leader_id: Some(1), voted: None });
        assert_eq!(state.to_json(), text);
    }

    #[test]
    fn reads_the_old_format() {
        let text = r#"{"clusterId":"","leaderId":-1,"leaderEpoch":3,"votedId":2,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}"#;
        let state = ElectionState::parse(text.as_bytes()).unwrap();
        assert_eq!(state, ElectionState { epoch: 3, leader_id: None, voted: Some((2, Uuid::ZERO)) });
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(ElectionState::parse(b"").is_err());
        assert!(
            ElectionState::parse(br#"{"leaderId":1,"leaderEpoch":1,"votedId":-1,"data_version":2}"#).is_err()
        );
    }
}
