package main

import (
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"ottla.test/conformance/cases"
)

func text(value string) *string { return &value }

func (as release) adminCases() {
	as.add("admin_groups_and_offsets", as.groups)
	as.add("delete_records_moves_the_start", as.deleteRecords)
	if !as.atLeast(sarama.V2_0_0_0) {
		return // what it would send, Kafka no longer answers
	}
	as.add("admin_configs", as.configs)
	as.add("admin_topics_and_partitions", func(t *cases.T) {
		admin := as.admin(t)
		topic := as.create(t, 2, nil)
		err := admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false)
		t.True(errors.Is(err, sarama.ErrTopicAlreadyExists), "creating it again: %v", err)
		validated := cases.Unique("validated")
		t.Check(admin.CreateTopic(validated, &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, true))
		_, made := cases.Must(admin.ListTopics())(t)[validated]
		t.True(!made, "validating made a topic")
		t.Check(admin.CreatePartitions(topic, 5, nil, false))
		t.Until("five partitions", func() bool {
			return len(cases.Must(admin.DescribeTopics([]string{topic}))(t)[0].Partitions) == 5
		})
		err = admin.CreatePartitions(topic, 1, nil, false)
		t.True(errors.Is(err, sarama.ErrInvalidPartitions), "fewer partitions: %v", err)
		t.Check(admin.DeleteTopic(topic))
		t.Until("the topic being gone", func() bool {
			_, there := cases.Must(admin.ListTopics())(t)[topic]
			return !there
		})
	})
	as.add("the_cluster_describes_itself", func(t *cases.T) {
		brokers, controller, err := as.admin(t).DescribeCluster()
		t.Check(err)
		t.Equal([]any{len(brokers), brokers[0].Addr(), controller}, []any{1, t.Bootstrap, int32(1)})
		dirs := cases.Must(as.admin(t).DescribeLogDirs([]int32{1}))(t)
		t.Equal([]any{len(dirs[1]), dirs[1][0].ErrorCode}, []any{1, sarama.ErrNoError})
	})
}

func (as release) deleteRecords(t *cases.T) {
	topic := as.create(t, 1, nil)
	t.Check(as.produce(t, numbered(topic, 10), nil))
	t.Check(as.admin(t).DeleteRecords(topic, map[int32]int64{0: 4}))
	t.Equal(cases.Must(as.client(t).GetOffset(topic, 0, sarama.OffsetOldest))(t), int64(4))
	t.Equal(as.read(t, topic, sarama.OffsetOldest, 6)[0].Offset, int64(4))
	err := as.admin(t).DeleteRecords(topic, map[int32]int64{0: 100})
	t.True(err != nil, "records beyond the end were deleted")
}

func (as release) configs(t *cases.T) {
	admin := as.admin(t)
	topic := as.create(t, 1, map[string]*string{"retention.ms": text("5000")})
	value := func(name string) string {
		resource := sarama.ConfigResource{Type: sarama.TopicResource, Name: topic, ConfigNames: []string{name}}
		entries := cases.Must(admin.DescribeConfig(resource))(t)
		t.Equal([]any{len(entries), entries[0].Name}, []any{1, name})
		return entries[0].Value
	}
	t.Equal(value("retention.ms"), "5000")
	t.Check(admin.AlterConfig(sarama.TopicResource, topic, map[string]*string{"cleanup.policy": text("compact")}, false))
	t.Until("the new settings", func() bool {
		return value("cleanup.policy") == "compact" && value("retention.ms") == "604800000"
	})
	err := admin.AlterConfig(sarama.TopicResource, topic, map[string]*string{"cleanup.policy": text("nonsense")}, true)
	t.True(err != nil, "nonsense was accepted")
	if as.atLeast(sarama.V2_3_0_0) {
		entries := map[string]sarama.IncrementalAlterConfigsEntry{
			"cleanup.policy": {Operation: sarama.IncrementalAlterConfigsOperationAppend, Value: text("delete")},
			"retention.ms":   {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: text("7000")},
		}
		t.Check(admin.IncrementalAlterConfig(sarama.TopicResource, topic, entries, false))
		t.Until("the increments", func() bool {
			return value("cleanup.policy") == "compact,delete" && value("retention.ms") == "7000"
		})
	}
	broker := cases.Must(admin.DescribeConfig(sarama.ConfigResource{Type: sarama.BrokerResource, Name: "1"}))(t)
	t.True(len(broker) > 100, "%d settings of the broker", len(broker))
}

func (as release) groups(t *cases.T) {
	admin := as.admin(t)
	topic, group := as.create(t, 1, nil), cases.Unique("group")
	t.Check(as.produce(t, numbered(topic, 3), nil))
	joined := as.join(t, topic, group, nil)
	t.Until("three messages", func() bool { return joined.saw() == 3 })
	joined.session.MarkOffset(topic, 0, 3, "")
	joined.session.Commit()
	described := cases.Must(admin.DescribeConsumerGroups([]string{group}))(t)[0]
	t.Equal([]any{described.State, described.ProtocolType, len(described.Members)}, []any{"Stable", "consumer", 1})
	for _, one := range described.Members {
		t.Equal(cases.Must(one.GetMemberAssignment())(t).Topics, map[string][]int32{topic: {0}})
	}
	t.Equal(cases.Must(admin.ListConsumerGroups())(t)[group], "consumer")
	if as.atLeast(sarama.V1_1_0_0) {
		err := admin.DeleteConsumerGroup(group)
		t.True(errors.Is(err, sarama.ErrNonEmptyGroup), "deleting an active group: %v", err)
	}
	joined.leave()
	stored := func() int64 {
		return cases.Must(admin.ListConsumerGroupOffsets(group, map[string][]int32{topic: {0}}))(t).GetBlock(topic, 0).Offset
	}
	t.Equal(stored(), int64(3))
	moved := map[string]map[int32]sarama.OffsetAndMetadata{topic: {0: {Offset: 1, LeaderEpoch: -1}}}
	answer := cases.Must(admin.AlterConsumerGroupOffsets(group, moved, nil))(t)
	t.Equal(fmt.Sprint(answer.Errors[topic][0]), fmt.Sprint(sarama.ErrNoError))
	t.Equal(stored(), int64(1))
	if as.atLeast(sarama.V2_4_0_0) {
		t.Check(admin.DeleteConsumerGroupOffset(group, topic, 0))
		t.Equal(stored(), int64(-1))
	}
	if as.atLeast(sarama.V1_1_0_0) {
		t.Check(admin.DeleteConsumerGroup(group))
		_, there := cases.Must(admin.ListConsumerGroups())(t)[group]
		t.True(!there, "the group is still listed")
	}
}
