"""confluent-kafka (librdkafka): the cases every client has to pass."""

import time

from confluent_kafka import (
    OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec,
)

from cases import case, main, unique, until


def admin(bootstrap):
    return AdminClient({"bootstrap.servers": bootstrap})


def create(bootstrap, partitions=1, **config):
    topic = unique("confluent")
    config = {key.replace("_", "."): value for key, value in config.items()}
    client = admin(bootstrap)
    client.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(30)
    return topic


def produce(bootstrap, topic, records, **config):
    """records: (key, value) or a dict of produce arguments; returns the delivered messages in order."""
    delivered, errors = [], []

    def on_delivery(error, message):
        (errors if error else delivered).append(error or message)

    producer = Producer({"bootstrap.servers": bootstrap, **config})
    for record in records:
        arguments = record if isinstance(record, dict) else {"key": record[0], "value": record[1]}
        producer.produce(topic, on_delivery=on_delivery, **arguments)
        producer.poll(0)
    assert producer.flush(30) == 0
    assert not errors, errors
    return delivered


def consumer(bootstrap, group=None, **config):
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": group or unique("group"),
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 500,
        **config,
    }
    return Consumer(settings)


def read(reader, count, seconds=30):
    messages = []

    def enough():
        for message in reader.consume(num_messages=500, timeout=0.2):
            assert message.error() is None, message.error()
            messages.append(message)
        return len(messages) >= count

    until(f"reading {count} records", enough, seconds)
    return messages


def read_assigned(bootstrap, topic, count, partitions=1):
    reader = consumer(bootstrap)
    reader.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in range(partitions)])
    try:
        return read(reader, count)
    finally:
        reader.close()


def round_trip(bootstrap, codec):
    topic = create(bootstrap)
    sent = [(f"k{i}", f"value {i} " * 20) for i in range(500)]
    produce(bootstrap, topic, sent, **{"compression.type": codec, "linger.ms": 20})
    got = [(m.key().decode(), m.value().decode()) for m in read_assigned(bootstrap, topic, 500)]
    assert got == sent


for _codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    def _round_trip(bootstrap, codec=_codec):
        round_trip(bootstrap, codec)

    _round_trip.__name__ = f"codec_{_codec}"
    case(_round_trip)


@case
def idempotent_producer_keeps_order(bootstrap):
    topic = create(bootstrap)
    sent = [(None, str(i)) for i in range(5000)]
    settings = {"enable.idempotence": True, "linger.ms": 0, "batch.num.messages": 50}
    delivered = produce(bootstrap, topic, sent, **settings)
    assert [m.offset() for m in delivered] == list(range(5000))
    assert [m.value().decode() for m in read_assigned(bootstrap, topic, 5000)] == [v for _, v in sent]


@case
def headers_keep_order_and_duplicates(bootstrap):
    topic = create(bootstrap)
    headers = [("a", b"1"), ("b", None), ("a", b"2"), ("c", b"")]
    produce(bootstrap, topic, [{"value": "v", "headers": headers}])
    assert read_assigned(bootstrap, topic, 1)[0].headers() == headers


@case
def nulls_and_empties_differ(bootstrap):
    topic = create(bootstrap)
    produce(bootstrap, topic, [(None, None), ("", ""), ("k", None), (None, "v")])
    got = [(m.key(), m.value()) for m in read_assigned(bootstrap, topic, 4)]
    assert got == [(None, None), (b"", b""), (b"k", None), (None, b"v")], got


@case
def a_megabyte_fits_and_more_is_refused(bootstrap):
    topic = create(bootstrap)
    value = b"x" * 1_000_000
    produce(bootstrap, topic, [(None, value)], **{"message.max.bytes": 3_000_000})
    assert read_assigned(bootstrap, topic, 1)[0].value() == value
    try:
        settings = {"message.max.bytes": 3_000_000}
        produce(bootstrap, topic, [(None, b"x" * 2_000_000)], **settings)
    except AssertionError as refused:
        assert "MSG_SIZE_TOO_LARGE" in str(refused), refused
    else:
        raise AssertionError("two megabytes were taken")


@case
def a_group_shares_and_each_group_sees_everything(bootstrap):
    topic = create(bootstrap, 4)
    produce(bootstrap, topic, [(str(i), str(i)) for i in range(400)])
    for group in [unique("one"), unique("two")]:
        members = [consumer(bootstrap, group), consumer(bootstrap, group)]
        for member in members:
            member.subscribe([topic])
        seen = []

        def shared():
            for member in members:
                seen.extend(m.value() for m in member.consume(200, 0.1) if not m.error())
            return len(set(seen)) == 400 and all(len(m.assignment()) == 2 for m in members)

        until("both members having two partitions and all records", shared)
        for member in members:
            member.close()


