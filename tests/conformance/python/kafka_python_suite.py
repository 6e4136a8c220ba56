"""kafka-python, today's and 2.0.2: the cases every client has to pass."""

import threading
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.errors import TopicAlreadyExistsError
from kafka.structs import OffsetAndMetadata

from cases import case, main, unique, until

OLD = kafka.__version__.startswith("2.0")


def create(bootstrap, partitions=1, **config):
    topic = unique("kp")
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    config = {key.replace("_", "."): value for key, value in config.items()}
    admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=config)])
    admin.close()
    return topic


def produce(bootstrap, topic, records, **config):
    producer = KafkaProducer(bootstrap_servers=bootstrap, **config)
    futures = [producer.send(topic, **record) for record in records]
    producer.flush(30)
    metadata = [future.get(30) for future in futures]
    producer.close()
    return metadata


def consumer(bootstrap, *topics, group=None, **config):
    settings = {
        "bootstrap_servers": bootstrap,
        "group_id": group,
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "session_timeout_ms": 6000,
        "heartbeat_interval_ms": 500,
        **config,
    }
    return KafkaConsumer(*topics, **settings)


def read(reader, count, seconds=30):
    records = []

    def enough():
        for batch in reader.poll(timeout_ms=200).values():
            records.extend(batch)
        return len(records) >= count

    until(f"reading {count} records", enough, seconds)
    return records


def read_assigned(bootstrap, topic, count):
    reader = consumer(bootstrap)
    reader.assign([TopicPartition(topic, 0)])
    reader.seek_to_beginning()
    try:
        return read(reader, count)
    finally:
        reader.close()


for _codec in [None, "gzip", "snappy", "lz4", "zstd"]:
    def _round_trip(bootstrap, codec=_codec):
        topic = create(bootstrap)
        sent = [(b"k%d" % i, b"value %d " % i * 20) for i in range(200)]
        records = [{"key": key, "value": value} for key, value in sent]
        produce(bootstrap, topic, records, compression_type=codec, linger_ms=20)
        assert [(r.key, r.value) for r in read_assigned(bootstrap, topic, 200)] == sent

    _round_trip.__name__ = f"codec_{_codec or 'none'}"
    case(_round_trip)


@case
def headers_and_nulls(bootstrap):
    topic = create(bootstrap)
    headers = [("a", b"1"), ("b", b""), ("a", b"2")]
    produce(bootstrap, topic, [{"value": b"v", "headers": headers}, {"key": b"k", "value": None}])
    first, second = read_assigned(bootstrap, topic, 2)
    assert list(first.headers) == headers, first.headers
    assert (second.key, second.value) == (b"k", None)


@case
def a_megabyte_fits(bootstrap):
    topic = create(bootstrap)
    value = b"x" * 1_000_000
    produce(bootstrap, topic, [{"value": value}], max_request_size=2_000_000)
    assert read_assigned(bootstrap, topic, 1)[0].value == value


@case
def acks_of_every_kind(bootstrap):
    topic = create(bootstrap)
    for acks in (0, 1, "all"):
        produce(bootstrap, topic, [{"value": b"v"}], acks=acks)
    assert len(read_assigned(bootstrap, topic, 3)) == 3


class Member:
    """A consumer that polls on a thread of its own: a poll of 2.0.2 returns only when the rebalance is over."""

    def __init__(self, bootstrap, topic, group):
        self.owned, self.leaving = 0, threading.Event()
        self.thread = threading.Thread(target=self.poll, args=(bootstrap, topic, group))

    def poll(self, bootstrap, topic, group):
        reader = consumer(bootstrap, topic, group=group)
        while not self.leaving.is_set():
            reader.poll(100)
            self.owned = len(reader.assignment())
        reader.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.leaving.set()
        self.thread.join()


@case
def groups_rebalance_and_resume(bootstrap):
    topic = create(bootstrap, 2)
    group = unique("group")
    produce(bootstrap, topic, [{"value": b"%d" % i, "partition": i % 2} for i in range(20)])
    first = consumer(bootstrap, topic, group=group)
    read(first, 20)
    offsets = {TopicPartition(topic, p): offset(3) for p in (0, 1)}
    first.commit(offsets)
    with Member(bootstrap, topic, group) as second:
        until("one partition each", lambda: (first.poll(100), [len(first.assignment()), second.owned])[1] == [1, 1])
    until("both again", lambda: (first.poll(100), len(first.assignment()) == 2)[1])
    first.close()
    third = consumer(bootstrap, topic, group=group)
    assert len(read(third, 14)) == 14
    third.close()


def offset(value):
    return OffsetAndMetadata(value, "note") if OLD else OffsetAndMetadata(value, "note", -1)


@case
def seek_by_time(bootstrap):
    topic = create(bootstrap)
    now = int(time.time() * 1000)
    produce(bootstrap, topic, [{"value": b"v", "timestamp_ms": now - 10_000 + i * 1000} for i in range(10)])
    reader = consumer(bootstrap)
    at = TopicPartition(topic, 0)
    assert reader.offsets_for_times({at: now - 5_500})[at].offset == 5
    assert reader.beginning_offsets([at]) == {at: 0}
    assert reader.end_offsets([at]) == {at: 10}
    reader.close()


@case
def admin_topics(bootstrap):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    topic = create(bootstrap, 2)
    try:
        admin.create_topics([NewTopic(topic, 1, 1)])
        raise AssertionError("the same topic was made twice")
    except TopicAlreadyExistsError:
        pass
    admin.create_partitions({topic: NewPartitions(4)})
    until("four partitions", lambda: len(admin.describe_topics([topic])[0]["partitions"]) == 4)
    if OLD:
        answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
        assert len(answer[0].resources[0][4]) > 20
    admin.delete_topics([topic])
    until("the topic being gone", lambda: topic not in admin.list_topics())
    admin.close()


if __name__ == "__main__":
    main()
