"""Makes the golden files of this folder from the Python package: see README.md."""

import base64
import json
import random
import struct

import numcodecs
import numpy
from google.protobuf import descriptor_pb2, json_format
from google.protobuf.message import DecodeError
from histserv.protos import hist_pb2

SEED = 20261122


def write_json(name, value):
    with open(name, "w", encoding="utf-8") as file:
        json.dump(value, file, separators=(",", ":"), sort_keys=True)
        file.write("\n")


def b64(data):
    return base64.b64encode(bytes(data)).decode()


# --- descriptor


def make_descriptor():
    file = descriptor_pb2.FileDescriptorProto()
    hist_pb2.DESCRIPTOR.CopyToProto(file)
    write_json("histserv-0.2.1.descriptor.json", json_format.MessageToDict(file))


# --- messages: intact, odd but valid, and damaged, with what protobuf's own parser (upb) makes of them


def key_bytes(scalars):
    out = b""
    for scalar in scalars:
        kind = scalar.WhichOneof("value")
        if kind == "string_value":
            text = scalar.string_value.encode()
            out += b"\1" + struct.pack("<I", len(text)) + text
        elif kind == "int_value":
            out += b"\2" + struct.pack("<q", scalar.int_value)
        else:
            out += b"\0"
    return b64(out)


def optional(message, name):
    return getattr(message, name) if message.HasField(name) else None


def chunk_view(chunk):
    return [key_bytes(chunk.chunk_key), len(chunk.chunk_key), b64(chunk.dense_view)]


def fill_view(m):
    unique_id = optional(m, "unique_id")
    return {
        "histId": m.hist_id,
        "uniqueId": None if unique_id is None else b64(unique_id),
        "chunk": chunk_view(m),
        "codec": optional(m, "dense_view_codec"),
    }


def fill_many_view(m):
    unique_id = optional(m, "unique_id")
    return {
        "histId": m.hist_id,
        "uniqueId": None if unique_id is None else b64(unique_id),
        "chunks": [chunk_view(c) for c in m.chunks],
        "codec": optional(m, "dense_view_codec"),
    }


def init_view(m):
    return {
        "histJson": m.payload.hist_json,
        "chunks": [chunk_view(c) for c in m.payload.chunks],
        "codec": optional(m.payload, "dense_view_codec"),
    }


def snapshot_view(m):
    return {
        "histId": m.hist_id,
        "deleteFromServer": m.delete_from_server,
        "selectors": [[s.axis, key_bytes(s.values), len(s.values)] for s in m.chunk_selectors],
        "codec": optional(m, "dense_view_codec"),
    }


TEXTS = ["", "a", "zstd", "lz4", "0123456789abcdef0123456789abcdef", "tt\u0304", "é€😀", "\ufeffx", "x" * 200, "\0"]
INTS = [0, 1, -1, 127, 128, 2**31, -(2**31), 2**63 - 1, -(2**63), 2**28, 2**35 + 5, -300]


def random_scalar(rng):
    scalar = hist_pb2.ChunkScalar()
    kind = rng.randrange(5)
    if kind < 2:
        scalar.string_value = rng.choice(TEXTS)
    elif kind < 4:
        scalar.int_value = rng.choice(INTS)
    return scalar


def random_bytes(rng, count_max):
    return rng.randbytes(rng.randrange(count_max + 1))


def random_chunk(rng):
    return hist_pb2.ChunkPayload(
        chunk_key=[random_scalar(rng) for _ in range(rng.randrange(3))], dense_view=random_bytes(rng, 12)
    )


def random_payload(rng):
    payload = hist_pb2.ChunkedHistPayload(
        hist_json=rng.choice(TEXTS), chunks=[random_chunk(rng) for _ in range(rng.randrange(3))]
    )
    if rng.random() < 0.5:
        payload.dense_view_codec = rng.choice(TEXTS)
    return payload