@case
def a_member_that_leaves_or_dies_is_replaced(bootstrap):
    topic = create(bootstrap, 2)
    group = unique("group")
    first, second = consumer(bootstrap, group), consumer(bootstrap, group)
    first.subscribe([topic])
    until("the first having both", lambda: first.poll(0.1) or len(first.assignment()) == 2)
    second.subscribe([topic])

    def each_one():
        first.poll(0.05), second.poll(0.05)
        return len(first.assignment()) == 1 and len(second.assignment()) == 1

    until("one each", each_one)
    second.close()
    until("the first having both again", lambda: first.poll(0.1) or len(first.assignment()) == 2)
    first.close()


def new_member(bootstrap, group, **config):
    """A member of the consumer protocol (KIP-848): sessions and heartbeats are the broker's business."""
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "group.protocol": "consumer",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        **config,
    }
    return Consumer(settings)


@case
def members_of_the_consumer_protocol_share_leave_and_resume(bootstrap):
    topic = create(bootstrap, 4)
    group = unique("group")
    produce(bootstrap, topic, [(str(i), str(i)) for i in range(400)])
    first = new_member(bootstrap, group)
    first.subscribe([topic])
    assert len({m.value() for m in read(first, 400)}) == 400
    first.commit(asynchronous=False)
    second = new_member(bootstrap, group)
    second.subscribe([topic])
    until(
        "two partitions each",
        lambda: (first.poll(0.05), second.poll(0.05)) and len(first.assignment()) == len(second.assignment()) == 2,
        60,
    )
    second.close()
    until("the first having all again", lambda: first.poll(0.1) or len(first.assignment()) == 4, 60)
    first.close()
    produce(bootstrap, topic, [(str(i), "later") for i in range(20)])
    again = new_member(bootstrap, group)
    again.subscribe([topic])
    assert [m.value() for m in read(again, 20)] == [b"later"] * 20
    again.close()


@case
def a_pattern_of_the_consumer_protocol_is_the_brokers(bootstrap):
    prefix = unique("pattern")
    admin_client = admin(bootstrap)
    for name, partitions in [("-a", 1), ("-b", 2)]:
        for future in admin_client.create_topics([NewTopic(prefix + name, partitions, 1)]).values():
            future.result(30)
    member = new_member(bootstrap, unique("group"))
    member.subscribe([f"^{prefix}-.*"])
    until("all three partitions", lambda: member.poll(0.1) or len(member.assignment()) == 3, 60)
    member.close()


@case
def a_group_resumes_from_its_commit(bootstrap):
    topic = create(bootstrap)
    group = unique("group")
    produce(bootstrap, topic, [(None, str(i)) for i in range(10)])
    first = consumer(bootstrap, group)
    first.subscribe([topic])
    read(first, 10)
    first.commit(offsets=[TopicPartition(topic, 0, 4, metadata="note")], asynchronous=False)
    committed = first.committed([TopicPartition(topic, 0)])[0]
    assert (committed.offset, committed.metadata) == (4, "note"), committed
    first.close()
    second = consumer(bootstrap, group)
    second.subscribe([topic])
    assert read(second, 6)[0].value() == b"4"
    second.close()


@case
def seek_by_time_and_watermarks(bootstrap):
    topic = create(bootstrap)
    now = int(time.time() * 1000)
    produce(bootstrap, topic, [{"value": str(i), "timestamp": now - 10_000 + i * 1000} for i in range(10)])
    reader = consumer(bootstrap)
    assert reader.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (0, 10)
    found = reader.offsets_for_times([TopicPartition(topic, 0, now - 5_500)], timeout=10)[0]
    assert found.offset == 5, found
    beyond = reader.offsets_for_times([TopicPartition(topic, 0, now + 60_000)], timeout=10)[0]
    assert beyond.offset in (-1, 10), beyond
    reader.assign([TopicPartition(topic, 0, 5)])
    assert read(reader, 5)[0].value() == b"5"
    reader.close()


@case
def admin_topics_configs_partitions(bootstrap):
    client = admin(bootstrap)
    topic = create(bootstrap, 2, retention_ms="5000")
    try:
        client.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
        raise AssertionError("the same topic was made twice")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS
    resource = ConfigResource("topic", topic)
    assert client.describe_configs([resource])[resource].result(30)["retention.ms"].value == "5000"
    entry = ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.APPEND)
    change = ConfigResource("topic", topic)
    change.add_incremental_config(entry)
    client.incremental_alter_configs([change])[change].result(30)
    assert client.describe_configs([resource])[resource].result(30)["cleanup.policy"].value == "delete,compact"
    client.create_partitions([NewPartitions(topic, 5)])[topic].result(30)
    until("five partitions", lambda: len(client.list_topics(topic, 10).topics[topic].partitions) == 5)
    client.delete_topics([topic])[topic].result(30)
    until("the topic being gone", lambda: topic not in client.list_topics(timeout=10).topics)


