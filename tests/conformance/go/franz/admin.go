package main

import (
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"ottla.test/conformance/cases"
)

func adminCases() {
	cases.Add("admin_topics_and_partitions", func(t *cases.T) {
		operator := admin(t)
		topic := create(t, 2, nil)
		_, err := operator.CreateTopic(background, 1, 1, nil, topic)
		t.True(errors.Is(err, kerr.TopicAlreadyExists), "creating it again: %v", err)
		validated := cases.Must(operator.ValidateCreateTopics(background, -1, -1, nil, cases.Unique("validated")))(t)
		for name, answer := range validated {
			t.Check(answer.Err)
			t.True(!cases.Must(operator.ListTopics(background))(t).Has(name), "validating made a topic")
		}
		_, err = operator.CreatePartitions(background, 3, topic)
		t.Check(err)
		t.Until("five partitions", func() bool {
			return len(cases.Must(operator.ListTopics(background, topic))(t)[topic].Partitions) == 5
		})
		fewer := cases.Must(operator.UpdatePartitions(background, 1, topic))(t)
		t.True(errors.Is(fewer[topic].Err, kerr.InvalidPartitions), "fewer partitions: %v", fewer[topic].Err)
		more := cases.Must(operator.CreateTopics(background, 1, 3, nil, cases.Unique("replicas")))(t)
		t.True(errors.Is(more.Error(), kerr.InvalidReplicationFactor), "three replicas: %v", more.Error())
		_, err = operator.DeleteTopic(background, topic)
		t.Check(err)
		t.Until("the topic being gone", func() bool {
			return !cases.Must(operator.ListTopics(background))(t).Has(topic)
		})
	})
	cases.Add("admin_configs", configs)
	cases.Add("admin_groups", groups)
	cases.Add("admin_group_offsets", groupOffsets)
	cases.Add("delete_records_moves_the_start", func(t *cases.T) {
		topic := create(t, 1, nil)
		t.Check(produce(t, numbered(topic, 10)))
		var before kadm.Offsets
		before.AddOffset(topic, 0, 4, -1)
		deleted := cases.Must(admin(t).DeleteRecords(background, before))(t)
		t.Equal(deleted[topic][0].LowWatermark, int64(4))
		t.Equal(cases.Must(admin(t).ListStartOffsets(background, topic))(t)[topic][0].Offset, int64(4))
		t.Equal(cases.Must(admin(t).ListEndOffsets(background, topic))(t)[topic][0].Offset, int64(10))
		t.Equal(read(t, topic, 6)[0].Offset, int64(4))
		before[topic][0] = kadm.Offset{Topic: topic, At: 100}
		beyond := cases.Must(admin(t).DeleteRecords(background, before))(t)
		t.True(errors.Is(beyond[topic][0].Err, kerr.OffsetOutOfRange), "beyond the end: %v", beyond[topic][0].Err)
	})
	cases.Add("the_cluster_describes_itself", func(t *cases.T) {
		metadata := cases.Must(admin(t).BrokerMetadata(background))(t)
		t.Equal([]any{len(metadata.Brokers), metadata.Controller, len(metadata.Cluster)}, []any{1, int32(1), 22})
		versions := cases.Must(admin(t).ApiVersions(background))(t)
		broker := versions[1]
		newest, known := broker.KeyMaxVersion(int16(kmsg.Produce))
		t.Equal([]any{newest, known}, []any{int16(13), true})
		described := cases.Must(admin(t).DescribeBrokerConfigs(background, 1))(t)
		t.True(len(described[0].Configs) > 100, "%d settings", len(described[0].Configs))
	})
	cases.Add("log_dirs_and_producers", func(t *cases.T) {
		topic := create(t, 1, nil)
		t.Check(produce(t, numbered(topic, 10)))
		dirs := cases.Must(admin(t).DescribeAllLogDirs(background, kadm.TopicsSet{topic: {0: {}}}))(t)
		size := int64(0)
		dirs.Each(func(dir kadm.DescribedLogDir) {
			dir.Topics.Each(func(partition kadm.DescribedLogDirPartition) { size += partition.Size })
		})
		t.True(size > 100, "%d bytes", size)
		producers := cases.Must(admin(t).DescribeProducers(background, kadm.TopicsSet{topic: {0: {}}}))(t)
		t.Equal(len(producers[topic].Partitions[0].ActiveProducers), 1)
	})
	cases.Add("leaders_and_reassignments", func(t *cases.T) {
		topic := create(t, 1, nil)
		elected := cases.Must(admin(t).ElectLeaders(background, kadm.ElectPreferredReplica, kadm.TopicsSet{topic: {0: {}}}))(t)
		t.True(errors.Is(elected[topic][0].Err, kerr.ElectionNotNeeded), "electing: %v", elected[topic][0].Err)
		listed := cases.Must(admin(t).ListPartitionReassignments(background, kadm.TopicsSet{topic: {0: {}}}))(t)
		t.Equal(len(listed), 0)
		epochs := kadm.OffsetForLeaderEpochRequest{}
		epochs.Add(topic, 0, 0)
		t.Equal(cases.Must(admin(t).OffsetForLeaderEpoch(background, epochs))(t)[topic][0].EndOffset, int64(0))
	})
}

