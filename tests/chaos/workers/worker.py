"""librdkafka at work: writes down what it asks and what it is told, in the format of tests/checker.

Arguments are key=value. `mode=load`: producers, readers and members of a group until a line comes on standard input.
`mode=read`: reads every partition from its start to its end, then ends. Says `acked N` while it works, `done` at last.
"""

import os
import random
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

LONG_MS = 600_000
FINAL_SECONDS = 120


class History:
    """One file for all threads of this program."""

    def __init__(self, path, base):
        self.file = open(path, "w")
        self.lock = threading.Lock()
        self.next_process = base
        self.acked = 0
        self.resets = 0
        self.errors = {}

    def process(self, may_be_late=False):
        with self.lock:
            process, self.next_process = self.next_process, self.next_process + 1
        extra = ',"may_be_late":true' if may_be_late else ""
        self.line(f'{{"t":{now()},"p":{process},"e":"open"{extra}}}')
        return process

    def line(self, line):
        with self.lock:
            self.file.write(line + "\n")

    def one(self, process, start, micro, outcome="ok", extra=""):
        self.line(f'{{"s":{start},"t":{now()},"p":{process},"e":"{outcome}","do":[{",".join(micro)}]{extra}}}')

    def failed(self, error):
        """Counts what went wrong; the runner shows it."""
        name = error.name() if hasattr(error, "name") else type(error).__name__
        with self.lock:
            self.errors[name] = self.errors.get(name, 0) + 1


def now():
    return time.monotonic_ns()


def key_of(topic, partition):
    return f"{topic}-{partition}"


def place(key, offset):
    topic, partition = key.rsplit("-", 1)
    return TopicPartition(topic, int(partition), offset)


def poll_micro(reads, start=None):
    """Micro operations of what a poll returned: {key: [(offset, value)]}."""
    begin = "" if start is None else f'"from":{start},'
    for key, pairs in reads.items():
        text = ",".join(f"[{offset},{value}]" for offset, value in pairs)
        yield f'{{"f":"poll","k":"{key}",{begin}"reads":[{text}]}}'


def reads_of(messages):
    reads, error = {}, None
    for message in messages:
        if message.error():
            error = message.error()
            continue
        key = key_of(message.topic(), message.partition())
        value = int(message.value().split(b" ", 1)[0])
        reads.setdefault(key, []).append((message.offset(), value))
    return reads, error


class Work:
    def __init__(self, options):
        self.bootstrap = options["bootstrap"]
        self.rate = float(options.get("rate", 500))
        self.size = int(options.get("size", 1000))
        self.group = options.get("group", "")
        self.history = History(options["history"], int(options["base"]))
        topics, partitions = options["topics"].split(","), int(options["partitions"])
        self.topics = topics
        self.keys = [(topic, partition) for topic in topics for partition in range(partitions)]
        self.seed = int(options.get("seed", 1))
        self.stopped = threading.Event()

    def config(self, **more):
        common = {
            "bootstrap.servers": self.bootstrap,
            "reconnect.backoff.ms": 20,
            "reconnect.backoff.max.ms": 200,
            "socket.timeout.ms": 10_000,
            "topic.metadata.refresh.interval.ms": 1000,
            "log_level": 0,
        }
        return {**common, **{key.replace("_", "."): value for key, value in more.items()}}

    def consumer(self, **more):
        settings = dict(enable_auto_commit=False, fetch_wait_max_ms=50, fetch_error_backoff_ms=50, **more)
        return Consumer(self.config(**settings), logger=None)


