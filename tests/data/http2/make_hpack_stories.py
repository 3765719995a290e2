"""Writes hpack_stories.json: header blocks by the PyPI package hpack, for our decoder. See README.md."""
import json, random
from hpack import Encoder, HeaderTuple, NeverIndexedHeaderTuple

def text(raw): return raw.decode("latin-1")

def story(name, lists, huffman=True, sizes=None):
    """`sizes[i]`: SETTINGS_HEADER_TABLE_SIZE values that the encoder obeys before list i, in order."""
    encoder = Encoder(); cases = []
    for i, headers in enumerate(lists):
        for size in (sizes or {}).get(i, []): encoder.header_table_size = size
        wire = encoder.encode(headers, huffman=huffman)
        cases.append({"wire": wire.hex(), "headers": [[text(h[0]), text(h[1])] for h in headers]})
    return {"name": name, "cases": cases}

def grpc(i, timeout="10S", extra=()):
    return [HeaderTuple(b":method", b"POST"), HeaderTuple(b":scheme", b"http"), HeaderTuple(b":path", b"/HistogrammerService/Fill"),
            HeaderTuple(b":authority", b"127.0.0.1:50051"), HeaderTuple(b"te", b"trailers"), HeaderTuple(b"content-type", b"application/grpc"),
            HeaderTuple(b"user-agent", b"grpc-python/1.85.1 grpc-c/52.0.0 (linux; chttp2)"), HeaderTuple(b"grpc-timeout", timeout.encode()),
            HeaderTuple(b"x-request", b"%d" % i), *extra]

rng = random.Random(9113)
def word(low, high, alphabet): return bytes(rng.choice(alphabet) for _ in range(rng.randint(low, high)))
NAME = b"abcdefghijklmnopqrstuvwxyz0123456789-_"
def randoms(n, alphabet, longest=40):
    names = [word(1, 20, NAME) for _ in range(12)]
    return [[HeaderTuple(rng.choice(names), word(0, longest, alphabet)) for _ in range(rng.randint(1, 12))] for _ in range(n)]
ANY = bytes(range(256)); ASCII = bytes(range(32, 127))

stories = [
    story("grpc requests, Huffman", [grpc(i % 3) for i in range(12)]),
    story("grpc requests, plain", [grpc(i % 3) for i in range(12)], huffman=False),
    story("never indexed", [grpc(i, extra=[NeverIndexedHeaderTuple(b"x-histserv-token", b"secret %d" % i)]) for i in range(4)]),
    story("table size changes", [grpc(i % 2, timeout="%dm" % (i % 5)) for i in range(16)], sizes={2: [0], 4: [4096], 6: [200], 8: [100, 1000], 10: [0, 4096], 13: [57]}),
    story("evictions", [[HeaderTuple(b"x-%d" % (i * j), word(300, 900, ASCII)) for j in range(4)] for i in range(12)]),
    story("an entry larger than the table", [grpc(0), [HeaderTuple(b"x-big", b"b" * 5000)], grpc(0)]),
    story("all byte values, Huffman", [[HeaderTuple(b"x-bytes", ANY)], [HeaderTuple(b"x-bytes", ANY[::-1])]]),
    story("all byte values, plain", [[HeaderTuple(b"x-bytes", ANY)], [HeaderTuple(b"x-bytes", ANY[::-1])]], huffman=False),
    story("random text, Huffman", randoms(25, ASCII)),
    story("random bytes, Huffman", randoms(20, ANY)),
    story("random bytes, plain", randoms(20, ANY), huffman=False),
    story("lengths about the prefix limits", [[HeaderTuple(b"n" * n, b"v" * v)] for n in (1, 126, 127, 128) for v in (0, 126, 127, 128, 254, 255, 256, 2000)], huffman=False),
    story("random table sizes", randoms(30, ASCII, 200), sizes={i: [rng.randrange(4097) for _ in range(rng.randint(0, 2))] for i in range(30)}),
]
json.dump(stories, open("hpack_stories.json", "w"), separators=(",", ":"))
print(len(stories), "stories,", sum(len(s["cases"]) for s in stories), "cases")