func configs(t *cases.T) {
	operator := admin(t)
	topic := create(t, 1, map[string]*string{"retention.ms": kadm.StringPtr("5000")})
	value := func(name string) string {
		for _, resource := range cases.Must(operator.DescribeTopicConfigs(background, topic))(t) {
			for _, config := range resource.Configs {
				if config.Key == name {
					return config.MaybeValue()
				}
			}
		}
		return "?"
	}
	alter := func(op kadm.IncrementalOp, name string, value *string) error {
		answers := cases.Must(operator.AlterTopicConfigs(background, []kadm.AlterConfig{{Op: op, Name: name, Value: value}}, topic))(t)
		return answers[0].Err
	}
	t.Equal([]string{value("retention.ms"), value("cleanup.policy")}, []string{"5000", "delete"})
	t.Check(alter(kadm.AppendConfig, "cleanup.policy", kadm.StringPtr("compact")))
	t.Until("the policy with compact", func() bool { return value("cleanup.policy") == "delete,compact" })
	t.Check(alter(kadm.SubtractConfig, "cleanup.policy", kadm.StringPtr("delete")))
	t.Until("the policy without delete", func() bool { return value("cleanup.policy") == "compact" })
	t.Check(alter(kadm.DeleteConfig, "retention.ms", nil))
	t.Until("the default", func() bool { return value("retention.ms") == "604800000" })
	err := alter(kadm.SetConfig, "no.such.setting", kadm.StringPtr("1"))
	t.True(errors.Is(err, kerr.InvalidConfig), "an unknown setting: %v", err)
	state := []kadm.AlterConfig{{Name: "max.message.bytes", Value: kadm.StringPtr("100")}}
	t.Check(cases.Must(operator.AlterTopicConfigsState(background, state, topic))(t)[0].Err)
	t.Until("the new state", func() bool { return value("max.message.bytes") == "100" && value("cleanup.policy") == "delete" })
	err = produce(t, []*kgo.Record{{Topic: topic, Value: make([]byte, 200)}}, kgo.ProducerBatchCompression(kgo.NoCompression()))
	t.True(errors.Is(err, kerr.MessageTooLarge), "more than the topic takes: %v", err)
	unknown := cases.Must(operator.DescribeTopicConfigs(background, cases.Unique("unknown")))(t)
	t.True(errors.Is(unknown[0].Err, kerr.UnknownTopicOrPartition), "an unknown topic: %v", unknown[0].Err)
}

