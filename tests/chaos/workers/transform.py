"""librdkafka in transactions: feeds an input, transforms it into an output, and reads that output.

Arguments are key=value. Histories are those of tests/checker/src/transform.rs. `mode=`
  feed       sends 0, 1, 2, … to the input until a line comes on standard input
  transform  one instance of consume-transform-produce; after a line on standard input it ends once no input is left
  watch      reads committed output until a line comes on standard input
  final      reads all committed output from its start, once no transaction is open any more
Says `acked N` while it works, N being what it got done, and `done` at last.
"""

import os
import random
import sys
import threading
import time

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

LONG_MS = 600_000
FINAL_SECONDS = 120
# Of ten transactions one is aborted by its writer.
ABORTED_OF_TEN = 1


class Work:
    def __init__(self, options):
        self.options = options
        self.partitions = int(options["partitions"])
        self.input, self.output = options["input"], options.get("output", "")
        self.random = random.Random(options.get("seed", "") + options.get("id", ""))
        self.file = open(options["history"], "a")
        self.done = 0
        self.errors = {}
        self.ending = threading.Event()

    def config(self, **more):
        common = {
            "bootstrap.servers": self.options["bootstrap"],
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 200,
            "socket.timeout.ms": 7_000,
            "topic.metadata.refresh.interval.ms": 1000,
            # With one broker, every restart of it is a new bootstrap, in which librdkafka 2.16 loses its coordinator for
            # good: transactions hang, and a producer that is thrown away never ends.
            "metadata.recovery.strategy": "none",
            "log_level": 0,
        }
        return {**common, **{key.replace("_", "."): value for key, value in more.items()}}

    def all_of(self, topic):
        return [TopicPartition(topic, partition) for partition in range(self.partitions)]

    def line(self, text):
        self.file.write(text + "\n")

    def failed(self, error):
        self.errors[error.name()] = self.errors.get(error.name(), 0) + 1

    def tell(self):
        before = -1
        while True:
            if self.done != before:
                before = self.done
                print(f"acked {before}", flush=True)
            time.sleep(0.05)

    def listen(self):
        sys.stdin.readline()
        self.ending.set()


def feed(work):
    """Every input is a number of its own; one that may or may not have been written is written down as that."""
    producer = Producer(
        work.config(enable_idempotence=True, acks="all", message_timeout_ms=LONG_MS, linger_ms=2), logger=None
    )
    rate, began, sent = float(work.options["rate"]), time.monotonic(), 0

    def told(value):
        def tell(error, _):
            work.line(f'{{"e":"sent","v":{value},"acked":{"false" if error else "true"}}}')
            if error:
                work.failed(error)
            else:
                work.done += 1

        return tell

    while not work.ending.is_set():
        while sent < (time.monotonic() - began) * rate and len(producer) < 5000:
            partition = work.random.randrange(work.partitions)
            producer.produce(work.input, str(sent).encode(), partition=partition, on_delivery=told(sent))
            sent += 1
        producer.poll(0.01)
    if producer.flush(FINAL_SECONDS) > 0:
        print("stuck", flush=True)


class Transformer:
    """One instance. What goes wrong is answered as librdkafka wants it: abort and go back to what is committed, or
    begin again with new clients of the same transactional id."""

    def __init__(self, work):
        self.work = work
        self.name = f'{work.options["id"]}.{os.getpid()}'
        self.count = 0
        self.consumer = Consumer(
            work.config(
                group_id=work.options["group"],
                group_protocol=work.options["protocol"],
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                fetch_wait_max_ms=50,
                fetch_error_backoff_ms=50,
                **({"session_timeout_ms": 6000} if work.options["protocol"] == "classic" else {}),
            ),
            logger=None,
        )
        self.consumer.subscribe([work.input])
        self.producer = None

    def begin_again(self):
        """A producer of the same transactional id fences what the last one left behind."""
        while True:
            self.producer = Producer(
                self.work.config(
                    transactional_id=self.work.options["id"],
                    transaction_timeout_ms=8000,
                    linger_ms=2,
                ),
                logger=None,
            )
            try:
                self.insist(lambda: self.producer.init_transactions(10))
                return
            except KafkaException as error:
                self.work.failed(error.args[0])
                time.sleep(0.1)

    def insist(self, call):
        """Asks again as long as that is what the library wants."""
        while True:
            try:
                return call()
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise
                self.work.failed(error.args[0])

    def run(self):
        self.begin_again()
        until = None
        while until is None or time.monotonic() < until:
            if self.work.ending.is_set() and until is None:
                until = time.monotonic() + FINAL_SECONDS
            messages = self.consumer.consume(self.work.random.randint(1, 100), 0.2)
            for message in messages:
                if message.error():
                    self.work.failed(message.error())
            good = [message for message in messages if not message.error()]
            if good:
                self.transaction(good)
            elif self.work.ending.is_set() and self.is_through():
                self.consumer.close()
                return
        print("stuck", flush=True)

    def transaction(self, messages):
        try:
            self.write(messages)
        except KafkaException as error:
            self.work.failed(error.args[0])
            self.undo(error.args[0])

    def write(self, messages):
        """The records say which transaction they are in, and whether it is going to be aborted."""
        self.count += 1
        aborts = self.work.random.randrange(10) < ABORTED_OF_TEN
        self.producer.begin_transaction()
        for index, message in enumerate(messages):
            value = f"{message.value().decode()} {self.name}.{self.count} {index} {len(messages)} {int(aborts)}"
            partition = self.work.random.randrange(self.work.partitions)
            self.producer.produce(self.work.output, value.encode(), partition=partition)
        if aborts:
            # So that there is something to abort.
            self.producer.flush(5)
            self.insist(lambda: self.producer.abort_transaction(10))
            self.go_back()
            return
        ends = {}
        for message in messages:
            ends[message.partition()] = message.offset() + 1
        offsets = [TopicPartition(self.work.input, partition, end) for partition, end in ends.items()]
        group = self.consumer.consumer_group_metadata()
        self.insist(lambda: self.producer.send_offsets_to_transaction(offsets, group, 10))
        self.insist(lambda: self.producer.commit_transaction(10))
        self.work.done += len(messages)

    def undo(self, error):
        if error.txn_requires_abort():
            try:
                self.insist(lambda: self.producer.abort_transaction(10))
                self.go_back()
                return
            except KafkaException as error:
                self.work.failed(error.args[0])
        self.begin_again()
        self.go_back()

    def go_back(self):
        """To what the group has committed; what another member has got meanwhile is that member's."""
        while True:
            try:
                assigned = self.consumer.assignment()
                committed = self.consumer.committed(assigned, 10) if assigned else []
                break
            except KafkaException as error:
                self.work.failed(error.args[0])
                time.sleep(0.05)
        for at in committed:
            try:
                self.consumer.seek(TopicPartition(at.topic, at.partition, at.offset if at.offset >= 0 else 0))
            except KafkaException as error:
                self.work.failed(error.args[0])

    def is_through(self):
        """Whether everything that stands in the input is committed by the group."""
        try:
            for at in self.consumer.committed(self.work.all_of(self.work.input), 10):
                start, end = self.consumer.get_watermark_offsets(TopicPartition(at.topic, at.partition), timeout=10)
                if end > start and at.offset < end:
                    return False
            return True
        except KafkaException as error:
            self.work.failed(error.args[0])
            return False


