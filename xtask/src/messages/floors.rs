//! Versions that Kafka 4.0 dropped from its schemas and that old clients still send (KIP-896 lists them).

use super::schema::{Field, Kind, Message, Versions};

/// The lowest version Ottla keeps, where it is below the one in the schemas of 4.3.
const FLOORS: &[(&str, i16)] = &[
    ("Produce", 0),
    ("Fetch", 0),
    ("ListOffsets", 0),
    ("OffsetCommit", 1),
    ("CreateTopics", 0),
    ("DeleteTopics", 0),
    ("OffsetForLeaderEpoch", 0),
    ("DescribeAcls", 0),
    ("CreateAcls", 0),
    ("DeleteAcls", 0),
    ("DescribeConfigs", 0),
    ("AlterReplicaLogDirs", 0),
    ("DescribeLogDirs", 0),
    ("CreateDelegationToken", 0),
    ("RenewDelegationToken", 0),
    ("ExpireDelegationToken", 0),
    ("DescribeDelegationToken", 0),
];

/// Lowers a message's first version and adds the fields only the dropped versions had.
pub(crate) fn lower(message: &mut Message) {
    let api = message.name.trim_end_matches("Request").trim_end_matches("Response");
    let Some((api, floor)) = FLOORS.iter().find(|(name, _)| *name == api) else { return };
    message.versions.min = *floor;
    match (*api, message.kind) {
        ("ListOffsets", Kind::Request) => {
            let partition = nested(message, &["Topics", "Partitions"]);
            partition.push(plain("MaxNumOffsets", "int32", (0, 0), Some("1")));
        }
        ("ListOffsets", Kind::Response) => {
            let partition = nested(message, &["Topics", "Partitions"]);
            let mut offsets = plain("OldStyleOffsets", "int64", (0, 0), None);
            offsets.is_array = true;
            let at = partition.iter().position(|f| f.name == "ErrorCode").map_or(0, |at| at + 1);
            partition.insert(at, offsets);
        }
        ("OffsetCommit", Kind::Request) => {
            let partition = nested(message, &["Topics", "Partitions"]);
            let at = partition.iter().position(|f| f.name == "CommittedOffset").map_or(0, |at| at + 1);
            partition.insert(at, plain("CommitTimestamp", "int64", (1, 1), Some("-1")));
        }
        ("DescribeConfigs", Kind::Response) => {
            let config = nested(message, &["Results", "Configs"]);
            let at = config.iter().position(|f| f.name == "ReadOnly").map_or(0, |at| at + 1);
            config.insert(at, plain("IsDefault", "bool", (0, 0), None));
        }
        _ => {}
    }
}

fn nested<'a>(message: &'a mut Message, path: &[&str]) -> &'a mut Vec<Field> {
    let mut fields = &mut message.fields;
    for name in path {
        let field = fields.iter_mut().find(|field| field.name == *name);
        fields = &mut field.expect("the path stands in the schema of 4.3").fields;
    }
    fields
}

fn plain(name: &str, kind: &str, (min, max): (i16, i16), default: Option<&str>) -> Field {
    Field {
        name: name.into(),
        kind: kind.into(),
        is_array: false,
        versions: Versions { min, max },
        nullable: None,
        tag: None,
        ignorable: true,
        default: default.map(str::to_owned),
        fields: Vec::new(),
    }
}
