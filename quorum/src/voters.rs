use ottla_types::{Str, Uuid};

/// A replica of the metadata log: the node and the directory that holds its copy. A node whose disk was replaced has
/// another directory id and is another voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaKey {
    /// `node.id`.
    pub id: i32,
    /// `directory.id` of `meta.properties`; zero when unknown (static voters of `kraft.version` 0).
    pub directory_id: Uuid,
}

/// Where a voter listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Listener name, as in `controller.listener.names`.
    pub name: Str,
    /// Host name or address.
    pub host: Str,
    /// TCP port.
    pub port: u16,
}

/// One member of the voter set, as `VotersRecord` keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voter {
    /// Who.
    pub key: ReplicaKey,
    /// Its controller listeners.
    pub endpoints: Vec<Endpoint>,
    /// Lowest `kraft.version` it can run.
    pub min_kraft_version: i16,
    /// Highest `kraft.version` it can run.
    pub max_kraft_version: i16,
}

/// The replicas whose majority commits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VoterSet(pub Vec<Voter>);

impl VoterSet {
    /// Whether this replica is the only voter, so that its own flush commits.
    #[must_use]
    pub fn is_only(&self, key: ReplicaKey) -> bool {
        matches!(self.0.as_slice(), [only] if only.key == key)
    }

    /// How many voters make a majority.
    #[must_use]
    pub fn majority(&self) -> usize {
        self.0.len() / 2 + 1
    }

    /// The largest offset a majority has flushed, given each voter's flushed end offset; `None` without voters.
    ///
    /// Sorts all voters' offsets every time: progress kept incrementally is how others committed without a quorum.
    #[must_use]
    pub fn committed(&self, flushed: impl Fn(ReplicaKey) -> i64) -> Option<i64> {
        let mut offsets: Vec<i64> = self.0.iter().map(|voter| flushed(voter.key)).collect();
        offsets.sort_unstable_by(|a, b| b.cmp(a));
        offsets.get(self.majority() - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voters(n: i32) -> VoterSet {
        let voter = |id| Voter {
            key: ReplicaKey { id, directory_id: Uuid::from_u128(1000 + id as u128) },
            endpoints: Vec::new(),
            min_kraft_version: 0,
            max_kraft_version: 1,
        };
        VoterSet((0..n).map(voter).collect())
    }

    #[test]
    fn commits_what_a_majority_has_flushed() {
        let offsets = [5, 9, 7, 3, 1];
        let committed = |n: i32| voters(n).committed(|key| offsets[key.id as usize]);
        assert_eq!(committed(0), None);
        assert_eq!(committed(1), Some(5));
        assert_eq!(committed(2), Some(5));
        assert_eq!(committed(3), Some(7));
        assert_eq!(committed(4), Some(5));
        assert_eq!(committed(5), Some(5));
    }
}