def keep(work, by, message):
    value, transaction, index, size, aborts = message.value().decode().split(" ")
    work.line(
        f'{{"e":"read","by":"{by}","k":"{message.topic()}-{message.partition()}","o":{message.offset()},"v":{value},'
        f'"txn":"{transaction}","i":{index},"n":{size},"abort":{"true" if aborts == "1" else "false"}}}'
    )
    work.done += 1


def reader(work, **more):
    consumer = Consumer(
        work.config(
            group_id="readers",
            enable_auto_commit=False,
            isolation_level="read_committed",
            fetch_wait_max_ms=50,
            fetch_error_backoff_ms=50,
            auto_offset_reset="error",
            **more,
        ),
        logger=None,
    )
    consumer.assign([TopicPartition(at.topic, at.partition, 0) for at in work.all_of(work.output)])
    return consumer


def watch(work):
    consumer = reader(work)
    while not work.ending.is_set():
        for message in consumer.consume(1000, 0.1):
            if message.error():
                work.failed(message.error())
            else:
                keep(work, "watch", message)


def ends(admin, partitions, isolation):
    asked = admin.list_offsets(
        {at: OffsetSpec.latest() for at in partitions}, isolation_level=isolation, request_timeout=10
    )
    return {(at.topic, at.partition): answer.result(15).offset for at, answer in asked.items()}


def final(work):
    """The last stable offset reaches the end once what killed instances left open has timed out."""
    admin = AdminClient(work.config(), logger=None)
    until, stable, end = time.monotonic() + FINAL_SECONDS, {}, None
    while time.monotonic() < until and stable != end:
        try:
            end = ends(admin, work.all_of(work.output), IsolationLevel.READ_UNCOMMITTED)
            stable = ends(admin, work.all_of(work.output), IsolationLevel.READ_COMMITTED)
        except KafkaException as error:
            work.failed(error.args[0])
        time.sleep(0.1)
    if stable != end:
        print(f"short the last stable offsets {stable} do not reach the ends {end}", flush=True)
        return
    consumer = reader(work, enable_partition_eof=True)
    missing = {key for key, offset in end.items() if offset > 0}
    while missing and time.monotonic() < until:
        for message in consumer.consume(1000, 0.2):
            if not message.error():
                keep(work, "final", message)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                # The offset of the end is behind the last marker.
                if message.offset() >= end[message.topic(), message.partition()]:
                    missing.discard((message.topic(), message.partition()))
            else:
                work.failed(message.error())
    if missing:
        print(f"short {missing} were not read to their ends {end}", flush=True)


def main():
    work = Work(dict(argument.split("=", 1) for argument in sys.argv[1:]))
    for other in (work.tell, work.listen):
        threading.Thread(target=other, daemon=True).start()
    mode = work.options["mode"]
    if mode == "transform":
        Transformer(work).run()
    else:
        {"feed": feed, "watch": watch, "final": final}[mode](work)
    work.file.close()
    for name, count in sorted(work.errors.items()):
        print(f"error {name} {count}", flush=True)
    print(f"acked {work.done}", flush=True)
    print("done", flush=True)
    # A thread of the library that hangs must not keep the program.
    os._exit(0)


main()
