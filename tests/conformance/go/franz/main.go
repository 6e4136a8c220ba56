// franz-go: the cases every client has to pass.
package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"ottla.test/conformance/cases"
)

var background = context.Background()

func main() {
	dataCases()
	groupCases()
	transactionCases()
	adminCases()
	versionCases()
	cases.Main()
}

func client(t *cases.T, options ...kgo.Opt) *kgo.Client {
	options = append([]kgo.Opt{kgo.SeedBrokers(t.Bootstrap), kgo.FetchMaxWait(200 * time.Millisecond)}, options...)
	made, err := kgo.NewClient(options...)
	t.Check(err)
	t.After(func() {
		closed := make(chan struct{})
		go func() {
			made.CloseAllowingRebalance()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(time.Second): // a client that has lost the broker tries to say goodbye for long
		}
	})
	return made
}

func admin(t *cases.T) *kadm.Client {
	return kadm.NewClient(client(t))
}

func create(t *cases.T, partitions int32, configs map[string]*string) string {
	topic := cases.Unique("franz")
	_, err := admin(t).CreateTopic(background, partitions, 1, configs, topic)
	t.Check(err)
	return topic
}

func produce(t *cases.T, records []*kgo.Record, options ...kgo.Opt) error {
	limited, cancel := context.WithTimeout(background, 30*time.Second)
	defer cancel()
	return client(t, options...).ProduceSync(limited, records...).FirstErr()
}

func numbered(topic string, count int) []*kgo.Record {
	records := make([]*kgo.Record, count)
	for i := range records {
		records[i] = &kgo.Record{Topic: topic, Value: fmt.Append(nil, i)}
	}
	return records
}

func values(records []*kgo.Record) []string {
	var values []string
	for _, record := range records {
		values = append(values, string(record.Value))
	}
	return values
}

// poll reads until `count` records have come.
func poll(t *cases.T, reader *kgo.Client, count int) []*kgo.Record {
	limited, cancel := context.WithTimeout(background, 30*time.Second)
	defer cancel()
	var records []*kgo.Record
	for len(records) < count {
		fetches := reader.PollFetches(limited)
		t.Check(fetches.Err())
		records = append(records, fetches.Records()...)
	}
	return records
}

// read reads a topic from its start.
func read(t *cases.T, topic string, count int, options ...kgo.Opt) []*kgo.Record {
	options = append([]kgo.Opt{
		kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}, options...)
	reader := client(t, options...)
	defer reader.Close()
	return poll(t, reader, count)
}

