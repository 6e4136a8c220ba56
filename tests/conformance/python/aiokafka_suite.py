"""aiokafka: the cases every client has to pass."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from cases import case, main, unique


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


async def create(bootstrap, partitions=1):
    topic = unique("aio")
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, partitions, 1)])
    await admin.close()
    return topic


async def produce(bootstrap, topic, records, **config):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, **config)
    await producer.start()
    try:
        pending = [await producer.send(topic, **record) for record in records]
        return [await future for future in pending]
    finally:
        await producer.stop()


def consumer(bootstrap, *topics, group=None):
    return AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest",
        enable_auto_commit=False, session_timeout_ms=6000, heartbeat_interval_ms=500,
    )


async def read(reader, count):
    records = []
    while len(records) < count:
        for batch in (await reader.getmany(timeout_ms=200)).values():
            records.extend(batch)
    return records


async def read_all(bootstrap, topic, count):
    reader = consumer(bootstrap, topic)
    await reader.start()
    try:
        return await read(reader, count)
    finally:
        await reader.stop()


for _codec in [None, "gzip", "snappy", "lz4", "zstd"]:
    def _round_trip(bootstrap, codec=_codec):
        async def go():
            topic = await create(bootstrap)
            sent = [(b"k%d" % i, b"value %d " % i * 20) for i in range(200)]
            records = [{"key": key, "value": value} for key, value in sent]
            await produce(bootstrap, topic, records, compression_type=codec, linger_ms=20)
            assert [(r.key, r.value) for r in await read_all(bootstrap, topic, 200)] == sent

        run(go())

    _round_trip.__name__ = f"codec_{_codec or 'none'}"
    case(_round_trip)


@case
def idempotent_producer(bootstrap):
    async def go():
        topic = await create(bootstrap)
        records = [{"value": b"%d" % i} for i in range(1000)]
        sent = await produce(bootstrap, topic, records, enable_idempotence=True)
        assert sorted(m.offset for m in sent) == list(range(1000))

    run(go())


@case
def groups_share_and_resume(bootstrap):
    async def go():
        topic = await create(bootstrap, 2)
        group = unique("group")
        await produce(bootstrap, topic, [{"value": b"%d" % i, "partition": i % 2} for i in range(20)])
        first = consumer(bootstrap, topic, group=group)
        await first.start()
        await read(first, 20)
        await first.commit({TopicPartition(topic, p): 4 for p in (0, 1)})
        second = consumer(bootstrap, topic, group=group)
        await second.start()
        while not (len(first.assignment()) == 1 and len(second.assignment()) == 1):
            await first.getmany(timeout_ms=100)
        await second.stop()
        while len(first.assignment()) != 2:
            await first.getmany(timeout_ms=100)
        await first.stop()
        third = consumer(bootstrap, topic, group=group)
        await third.start()
        assert len(await read(third, 12)) == 12
        await third.stop()

    run(go())


@case
def seek_by_time_and_headers(bootstrap):
    async def go():
        topic = await create(bootstrap)
        now = int(time.time() * 1000)
        headers = [("a", b"1"), ("a", b"2")]
        records = [
            {"value": b"v", "timestamp_ms": now - 10_000 + i * 1000, "headers": headers} for i in range(10)
        ]
        await produce(bootstrap, topic, records)
        reader = consumer(bootstrap, topic)
        await reader.start()
        at = TopicPartition(topic, 0)
        found = await reader.offsets_for_times({at: now - 5_500})
        assert found[at].offset == 5, found
        assert list((await read(reader, 10))[0].headers) == headers
        await reader.stop()

    run(go())


if __name__ == "__main__":
    main()
