// Sarama, with the protocol of an old release, of a middle one and the newest it knows: the cases every client has to pass.
package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/IBM/sarama"

	"ottla.test/conformance/cases"
)

// release is what the client is told about the broker.
type release struct {
	name    string
	version sarama.KafkaVersion
}

func main() {
	for _, as := range []release{{"1.0", sarama.V1_0_0_0}, {"2.1", sarama.V2_1_0_0}, {"newest", sarama.MaxVersion}} {
		as.dataCases()
		as.groupCases()
		as.adminCases()
	}
	cases.Main()
}

func (as release) add(name string, run func(*cases.T)) {
	cases.Add(as.name+"/"+name, run)
}

func (as release) atLeast(version sarama.KafkaVersion) bool {
	return as.version.IsAtLeast(version)
}

func (as release) config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = as.version
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Consumer.Group.Session.Timeout = 6 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	config.Consumer.Group.Rebalance.Retry.Backoff = 100 * time.Millisecond
	config.Metadata.Retry.Max = 10
	config.Metadata.Retry.Backoff = 50 * time.Millisecond
	return config
}

func (as release) admin(t *cases.T) sarama.ClusterAdmin {
	made := cases.Must(sarama.NewClusterAdmin([]string{t.Bootstrap}, as.config()))(t)
	t.After(func() { _ = made.Close() })
	return made
}

func (as release) client(t *cases.T) sarama.Client {
	made := cases.Must(sarama.NewClient([]string{t.Bootstrap}, as.config()))(t)
	t.After(func() { _ = made.Close() })
	return made
}

func (as release) create(t *cases.T, partitions int32, configs map[string]*string) string {
	topic := cases.Unique("sarama")
	detail := &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1, ConfigEntries: configs}
	t.Check(as.admin(t).CreateTopic(topic, detail, false))
	return topic
}

func (as release) produce(t *cases.T, messages []*sarama.ProducerMessage, change func(*sarama.Config)) error {
	config := as.config()
	if change != nil {
		change(config)
	}
	producer := cases.Must(sarama.NewSyncProducer([]string{t.Bootstrap}, config))(t)
	defer func() { _ = producer.Close() }()
	return producer.SendMessages(messages)
}

func numbered(topic string, count int) []*sarama.ProducerMessage {
	messages := make([]*sarama.ProducerMessage, count)
	for i := range messages {
		messages[i] = &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(fmt.Sprint(i))}
	}
	return messages
}

// read reads partition 0 from an offset on.
func (as release) read(t *cases.T, topic string, offset int64, count int) []*sarama.ConsumerMessage {
	consumer := cases.Must(sarama.NewConsumer([]string{t.Bootstrap}, as.config()))(t)
	defer func() { _ = consumer.Close() }()
	partition := cases.Must(consumer.ConsumePartition(topic, 0, offset))(t)
	defer func() { _ = partition.Close() }()
	var messages []*sarama.ConsumerMessage
	for deadline := time.After(30 * time.Second); len(messages) < count; {
		select {
		case message := <-partition.Messages():
			messages = append(messages, message)
		case <-deadline:
			t.Fail("%d of %d messages came", len(messages), count)
		}
	}
	return messages
}

func values(messages []*sarama.ConsumerMessage) []string {
	var values []string
	for _, message := range messages {
		values = append(values, string(message.Value))
	}
	return values
}