def random_message(rng, kind):
    if kind == "Init":
        parts = [hist_pb2.InitRequest(payload=random_payload(rng)) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
    elif kind == "Fill":
        parts = [
            hist_pb2.FillRequest(
                hist_id=rng.choice(TEXTS),
                chunk_key=[random_scalar(rng) for _ in range(rng.randrange(4))],
                dense_view=random_bytes(rng, 16),
            )
            for _ in range(rng.choice([1, 1, 1, 2]))
        ]
    elif kind == "FillMany":
        parts = [
            hist_pb2.FillManyRequest(
                hist_id=rng.choice(TEXTS), chunks=[random_chunk(rng) for _ in range(rng.randrange(4))]
            )
            for _ in range(rng.choice([1, 1, 1, 2]))
        ]
    else:
        parts = [
            hist_pb2.SnapshotRequest(
                hist_id=rng.choice(TEXTS),
                delete_from_server=rng.random() < 0.5,
                chunk_selectors=[
                    hist_pb2.ChunkSelector(
                        axis=rng.choice(TEXTS), values=[random_scalar(rng) for _ in range(rng.randrange(3))]
                    )
                    for _ in range(rng.randrange(3))
                ],
            )
            for _ in range(rng.choice([1, 1, 2]))
        ]
    for part in parts:
        if kind in ("Fill", "FillMany") and rng.random() < 0.5:
            part.unique_id = random_bytes(rng, 8)
        if kind != "Init" and rng.random() < 0.4:
            part.dense_view_codec = rng.choice(TEXTS)
    # Concatenated messages are one message: singular fields twice, embedded ones merged.
    return b"".join(part.SerializeToString() for part in parts)


def varint(value, pad=0):
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        if value or pad:
            out.append(byte | 0x80)
            if not value:
                out += b"\x80" * (pad - 1) + b"\0"
                return bytes(out)
        else:
            out.append(byte)
            return bytes(out)


def odd_field(rng):
    """A field that no client sends: unknown numbers, other wire types, long varints, groups."""
    number = rng.choice([0, 1, 2, 3, 4, 5, 6, 15, 16, 2047, 2**29 - 1, 2**29])
    wire_type = rng.choice([0, 0, 1, 2, 2, 3, 3, 4, 5, 6, 7])
    tag = varint(number << 3 | wire_type, pad=rng.choice([0, 0, 0, 1, 2, 5]))
    if wire_type == 0:
        return tag + rng.choice(
            [varint(5), varint(2**64 - 1), varint(1, pad=9), varint(1, pad=10), b"\xff" * 9 + b"\x01", b"\xff" * 9 + b"\x7f", b"\xff" * 10 + b"\x01"]
        )
    if wire_type == 1:
        return tag + rng.randbytes(rng.choice([8, 8, 7]))
    if wire_type == 5:
        return tag + rng.randbytes(rng.choice([4, 4, 3]))
    if wire_type == 2:
        data = rng.choice([b"", b"\x08\x01", "é".encode(), b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", rng.randbytes(4)])
        length = rng.choice([len(data)] * 6 + [len(data) + 1, 2**31 - 1, 2**31, 2**32 + len(data)])
        return tag + varint(length, pad=rng.choice([0, 0, 0, 1, 3, 6])) + data
    if wire_type == 3:
        depth = rng.choice([1, 1, 2, 5, 40, 99, 100, 101, 120])
        open_, close = varint(number << 3 | 3), varint(number << 3 | 4)
        inner = rng.choice([b"", varint(9 << 3) + b"\1"])
        return open_ * depth + inner + close * rng.choice([depth, depth, depth, depth - 1])
    return tag


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(5)
        if how == 0 and data:
            data[at % len(data)] = rng.randrange(256)
        elif how == 1 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif how == 2:
            del data[at:]
        elif how == 3:
            data[at:at] = rng.randbytes(rng.randrange(1, 4))
        elif data:
            del data[at % len(data)]
    return bytes(data)


def make_messages():
    rng = random.Random(SEED)
    kinds = {
        "Init": (hist_pb2.InitRequest, init_view),
        "Fill": (hist_pb2.FillRequest, fill_view),
        "FillMany": (hist_pb2.FillManyRequest, fill_many_view),
        "Snapshot": (hist_pb2.SnapshotRequest, snapshot_view),
    }
    rows = []
    for kind, (message_type, view) in kinds.items():
        for index in range(300):
            data = random_message(rng, kind)
            if index % 3 == 1:
                data = data + odd_field(rng) if rng.random() < 0.5 else odd_field(rng) + data
            elif index % 3 == 2:
                data = mutate(rng, data)
            if len(data) > 600:
                continue
            try:
                rows.append([kind, b64(data), view(message_type.FromString(data))])
            except DecodeError:
                rows.append([kind, b64(data), None])
    write_json("messages.json", {"seed": SEED, "rows": rows})


# --- dense view codecs


def make_codecs():
    rng = numpy.random.default_rng(SEED)
    views = {
        "no bytes": b"",
        "1 byte": b"x",
        "12 bytes": bytes(range(12)),
        "13 bytes, equal": b"a" * 13,
        "zeros": bytes(4096),
        "256 doubles, few distinct": numpy.asarray(rng.poisson(2.0, 256), "<f8").tobytes(),
        "random": rng.bytes(2000),
        "short period": b"abc" * 700,
        "long literals, long matches": rng.bytes(600) + bytes(800) + rng.bytes(300) + b"z" * 300,
        "far match": rng.bytes(64) + bytes(3000) + b"end",
    }
    rows = []
    for name, view in views.items():
        row = {"name": name, "view": b64(view), "zstd": b64(numcodecs.Zstd(level=1).encode(view))}
        if view:
            row["lz4"] = b64(numcodecs.LZ4(acceleration=1).encode(view))
        rows.append(row)
    write_json("codecs.json", {"numcodecs": numcodecs.__version__, "rows": rows})


make_descriptor()
make_messages()
make_codecs()
