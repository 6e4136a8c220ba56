"""kcat (with Debian's librdkafka 2.0): what people type at a shell."""

import json
import subprocess
import tempfile
import time

from cases import case, main, unique, until


def kcat(bootstrap, *arguments, stdin=b"", seconds=60):
    """What kcat prints; it must succeed."""
    command = ["kcat", "-b", bootstrap, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=seconds)
    assert done.returncode == 0, (command, done.returncode, done.stderr)
    return done.stdout


def consume(bootstrap, topic, *arguments):
    return kcat(bootstrap, "-C", "-t", topic, "-e", "-q", *arguments)


def made(bootstrap, topic):
    """The topic, made by asking for it."""
    until("the topic being made", lambda: partitions(bootstrap, topic))
    return topic


def partitions(bootstrap, topic):
    listed = json.loads(kcat(bootstrap, "-L", "-J", "-t", topic))["topics"]
    return [one for one in listed[0]["partitions"] if "error" not in one]


for _codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    def _round_trip(bootstrap, codec=_codec):
        topic = made(bootstrap, unique("kcat"))
        lines = "".join(f"k{i}:value {i} {'x' * 100}\n" for i in range(2000)).encode()
        kcat(bootstrap, "-P", "-t", topic, "-K:", "-z", codec, stdin=lines)
        assert consume(bootstrap, topic, "-K:", "-o", "beginning") == lines

    _round_trip.__name__ = f"codec_{_codec}"
    case(_round_trip)


@case
def metadata_names_brokers_and_topics(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    listed = json.loads(kcat(bootstrap, "-L", "-J"))
    assert [f"{one['name']}" for one in listed["brokers"]] == [bootstrap], listed["brokers"]
    assert topic in [one["topic"] for one in listed["topics"]]
    assert partitions(bootstrap, topic)[0]["leader"] == 1


@case
def format_shows_every_part_of_a_record(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    before = int(time.time() * 1000)
    kcat(bootstrap, "-P", "-t", topic, "-k", "key", "-H", "a=1", "-H", "a=2", "-H", "b", stdin=b"value\n")
    got = consume(bootstrap, topic, "-f", "%t|%p|%o|%k|%s|%S|%h|%T\n").decode().strip().split("|")
    assert got[:7] == [topic, "0", "0", "key", "value", "5", "a=1,a=2,b=NULL"], got
    assert before - 1000 <= int(got[7]) <= int(time.time() * 1000) + 1000


@case
def empty_values_can_be_null(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    kcat(bootstrap, "-P", "-t", topic, "-K:", "-Z", stdin=b"k:\n:v\n")
    assert consume(bootstrap, topic, "-f", "%K %S\n") == b"1 -1\n-1 1\n"


@case
def offsets_from_the_end_by_number_and_by_time(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    kcat(bootstrap, "-P", "-t", topic, stdin=b"".join(b"%d\n" % i for i in range(10)))
    time_after = int(time.time() * 1000) + 1000
    assert consume(bootstrap, topic, "-o", "-3") == b"7\n8\n9\n"
    assert consume(bootstrap, topic, "-o", "8") == b"8\n9\n"
    assert consume(bootstrap, topic, "-o", "5", "-c", "2") == b"5\n6\n"
    assert kcat(bootstrap, "-Q", "-t", f"{topic}:0:1") == f"{topic} [0] offset 0\n".encode()
    assert kcat(bootstrap, "-Q", "-t", f"{topic}:0:{time_after}") == f"{topic} [0] offset -1\n".encode()
    assert kcat(bootstrap, "-Q", "-t", f"{topic}:0:-1") == f"{topic} [0] offset 10\n".encode()
    assert kcat(bootstrap, "-Q", "-t", f"{topic}:0:-2") == f"{topic} [0] offset 0\n".encode()


@case
def a_megabyte_file(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * 1_000_000)
        file.flush()
        kcat(bootstrap, "-P", "-t", topic, "-X", "message.max.bytes=1040000", file.name)
    assert consume(bootstrap, topic, "-f", "%s") == b"x" * 1_000_000


@case
def acks_of_every_kind(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    for acks in ["0", "1", "all"]:
        kcat(bootstrap, "-P", "-t", topic, "-X", f"acks={acks}", stdin=b"v\n")
    # A record nobody acknowledges may come later.
    until("three records", lambda: consume(bootstrap, topic, "-o", "beginning").count(b"v") == 3)


@case
def a_group_resumes_from_its_commit(bootstrap):
    topic, group = made(bootstrap, unique("kcat")), unique("group")
    kcat(bootstrap, "-P", "-t", topic, stdin=b"1\n2\n3\n")
    arguments = ["-q", "-X", "auto.offset.reset=earliest", "-e"]
    assert kcat(bootstrap, "-G", group, topic, *arguments) == b"1\n2\n3\n"
    kcat(bootstrap, "-P", "-t", topic, stdin=b"4\n")
    assert kcat(bootstrap, "-G", group, topic, *arguments) == b"4\n"
    assert kcat(bootstrap, "-G", unique("group"), topic, *arguments) == b"1\n2\n3\n4\n"


@case
def an_idempotent_producer_keeps_order(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    lines = b"".join(b"%d\n" % i for i in range(5000))
    settings = ["-X", "enable.idempotence=true", "-X", "batch.num.messages=100"]
    kcat(bootstrap, "-P", "-t", topic, *settings, stdin=lines)
    assert consume(bootstrap, topic, "-o", "beginning") == lines


@case
def an_unknown_partition_is_refused(bootstrap):
    topic = made(bootstrap, unique("kcat"))
    command = ["kcat", "-b", bootstrap, "-P", "-t", topic, "-p", "7"]
    done = subprocess.run(command, input=b"v\n", capture_output=True, timeout=60)
    assert b"Unknown partition" in done.stderr, done.stderr


if __name__ == "__main__":
    main()
