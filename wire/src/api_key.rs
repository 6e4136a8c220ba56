// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

use crate::VersionRange;

macro_rules! api_keys {
    ($($name:ident = $code:literal, $min:literal, $max:literal, $flexible:literal, $broker:literal, $controller:literal;)*) => {
        /// The APIs of Kafka 4.3 by their keys.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $(#[doc = concat!("Key ", $code, ".")] $name = $code,)*
        }

        impl ApiKey {
            /// All of them, ascending.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The API with this number.
            #[must_use]
            pub const fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// Kafka's name for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The versions this build can read and write; what a broker serves may be less.
            #[must_use]
            pub const fn versions(self) -> VersionRange {
                match self { $(Self::$name => VersionRange { min: $min, max: $max },)* }
            }

            /// The first flexible version, [`i16::MAX`] for never.
            #[must_use]
            pub const fn flexible_from(self) -> i16 {
                match self { $(Self::$name => $flexible,)* }
            }

            /// Whether brokers serve it.
            #[must_use]
            pub const fn on_broker(self) -> bool {
                match self { $(Self::$name => $broker,)* }
            }

            /// Whether controllers serve it.
            #[must_use]
            pub const fn on_controller(self) -> bool {
                match self { $(Self::$name => $controller,)* }
            }

            /// Its number on the wire.
            #[must_use]
            pub const fn code(self) -> i16 {
                self as i16
            }
        }
    };
}

api_keys! {
    Produce = 0, 0, 13, 9, true, false;
    Fetch = 1, 0, 18, 12, true, true;
    ListOffsets = 2, 0, 11, 6, true, false;
    Metadata = 3, 0, 13, 9, true, false;
    OffsetCommit = 8, 1, 10, 8, true, false;
    OffsetFetch = 9, 1, 10, 6, true, false;
    FindCoordinator = 10, 0, 6, 3, true, false;
    JoinGroup = 11, 0, 9, 6, true, false;
    Heartbeat = 12, 0, 4, 4, true, false;
    LeaveGroup = 13, 0, 5, 4, true, false;
    SyncGroup = 14, 0, 5, 4, true, false;
    DescribeGroups = 15, 0, 6, 5, true, false;
    ListGroups = 16, 0, 5, 3, true, false;
    SaslHandshake = 17, 0, 1, 32767, true, true;
    ApiVersions = 18, 0, 4, 3, true, true;
    CreateTopics = 19, 0, 7, 5, true, true;
    DeleteTopics = 20, 0, 6, 4, true, true;
    DeleteRecords = 21, 0, 2, 2, true, false;
    InitProducerId = 22, 0, 6, 2, true, false;
    OffsetForLeaderEpoch = 23, 0, 4, 4, true, false;
    AddPartitionsToTxn = 24, 0, 5, 3, true, false;
    AddOffsetsToTxn = 25, 0, 4, 3, true, false;
    EndTxn = 26, 0, 5, 3, true, false;
    WriteTxnMarkers = 27, 1, 2, 1, true, false;
    TxnOffsetCommit = 28, 0, 5, 3, true, false;
    DescribeAcls = 29, 0, 3, 2, true, true;
    CreateAcls = 30, 0, 3, 2, true, true;
    DeleteAcls = 31, 0, 3, 2, true, true;
    DescribeConfigs = 32, 0, 4, 4, true, true;
    AlterConfigs = 33, 0, 2, 2, true, true;
    AlterReplicaLogDirs = 34, 0, 2, 2, true, false;
    DescribeLogDirs = 35, 0, 5, 2, true, false;
    SaslAuthenticate = 36, 0, 2, 2, true, true;
    CreatePartitions = 37, 0, 3, 2, true, true;
    CreateDelegationToken = 38, 0, 3, 2, true, true;
    RenewDelegationToken = 39, 0, 2, 2, true, true;
    ExpireDelegationToken = 40, 0, 2, 2, true, true;
    DescribeDelegationToken = 41, 0, 3, 2, true, true;
    DeleteGroups = 42, 0, 2, 2, true, false;
    ElectLeaders = 43, 0, 2, 2, true, true;
    IncrementalAlterConfigs = 44, 0, 1, 1, true, true;
    AlterPartitionReassignments = 45, 0, 1, 0, true, true;
    ListPartitionReassignments = 46, 0, 0, 0, true, true;
    OffsetDelete = 47, 0, 0, 32767, true, false;
    DescribeClientQuotas = 48, 0, 1, 1, true, false;
    AlterClientQuotas = 49, 0, 1, 1, true, true;
    DescribeUserScramCredentials = 50, 0, 0, 0, true, true;
    AlterUserScramCredentials = 51, 0, 0, 0, true, true;
    Vote = 52, 0, 2, 0, false, true;
    BeginQuorumEpoch = 53, 0, 1, 1, false, true;
    EndQuorumEpoch = 54, 0, 1, 1, false, true;
    DescribeQuorum = 55, 0, 2, 0, true, true;
    AlterPartition = 56, 2, 3, 0, false, true;
    UpdateFeatures = 57, 0, 2, 0, true, true;
    Envelope = 58, 0, 0, 0, false, true;
    FetchSnapshot = 59, 0, 1, 0, false, true;
    DescribeCluster = 60, 0, 2, 0, true, true;
    DescribeProducers = 61, 0, 0, 0, true, false;
    BrokerRegistration = 62, 0, 4, 0, false, true;
    BrokerHeartbeat = 63, 0, 2, 0, false, true;
    UnregisterBroker = 64, 0, 0, 0, true, true;
    DescribeTransactions = 65, 0, 0, 0, true, false;
    ListTransactions = 66, 0, 2, 0, true, false;
    AllocateProducerIds = 67, 0, 0, 0, false, true;
    ConsumerGroupHeartbeat = 68, 0, 1, 0, true, false;
    ConsumerGroupDescribe = 69, 0, 1, 0, true, false;
    ControllerRegistration = 70, 0, 0, 0, false, true;
    GetTelemetrySubscriptions = 71, 0, 0, 0, true, false;
    PushTelemetry = 72, 0, 0, 0, true, false;
    AssignReplicasToDirs = 73, 0, 0, 0, false, true;
    ListConfigResources = 74, 0, 1, 0, true, false;
    DescribeTopicPartitions = 75, 0, 0, 0, true, false;
    ShareGroupHeartbeat = 76, 1, 1, 0, true, false;
    ShareGroupDescribe = 77, 1, 1, 0, true, false;
    ShareFetch = 78, 1, 2, 0, true, false;
    ShareAcknowledge = 79, 1, 2, 0, true, false;
    AddRaftVoter = 80, 0, 1, 0, true, true;
    RemoveRaftVoter = 81, 0, 0, 0, true, true;
    UpdateRaftVoter = 82, 0, 0, 0, false, true;
    InitializeShareGroupState = 83, 0, 0, 0, true, false;
    ReadShareGroupState = 84, 0, 0, 0, true, false;
    WriteShareGroupState = 85, 0, 1, 0, true, false;
    DeleteShareGroupState = 86, 0, 0, 0, true, false;
    ReadShareGroupStateSummary = 87, 0, 1, 0, true, false;
    StreamsGroupHeartbeat = 88, 0, 0, 0, true, false;
    StreamsGroupDescribe = 89, 0, 0, 0, true, false;
    DescribeShareGroupOffsets = 90, 0, 1, 0, true, false;
    AlterShareGroupOffsets = 91, 0, 0, 0, true, false;
    DeleteShareGroupOffsets = 92, 0, 0, 0, true, false;
}