class Sender:
    """One producer; its operations are asked in order, many are under way at a time."""

    def __init__(self, work, idempotent):
        self.work, self.history = work, work.history
        self.process = work.history.process(may_be_late=not idempotent)
        self.random = random.Random(work.seed * 1000 + self.process)
        self.idempotent = idempotent
        self.sent = 0
        self.open = 0
        self.producer = self.make()

    def make(self):
        settings = dict(linger_ms=1, queue_buffering_max_messages=5000)
        if self.idempotent:
            settings.update(enable_idempotence=True, acks="all", message_timeout_ms=LONG_MS)
        else:
            # Never sent again: what was not acknowledged is unknown, and nothing may stand twice.
            settings.update(acks=1, message_send_max_retries=0, message_timeout_ms=20_000)
        return Producer(self.work.config(**settings))

    def run(self):
        began = time.monotonic()
        while not self.work.stopped.is_set():
            due = int((time.monotonic() - began) * self.work.rate)
            while self.sent < due and self.open < 1000 and not self.work.stopped.is_set():
                self.send()
            if self.open >= 1000:
                # While the broker is away nothing piles up.
                began, self.sent = time.monotonic(), 0
            self.producer.poll(0.005)
        self.producer.flush(FINAL_SECONDS)

    next_id = 0

    def send(self):
        topic, partition = self.random.choice(self.work.keys)
        self.next_id += 1
        number, key, process = self.next_id, key_of(topic, partition), self.process
        value = process * 1_000_000_000 + number
        self.history.line(
            f'{{"t":{now()},"p":{process},"e":"invoke","id":{number},'
            f'"do":[{{"f":"send","k":"{key}","v":{value}}}]}}'
        )

        def on_delivery(error, message):
            self.open -= 1
            if error is None:
                self.history.line(
                    f'{{"t":{now()},"p":{process},"e":"ok","id":{number},'
                    f'"do":[{{"f":"send","k":"{key}","v":{value},"o":{message.offset()}}}]}}'
                )
                self.history.acked += 1
            else:
                self.history.failed(error)
                self.history.line(
                    f'{{"t":{now()},"p":{process},"e":"info","id":{number},"why":"{error.name()}"}}'
                )

        payload = b"%d " % value + b"x" * self.random.randrange(self.work.size)
        self.sent += 1
        self.open += 1
        while True:
            try:
                return self.producer.produce(topic, partition=partition, value=payload, on_delivery=on_delivery)
            except BufferError:
                self.producer.poll(0.01)
            except KafkaException as fatal:
                # The library gives this producer up: the next one is another process.
                self.history.failed(fatal.args[0])
                self.history.line(f'{{"t":{now()},"p":{process},"e":"fail","id":{number}}}')
                return self.replace()

    def replace(self):
        self.producer.flush(1)
        self.process = self.history.process(may_be_late=not self.idempotent)
        self.next_id, self.open = 0, 0
        self.producer = self.make()


def reader(work):
    """Reads all partitions by assignment; now and then it is replaced by one that begins elsewhere."""
    dice = random.Random(work.seed * 7919)
    last = {}
    while not work.stopped.is_set():
        process = work.history.process()
        consumer = work.consumer(group_id=f"reader-{process}", auto_offset_reset="error")
        places = [TopicPartition(t, p, dice.randint(0, last.get(key_of(t, p), 0))) for t, p in work.keys]
        consumer.assign(places)
        keys = ",".join(f'"{key_of(t, p)}"' for t, p in work.keys)
        work.history.one(process, now(), [f'{{"f":"assign","keys":[{keys}]}}'])
        until = time.monotonic() + dice.uniform(5, 15)
        while time.monotonic() < until and not work.stopped.is_set():
            start = now()
            reads, error = reads_of(consumer.consume(500, 0.1))
            for key, pairs in reads.items():
                last[key] = pairs[-1][0]
            if reads:
                work.history.one(process, start, poll_micro(reads))
            if error is not None and error.name() == "_AUTO_OFFSET_RESET":
                # The log no longer reaches to where this consumer has read.
                work.history.resets += 1
                last = {}
                break
        consumer.close()


def member(work, number):
    """A member of the group: polls, commits where it is, is replaced now and then."""
    dice = random.Random(work.seed * 104_729 + number)
    while not work.stopped.is_set():
        process = work.history.process()
        moved = []

        def on_change(_, partitions):
            keys = ",".join(f'"{key_of(p.topic, p.partition)}"' for p in partitions)
            moved.append(f'{{"f":"rebalance","keys":[{keys}]}}')

        consumer = work.consumer(
            group_id=work.group, auto_offset_reset="earliest", session_timeout_ms=6000, heartbeat_interval_ms=500,
            partition_assignment_strategy="range",
        )
        consumer.subscribe(work.topics, on_assign=on_change, on_revoke=on_change)
        until = time.monotonic() + dice.uniform(8, 20)
        while time.monotonic() < until and not work.stopped.is_set():
            start = now()
            moved.clear()
            reads, _ = reads_of(consumer.consume(200, 0.1))
            micro = moved[:] + list(poll_micro(reads))
            if micro:
                work.history.one(process, start, micro)
            if reads and dice.random() < 0.5:
                commit(work, process, consumer, {key: pairs[-1][0] + 1 for key, pairs in reads.items()})
        consumer.close()


def commit(work, process, consumer, offsets):
    places = [place(key, at) for key, at in offsets.items()]
    micro = [f'{{"f":"commit","g":"{work.group}","k":"{key}","o":{at}}}' for key, at in offsets.items()]
    start, number = now(), now()
    work.history.line(f'{{"t":{start},"p":{process},"e":"invoke","id":{number},"do":[{",".join(micro)}]}}')
    outcome = "ok"
    try:
        done = consumer.commit(offsets=places, asynchronous=False)
        if any(one.error for one in done):
            outcome = "info"
    except KafkaException as error:
        work.history.failed(error.args[0])
        outcome = "info"
    work.history.line(f'{{"t":{now()},"p":{process},"e":"{outcome}","id":{number}}}')


