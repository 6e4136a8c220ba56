"""Messages through kio, line by line.

Reads `decode API VERSION KIND HEX` and answers `ok HEX`: the same message, decoded and encoded again.
Reads `make API VERSION KIND SEED` and answers `ok HEX`: a message of kio's own.
Reads `list` and answers `ok API:VERSION:KIND …`: all that kio knows.
What goes wrong is answered with `error WHY`.
"""

import datetime
import random
import sys
import typing
import uuid
from dataclasses import MISSING, fields
from pkgutil import resolve_name

from kio.schema.errors import ErrorCode
from kio.schema.index import schema_name_map
from kio.serial import entity_reader, entity_writer
from kio.serial._introspect import (
    EntityField,
    EntityTupleField,
    PrimitiveField,
    PrimitiveTupleField,
    classify_field,
    get_schema_field_type,
)

INTS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64, "uint16": 16, "uint32": 32, "uint8": 8, "uint64": 64}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def entity(api, version, kind):
    versions = schema_name_map[api][int(version)]
    return resolve_name(next(path for key, path in versions.items() if key.name == kind))


def decode(api, version, kind, frame):
    of = entity(api, version, kind)
    data = bytes.fromhex(frame) if frame else b""
    message, size = entity_reader(of)(data, 0)
    if size != len(data):
        raise ValueError(f"{len(data) - size} bytes are left")
    return written(of, message)


def written(of, message):
    class Buffer(bytearray):
        def write(self, data):
            self.extend(data)

    out = Buffer()
    entity_writer(of)(out, message)
    return out.hex()


def primitive(kafka_type, rng):
    if kafka_type in INTS:
        bits = INTS[kafka_type]
        low, high = (0, 2**bits - 1) if kafka_type.startswith("u") and kafka_type != "uuid" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        return rng.choice([low, high, 0, rng.randint(low, high), max(low, -1)])
    match kafka_type:
        case "bool":
            return rng.random() < 0.5
        case "float64":
            return rng.choice([0.0, -2.5, 1e100])
        case "string":
            return "".join(rng.choice("aZ0.ä€🦀 ") for _ in range(rng.choice([0, 1, 7, 130])))
        case "bytes" | "records":
            return rng.randbytes(rng.choice([0, 1, 9, 200]))
        case "uuid":
            return uuid.UUID(int=rng.getrandbits(128))
        case "error_code":
            return rng.choice(list(ErrorCode))
        case "timedelta_i32":
            return datetime.timedelta(milliseconds=rng.randint(-(2**31), 2**31 - 1))
        case "timedelta_i64":
            return datetime.timedelta(milliseconds=rng.randint(0, 2**40))
        case "datetime_i64":
            return EPOCH + datetime.timedelta(milliseconds=rng.randint(0, 2**41))
    raise NotImplementedError(kafka_type)


def may_be_null(field):
    # kio's own answer looks into tuples too.
    return type(None) in typing.get_args(field.type)


def value(field, of, rng):
    if "tag" in field.metadata and field.default is not MISSING and rng.random() < 0.3:
        return field.default
    if may_be_null(field) and rng.random() < 0.25:
        return None
    many = range(rng.randint(0, 3))
    match classify_field(field):
        case PrimitiveField():
            return primitive(get_schema_field_type(field), rng)
        case PrimitiveTupleField():
            return tuple(primitive(get_schema_field_type(field), rng) for _ in many)
        case EntityField(inner):
            return make(inner, rng)
        case EntityTupleField(inner):
            return tuple(make(inner, rng) for _ in many)
    raise NotImplementedError(field)


def make(of, rng):
    return of(**{field.name: value(field, of, rng) for field in fields(of)})


def answer(words):
    match words:
        case ["list"]:
            return " ".join(
                f"{api}:{version}:{key.name}"
                for api, versions in schema_name_map.items()
                for version, kinds in versions.items()
                for key in kinds
            )
        case ["decode", api, version, kind, *frame]:
            return decode(api, version, kind, "".join(frame))
        case ["make", api, version, kind, seed]:
            of = entity(api, version, kind)
            return written(of, make(of, random.Random(f"{api} {version} {kind} {seed}")))
    raise ValueError(words)


for line in sys.stdin:
    try:
        print("ok", answer(line.split()), flush=True)
    except Exception as error:  # noqa: BLE001: whatever it is, the other side shall know
        print("error", f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)