func dataCases() {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for _, name := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		cases.Add("codec_"+name, func(t *cases.T) {
			topic := create(t, 1, nil)
			sent := numbered(topic, 500)
			for i, record := range sent {
				record.Key = fmt.Appendf(nil, "k%d", i)
				record.Value = slices.Repeat(fmt.Appendf(nil, "value %d ", i), 20)
			}
			t.Check(produce(t, sent, kgo.ProducerBatchCompression(codecs[name])))
			got := read(t, topic, 500)
			t.Equal(values(got), values(sent))
			t.Equal(string(got[499].Key), "k499")
		})
	}
	cases.Add("acks_of_every_kind", func(t *cases.T) {
		topic := create(t, 1, nil)
		for _, acks := range []kgo.Acks{kgo.NoAck(), kgo.LeaderAck(), kgo.AllISRAcks()} {
			t.Check(produce(t, numbered(topic, 1), kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite()))
		}
		t.Equal(len(read(t, topic, 3)), 3)
	})
	cases.Add("idempotent_producer_keeps_order", func(t *cases.T) {
		topic := create(t, 1, nil)
		sent := numbered(topic, 5000)
		t.Check(produce(t, sent, kgo.ProducerBatchMaxBytes(1000)))
		for i, record := range sent {
			t.Equal(record.Offset, int64(i))
		}
		t.Equal(values(read(t, topic, 5000)), values(sent))
	})
	cases.Add("headers_keep_order_and_duplicates", func(t *cases.T) {
		topic := create(t, 1, nil)
		headers := []kgo.RecordHeader{
			{Key: "a", Value: []byte("1")}, {Key: "b"}, {Key: "a", Value: []byte("2")}, {Key: "c", Value: []byte{}},
		}
		t.Check(produce(t, []*kgo.Record{{Topic: topic, Value: []byte("v"), Headers: headers}}))
		t.Equal(read(t, topic, 1)[0].Headers, headers)
	})
	cases.Add("nulls_and_empties_differ", func(t *cases.T) {
		topic := create(t, 1, nil)
		pairs := [][2][]byte{{nil, nil}, {{}, {}}, {[]byte("k"), nil}, {nil, []byte("v")}}
		var sent []*kgo.Record
		for _, pair := range pairs {
			sent = append(sent, &kgo.Record{Topic: topic, Key: pair[0], Value: pair[1]})
		}
		t.Check(produce(t, sent))
		for i, record := range read(t, topic, 4) {
			t.Equal([2][]byte{record.Key, record.Value}, pairs[i])
		}
	})
	cases.Add("a_megabyte_fits_and_more_is_refused", func(t *cases.T) {
		topic := create(t, 1, nil)
		options := []kgo.Opt{kgo.ProducerBatchMaxBytes(3_000_000), kgo.ProducerBatchCompression(kgo.NoCompression())}
		sent := &kgo.Record{Topic: topic, Value: slices.Repeat([]byte("x"), 1_000_000)}
		t.Check(produce(t, []*kgo.Record{sent}, options...))
		t.Equal(len(read(t, topic, 1)[0].Value), 1_000_000)
		sent = &kgo.Record{Topic: topic, Value: slices.Repeat([]byte("x"), 2_000_000)}
		err := produce(t, []*kgo.Record{sent}, options...)
		t.True(errors.Is(err, kerr.MessageTooLarge), "two megabytes: %v", err)
	})
	cases.Add("timestamps_are_kept_or_the_brokers", func(t *cases.T) {
		at := time.UnixMilli(1_600_000_000_000)
		given := create(t, 1, nil)
		t.Check(produce(t, []*kgo.Record{{Topic: given, Value: []byte("v"), Timestamp: at}}))
		record := read(t, given, 1)[0]
		t.Equal([]any{record.Timestamp.UnixMilli(), record.Attrs.TimestampType()}, []any{at.UnixMilli(), int8(0)})
		appended := create(t, 1, map[string]*string{"message.timestamp.type": kadm.StringPtr("LogAppendTime")})
		t.Check(produce(t, []*kgo.Record{{Topic: appended, Value: []byte("v"), Timestamp: at}}))
		record = read(t, appended, 1)[0]
		t.Equal(record.Attrs.TimestampType(), int8(1))
		t.True(time.Since(record.Timestamp).Abs() < time.Minute, "appended at %v", record.Timestamp)
	})
	cases.Add("seek_by_time", func(t *cases.T) {
		topic := create(t, 1, nil)
		began := time.Now().Add(-10 * time.Second)
		for i, record := range numbered(topic, 10) {
			record.Timestamp = began.Add(time.Duration(i) * time.Second)
			t.Check(produce(t, []*kgo.Record{record}))
		}
		after := began.Add(4500 * time.Millisecond).UnixMilli()
		found := cases.Must(admin(t).ListOffsetsAfterMilli(background, after, topic))(t)
		t.Equal(found[topic][0].Offset, int64(5))
		beyond := cases.Must(admin(t).ListOffsetsAfterMilli(background, time.Now().Add(time.Minute).UnixMilli(), topic))(t)
		t.Equal(beyond[topic][0].Offset, int64(10))
		latest := cases.Must(admin(t).ListMaxTimestampOffsets(background, topic))(t)
		t.Equal(latest[topic][0].Offset, int64(9))
		records := read(t, topic, 5, kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(after)))
		t.Equal(values(records), []string{"5", "6", "7", "8", "9"})
	})
	cases.Add("consuming_from_offsets_and_relative_ones", func(t *cases.T) {
		topic := create(t, 1, nil)
		t.Check(produce(t, numbered(topic, 10)))
		for _, offset := range []kgo.Offset{
			kgo.NewOffset().At(7), kgo.NewOffset().AtEnd().Relative(-3), kgo.NewOffset().AtStart().Relative(7),
		} {
			partitions := map[string]map[int32]kgo.Offset{topic: {0: offset}}
			t.Equal(values(poll(t, client(t, kgo.ConsumePartitions(partitions)), 3)), []string{"7", "8", "9"})
		}
	})
	cases.Add("an_offset_out_of_range_is_reset", func(t *cases.T) {
		topic := create(t, 1, nil)
		t.Check(produce(t, numbered(topic, 3)))
		partitions := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(50)}}
		reader := client(t, kgo.ConsumePartitions(partitions), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		t.Equal(values(poll(t, reader, 3)), []string{"0", "1", "2"})
	})
	cases.Add("topics_by_regular_expression", func(t *cases.T) {
		prefix := cases.Unique("regex")
		for i := range 2 {
			topic := fmt.Sprintf("%s-%d", prefix, i)
			_, err := admin(t).CreateTopic(background, 1, 1, nil, topic)
			t.Check(err)
			t.Check(produce(t, numbered(topic, 2)))
		}
		t.Equal(len(read(t, "^"+prefix+"-[01]$", 4, kgo.ConsumeRegex())), 4)
	})
	cases.Add("many_partitions_and_producers_at_once", func(t *cases.T) {
		topic := create(t, 20, nil)
		producer := client(t, kgo.RecordPartitioner(kgo.RoundRobinPartitioner()))
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() { producer.ProduceSync(background, numbered(topic, 1000)...) })
		}
		workers.Wait()
		t.Equal(len(read(t, topic, 4000)), 4000)
	})
	cases.Add("auto_created_topics", func(t *cases.T) {
		topic := cases.Unique("auto")
		t.Check(produce(t, numbered(topic, 1), kgo.AllowAutoTopicCreation()))
		t.Equal(len(read(t, topic, 1)), 1)
	})
	cases.Add("an_unknown_topic_is_refused", func(t *cases.T) {
		topic := cases.Unique("unknown")
		err := produce(t, numbered(topic, 1), kgo.UnknownTopicRetries(1))
		t.True(errors.Is(err, kerr.UnknownTopicOrPartition), "producing: %v", err)
		listed := cases.Must(admin(t).ListTopics(background, topic))(t)
		t.True(errors.Is(listed[topic].Err, kerr.UnknownTopicOrPartition), "listing: %v", listed[topic].Err)
		_, err = admin(t).DeleteTopic(background, topic)
		t.True(errors.Is(err, kerr.UnknownTopicOrPartition), "deleting: %v", err)
		_, err = admin(t).CreateTopic(background, 1, 1, nil, "not/a/name")
		t.True(errors.Is(err, kerr.InvalidTopicException), "creating: %v", err)
	})
}