func (as release) dataCases() {
	for _, codec := range []sarama.CompressionCodec{
		sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4,
		sarama.CompressionZSTD,
	} {
		if codec == sarama.CompressionZSTD && !as.atLeast(sarama.V2_1_0_0) {
			continue
		}
		as.add("codec_"+codec.String(), func(t *cases.T) {
			topic := as.create(t, 1, nil)
			sent := numbered(topic, 300)
			for i, message := range sent {
				message.Key = sarama.StringEncoder(fmt.Sprintf("k%d", i))
				message.Value = sarama.ByteEncoder(slices.Repeat(fmt.Appendf(nil, "value %d ", i), 20))
			}
			t.Check(as.produce(t, sent, func(config *sarama.Config) { config.Producer.Compression = codec }))
			for i, message := range as.read(t, topic, sarama.OffsetOldest, 300) {
				key, value := cases.Must(sent[i].Key.Encode())(t), cases.Must(sent[i].Value.Encode())(t)
				t.Equal([]any{message.Key, message.Value, message.Offset}, []any{key, value, int64(i)})
			}
		})
	}
	as.add("acks_of_every_kind", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		for _, acks := range []sarama.RequiredAcks{sarama.NoResponse, sarama.WaitForLocal, sarama.WaitForAll} {
			t.Check(as.produce(t, numbered(topic, 1), func(config *sarama.Config) { config.Producer.RequiredAcks = acks }))
		}
		t.Equal(len(as.read(t, topic, sarama.OffsetOldest, 3)), 3)
	})
	as.add("idempotent_producer_keeps_order", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		sent := numbered(topic, 2000)
		t.Check(as.produce(t, sent, func(config *sarama.Config) {
			config.Producer.Idempotent = true
			config.Net.MaxOpenRequests = 1
			config.Producer.Flush.MaxMessages = 100
		}))
		for i, message := range as.read(t, topic, sarama.OffsetOldest, 2000) {
			t.Equal(string(message.Value), fmt.Sprint(i))
		}
	})
	as.add("headers_keep_order_and_duplicates", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		headers := []sarama.RecordHeader{
			{Key: []byte("a"), Value: []byte("1")}, {Key: []byte("b"), Value: []byte{}}, {Key: []byte("a"), Value: []byte("2")},
		}
		message := &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("v"), Headers: headers}
		t.Check(as.produce(t, []*sarama.ProducerMessage{message}, nil))
		for i, header := range as.read(t, topic, sarama.OffsetOldest, 1)[0].Headers {
			t.Equal(*header, headers[i])
		}
	})
	as.add("nulls_and_empties_differ", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		empty, key, value := sarama.ByteEncoder([]byte{}), sarama.StringEncoder("k"), sarama.StringEncoder("v")
		t.Check(as.produce(t, []*sarama.ProducerMessage{
			{Topic: topic}, {Topic: topic, Key: empty, Value: empty}, {Topic: topic, Key: key}, {Topic: topic, Value: value},
		}, nil))
		var got [][2][]byte
		for _, message := range as.read(t, topic, sarama.OffsetOldest, 4) {
			got = append(got, [2][]byte{message.Key, message.Value})
		}
		t.Equal(got, [][2][]byte{{nil, nil}, {{}, {}}, {[]byte("k"), nil}, {nil, []byte("v")}})
	})
	as.add("a_megabyte_fits_and_more_is_refused", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		large := func(size int) error {
			message := &sarama.ProducerMessage{Topic: topic, Value: sarama.ByteEncoder(make([]byte, size))}
			return as.produce(t, []*sarama.ProducerMessage{message}, func(config *sarama.Config) {
				config.Producer.MaxMessageBytes = 3_000_000
			})
		}
		t.Check(large(1_000_000))
		t.Equal(len(as.read(t, topic, sarama.OffsetOldest, 1)[0].Value), 1_000_000)
		var failed sarama.ProducerErrors
		t.True(errors.As(large(2_000_000), &failed), "two megabytes were taken")
		t.True(errors.Is(failed[0].Err, sarama.ErrMessageSizeTooLarge), "two megabytes: %v", failed[0].Err)
	})
	as.add("seek_by_time", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		began := time.Now().Add(-10 * time.Second).Truncate(time.Millisecond)
		for i, message := range numbered(topic, 10) {
			message.Timestamp = began.Add(time.Duration(i) * time.Second)
			t.Check(as.produce(t, []*sarama.ProducerMessage{message}, nil))
		}
		client := as.client(t)
		for at, want := range map[int64]int64{
			began.Add(4500 * time.Millisecond).UnixMilli(): 5, sarama.OffsetOldest: 0, sarama.OffsetNewest: 10,
		} {
			t.Equal(cases.Must(client.GetOffset(topic, 0, at))(t), want)
		}
		messages := as.read(t, topic, 5, 5)
		t.Equal(values(messages), []string{"5", "6", "7", "8", "9"})
		t.Equal(messages[0].Timestamp.UnixMilli(), began.Add(5*time.Second).UnixMilli())
	})
	as.add("an_offset_out_of_range_is_refused", func(t *cases.T) {
		topic := as.create(t, 1, nil)
		consumer := cases.Must(sarama.NewConsumer([]string{t.Bootstrap}, as.config()))(t)
		t.After(func() { _ = consumer.Close() })
		_, err := consumer.ConsumePartition(topic, 0, 50)
		t.True(errors.Is(err, sarama.ErrOffsetOutOfRange), "beyond the end: %v", err)
	})
	as.add("auto_created_topics", func(t *cases.T) {
		topic := cases.Unique("auto")
		t.Check(as.produce(t, numbered(topic, 1), nil))
		t.Equal(len(as.read(t, topic, sarama.OffsetOldest, 1)), 1)
	})
	as.add("an_unknown_topic_is_refused", func(t *cases.T) {
		config := as.config()
		config.Metadata.AllowAutoTopicCreation = false
		config.Metadata.Retry.Max = 1
		client := cases.Must(sarama.NewClient([]string{t.Bootstrap}, config))(t)
		t.After(func() { _ = client.Close() })
		topic := cases.Unique("unknown")
		_, err := client.Partitions(topic)
		t.True(errors.Is(err, sarama.ErrUnknownTopicOrPartition), "looking it up: %v", err)
		err = as.admin(t).DeleteTopic(topic)
		t.True(errors.Is(err, sarama.ErrUnknownTopicOrPartition), "deleting it: %v", err)
		err = as.admin(t).CreateTopic("not/a/name", &sarama.TopicDetail{NumPartitions: 1, ReplicationFactor: 1}, false)
		t.True(errors.Is(err, sarama.ErrInvalidTopic), "creating it: %v", err)
	})
}