def look(work, consumer, process, seconds=5.0):
    """Asks what the group has committed."""
    start = now()
    try:
        places = consumer.committed([TopicPartition(t, p) for t, p in work.keys], timeout=seconds)
    except KafkaException as error:
        return work.history.failed(error.args[0])
    micro = []
    for one in places:
        if one.error is None:
            offset = f',"o":{one.offset}' if one.offset >= 0 else ""
            micro.append(f'{{"f":"committed","g":"{work.group}","k":"{key_of(one.topic, one.partition)}"{offset}}}')
    if micro:
        work.history.one(process, start, micro)


def looker(work):
    process = work.history.process()
    consumer = work.consumer(group_id=work.group)
    while not work.stopped.wait(0.3):
        look(work, consumer, process)
    consumer.close()


def load(work, options):
    threads = []
    for idempotent, name in [(True, "idempotent"), (False, "plain")]:
        for _ in range(int(options.get(name, 1))):
            threads.append(threading.Thread(target=Sender(work, idempotent).run))
    for _ in range(int(options.get("readers", 1))):
        threads.append(threading.Thread(target=reader, args=(work,)))
    members = int(options.get("members", 1)) if work.group else 0
    for number in range(members):
        threads.append(threading.Thread(target=member, args=(work, number)))
    if members:
        threads.append(threading.Thread(target=looker, args=(work,)))
    for thread in threads:
        thread.daemon = True
        thread.start()
    threading.Thread(target=tell, args=(work,), daemon=True).start()
    sys.stdin.readline()
    work.stopped.set()
    for thread in threads:
        thread.join(FINAL_SECONDS)
        if thread.is_alive():
            print("stuck", flush=True)


def tell(work):
    before = -1
    while True:
        if work.history.acked != before:
            before = work.history.acked
            print(f"acked {before}", flush=True)
        time.sleep(0.05)


def read(work, options):
    """The last reading. It waits for the end that others have seen, and says `short` where the log never reaches it."""
    upto = dict(part.rsplit(":", 1) for part in options.get("upto", "").split(",") if part)
    for topic, partition in work.keys:
        key, process = key_of(topic, partition), work.history.process()
        consumer = work.consumer(group_id=f"final-{process}", auto_offset_reset="error")
        start, end = bounds(consumer, TopicPartition(topic, partition), int(upto.get(key, -1)) + 1)
        consumer.assign([TopicPartition(topic, partition, start)])
        began, position, first = now(), start, start
        until = time.monotonic() + FINAL_SECONDS
        work.history.one(process, began, poll_micro({key: []}, start), extra=',"final":true')
        while position < end and time.monotonic() < until:
            begin = now()
            reads, error = reads_of(consumer.consume(1000, 0.2))
            if error is not None:
                work.history.failed(error)
            for pairs in reads.values():
                position = pairs[-1][0] + 1
                work.history.one(process, begin, poll_micro(reads, first), extra=',"final":true')
        if position < end:
            print(f"short {key}: read to {position} of {end}", flush=True)
        consumer.close()
    if work.group:
        consumer = work.consumer(group_id=work.group)
        look(work, consumer, work.history.process(), 60.0)
        consumer.close()


def delete(work):
    """Deletes all records there are, up to the end."""
    consumer = work.consumer(group_id="ends")
    ends = [TopicPartition(t, p, bounds(consumer, TopicPartition(t, p), 0)[1]) for t, p in work.keys]
    admin = AdminClient(work.config())
    for answer in admin.delete_records(ends, request_timeout=60).values():
        try:
            answer.result(60)
        except KafkaException as error:
            work.history.failed(error.args[0])


def bounds(consumer, partition, wanted):
    """Where the log begins and ends, once it reaches to `wanted`; or as it is, after a while."""
    until, start, end = time.monotonic() + FINAL_SECONDS, 0, wanted
    patience = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            start, end = consumer.get_watermark_offsets(partition, timeout=5.0)
        except KafkaException:
            continue
        if end >= wanted or time.monotonic() > patience:
            break
        time.sleep(0.1)
    if end < wanted:
        print(f"short {key_of(partition.topic, partition.partition)}: ends at {end}, others saw {wanted}", flush=True)
    return start, end


def main():
    options = dict(argument.split("=", 1) for argument in sys.argv[1:])
    work = Work(options)
    if options["mode"] == "delete":
        delete(work)
    else:
        (read if options["mode"] == "read" else load)(work, options)
    work.history.file.close()
    for name, count in sorted(work.history.errors.items()):
        print(f"error {name} {count}", flush=True)
    print(f"resets {work.history.resets}", flush=True)
    print(f"acked {work.history.acked}", flush=True)
    print("done", flush=True)
    # A thread of the library that hangs must not keep the program.
    os._exit(0)


main()