func groups(t *cases.T) {
	operator := admin(t)
	topic, group := create(t, 2, nil), cases.Unique("group")
	joined := join(t, topic, group)
	t.Until("the partitions", func() bool { return joined.count() == 2 })
	described := cases.Must(operator.DescribeGroups(background, group))(t)[group]
	t.Equal([]string{described.State, described.ProtocolType, described.Protocol}, []string{"Stable", "consumer", "cooperative-sticky"})
	t.Equal(described.AssignedPartitions().Sorted()[0].Topic, topic)
	listed := cases.Must(operator.ListGroups(background, "Stable"))(t)
	t.True(slices.Contains(listed.Groups(), group), "the group is not listed")
	_, err := operator.DeleteGroup(background, group)
	t.True(errors.Is(err, kerr.NonEmptyGroup), "deleting an active group: %v", err)
	joined.leave()
	_, err = operator.DeleteGroup(background, group)
	t.Check(err)
	_, err = operator.DeleteGroup(background, group)
	t.True(errors.Is(err, kerr.GroupIDNotFound), "deleting it again: %v", err)
	gone := cases.Must(operator.DescribeGroups(background, group))(t)[group]
	t.True(gone.State == "Dead" || errors.Is(gone.Err, kerr.GroupIDNotFound), "described: %v %v", gone.State, gone.Err)
	found := operator.FindGroupCoordinators(background, group)
	t.Equal(found[group].NodeID, int32(1))
}

func groupOffsets(t *cases.T) {
	operator := admin(t)
	topic, group := create(t, 2, nil), cases.Unique("group")
	t.Check(produce(t, numbered(topic, 10), kgo.RecordPartitioner(kgo.ManualPartitioner())))
	var offsets kadm.Offsets
	offsets.Add(kadm.Offset{Topic: topic, Partition: 0, At: 3, LeaderEpoch: -1, Metadata: "note"})
	offsets.Add(kadm.Offset{Topic: topic, Partition: 1, At: 0, LeaderEpoch: -1})
	t.Check(operator.CommitAllOffsets(background, group, offsets))
	fetched := cases.Must(operator.FetchOffsets(background, group))(t)
	t.Equal([]any{fetched[topic][0].At, fetched[topic][0].Metadata}, []any{int64(3), "note"})
	lags := cases.Must(operator.Lag(background, group))(t)
	t.Equal(lags[group].Lag.Total(), int64(7))
	deleted := cases.Must(operator.DeleteOffsets(background, group, kadm.TopicsSet{topic: {1: {}}}))(t)
	t.Check(deleted[topic][1])
	fetched = cases.Must(operator.FetchOffsets(background, group))(t)
	t.Equal(len(fetched[topic]), 1)
	many := operator.FetchManyOffsets(background, group, cases.Unique("nobody"))
	t.Equal(many[group].Fetched[topic][0].At, int64(3))
}

// versionCases has the client speak as clients of earlier releases did.
func versionCases() {
	for _, version := range []struct {
		name string
		max  *kversion.Versions
	}{
		{"1_0", kversion.V1_0_0()}, {"1_1", kversion.V1_1_0()}, {"2_0", kversion.V2_0_0()}, {"2_1", kversion.V2_1_0()},
		{"2_4", kversion.V2_4_0()}, {"2_8", kversion.V2_8_0()}, {"3_3", kversion.V3_3_0()}, {"3_9", kversion.V3_9_0()},
		{"4_0", kversion.V4_0_0()},
	} {
		cases.Add("speaking_as_"+version.name, func(t *cases.T) {
			max := kgo.MaxVersions(version.max)
			operator := kadm.NewClient(client(t, max))
			topic, group := cases.Unique("versions"), cases.Unique("group")
			_, err := operator.CreateTopic(background, 1, 1, nil, topic)
			t.Check(err)
			for i, record := range numbered(topic, 10) {
				record.Timestamp = time.UnixMilli(1_700_000_000_000 + int64(i))
				t.Check(produce(t, []*kgo.Record{record}, max))
			}
			reader := client(t, max, kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
				kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
			t.Equal(len(poll(t, reader, 10)), 10)
			t.Check(reader.CommitUncommittedOffsets(background))
			described := cases.Must(operator.DescribeGroups(background, group))(t)[group]
			t.Equal(described.State, "Stable")
			reader.Close()
			t.Equal(cases.Must(operator.FetchOffsets(background, group))(t)[topic][0].At, int64(10))
			found := cases.Must(operator.ListOffsetsAfterMilli(background, 1_700_000_000_005, topic))(t)
			t.Equal(found[topic][0].Offset, int64(5))
			if version.max.HasKey(int16(kmsg.DeleteGroups)) {
				_, err = operator.DeleteGroup(background, group)
				t.Check(err)
			}
			_, err = operator.DeleteTopic(background, topic)
			t.Check(err)
		})
	}
}