@case
def admin_groups_and_offsets(bootstrap):
    client = admin(bootstrap)
    topic = create(bootstrap)
    group = unique("group")
    produce(bootstrap, topic, [(None, "v")] * 3)
    reader = consumer(bootstrap, group)
    reader.subscribe([topic])
    read(reader, 3)
    reader.commit(asynchronous=False)
    described = client.describe_consumer_groups([group])[group].result(30)
    assert len(described.members) == 1 and described.state.name == "STABLE", described.state
    assert group in [g.group_id for g in client.list_consumer_groups().result(30).valid]
    reader.close()
    asked = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0)])
    listed = client.list_consumer_group_offsets([asked])[group].result(30)
    assert listed.topic_partitions[0].offset == 3
    moved = ConsumerGroupTopicPartitions(group, [TopicPartition(topic, 0, 1)])
    client.alter_consumer_group_offsets([moved])[group].result(30)
    listed = client.list_consumer_group_offsets([asked])[group].result(30)
    assert listed.topic_partitions[0].offset == 1
    client.delete_consumer_groups([group])[group].result(30)
    latest = client.list_offsets({TopicPartition(topic, 0): OffsetSpec.latest()})
    assert [f.result(30).offset for f in latest.values()] == [3]


@case
def delete_records_moves_the_start(bootstrap):
    topic = create(bootstrap)
    produce(bootstrap, topic, [(None, str(i)) for i in range(10)])
    client = admin(bootstrap)
    for future in client.delete_records([TopicPartition(topic, 0, 4)]).values():
        assert future.result(30).low_watermark == 4
    assert read_assigned(bootstrap, topic, 6)[0].offset() == 4


@case
def auto_create_on_produce(bootstrap):
    topic = unique("auto")
    produce(bootstrap, topic, [(None, "v")])
    assert read_assigned(bootstrap, topic, 1)[0].value() == b"v"


def stable_values(bootstrap, topic, count):
    reader = consumer(bootstrap, **{"isolation.level": "read_committed"})
    reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    values = [message.value() for message in read(reader, count)]
    reader.close()
    return values


def in_transaction(producer, commit, send):
    """librdkafka speaks transaction version 1: it adds partitions itself and keeps its epoch."""
    producer.begin_transaction()
    send()
    producer.flush(30)
    if commit:
        producer.commit_transaction(30)
    else:
        producer.abort_transaction(30)


@case
def transactions_are_read_when_they_commit(bootstrap):
    topic = create(bootstrap)
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": unique("tx")})
    producer.init_transactions(30)
    for round in range(20):
        in_transaction(producer, round % 4 != 1, lambda: [producer.produce(topic, f"{round}.{n}") for n in range(3)])
    expected = [f"{round}.{n}".encode() for round in range(20) if round % 4 != 1 for n in range(3)]
    assert stable_values(bootstrap, topic, len(expected)) == expected


@case
def a_transaction_carries_offsets(bootstrap):
    source = create(bootstrap)
    produce(bootstrap, source, [(None, f"{n}") for n in range(5)])
    reader = consumer(bootstrap)
    reader.subscribe([source])
    read(reader, 5)
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": unique("tx")})
    producer.init_transactions(30)
    for offset, commit, expected in [(2, True, 2), (4, False, 2), (5, True, 5)]:
        at = [TopicPartition(source, 0, offset)]
        in_transaction(
            producer, commit, lambda: producer.send_offsets_to_transaction(at, reader.consumer_group_metadata(), 30)
        )
        assert reader.committed([TopicPartition(source, 0)], 30)[0].offset == expected
    reader.close()


@case
def a_producer_of_the_same_transactional_id_is_fenced(bootstrap):
    topic, name = create(bootstrap), unique("tx")
    first = Producer({"bootstrap.servers": bootstrap, "transactional.id": name})
    first.init_transactions(30)
    first.begin_transaction()
    first.produce(topic, "first")
    first.flush(30)
    second = Producer({"bootstrap.servers": bootstrap, "transactional.id": name})
    second.init_transactions(30)
    try:
        first.produce(topic, "too late")
        first.commit_transaction(30)
        raise AssertionError("the first producer goes on")
    except KafkaException as refused:
        assert refused.args[0].fatal(), refused
    in_transaction(second, True, lambda: second.produce(topic, "second"))
    assert stable_values(bootstrap, topic, 1) == [b"second"]


if __name__ == "__main__":
    main()
