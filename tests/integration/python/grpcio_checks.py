"""grpcio without the package's client: statuses, details, compression, asyncio, many calls at once.

``python grpcio_checks.py HOST:PORT ours|peer``
"""

from __future__ import annotations

import asyncio
import json
import sys

import grpc
import numpy as np
from histserv.protos import hist_pb2 as pb
from histserv.protos.hist_pb2_grpc import HistogrammerServiceStub

BINS = 256
HIST_JSON = json.dumps(
    {
        "uhi_schema": 1,
        "axes": [
            {
                "type": "regular",
                "lower": 0,
                "upper": 1,
                "bins": BINS - 2,
                "underflow": True,
                "overflow": True,
                "circular": False,
                "metadata": {"name": "x", "label": ""},
            }
        ],
        "storage": {"type": "double"},
        "metadata": {"name": "", "label": ""},
    }
)
VIEW = np.arange(BINS, dtype="<f8").tobytes()


def refused(code: grpc.StatusCode, call, *args, **kwargs) -> str:
    try:
        call(*args, **kwargs)
    except grpc.RpcError as error:
        assert error.code() is code, (error.code(), error.details(), code)
        return error.details() or ""
    raise AssertionError(f"no {code}")


def cells(stub: HistogrammerServiceStub, hist_id: str) -> np.ndarray:
    payload = stub.Snapshot(pb.SnapshotRequest(hist_id=hist_id)).payload
    return np.frombuffer(payload.chunks[0].dense_view, "<f8")


def check_statuses(channel: grpc.Channel, is_ours: bool) -> None:
    stub = HistogrammerServiceStub(channel)
    hist_id = stub.Init(pb.InitRequest(payload=pb.ChunkedHistPayload(hist_json=HIST_JSON))).hist_id
    assert "no-such-histogram-µ" in refused(
        grpc.StatusCode.NOT_FOUND, stub.Describe, pb.DescribeRequest(hist_id="no-such-histogram-µ")
    )
    short = pb.FillRequest(hist_id=hist_id, dense_view=b"abc", unique_id=b"1")
    details = refused(grpc.StatusCode.INVALID_ARGUMENT, stub.Fill, short)
    if is_ours:
        assert "ValueError" not in details, details
    good = pb.FillRequest(hist_id=hist_id, dense_view=VIEW, unique_id=b"1")
    stub.Fill(good, timeout=10, metadata=(("x-histserv-token", "any"),))
    refused(grpc.StatusCode.ALREADY_EXISTS, stub.Fill, good)
    stub.Fill(pb.FillRequest(hist_id=hist_id, dense_view=VIEW), compression=grpc.Compression.Gzip)
    np.testing.assert_array_equal(cells(stub, hist_id), 2.0 * np.arange(BINS))
    unknown = channel.unary_unary("/HistogrammerService/Nothing")
    refused(grpc.StatusCode.UNIMPLEMENTED, unknown, b"")
    other = channel.unary_unary("/elsewhere.HistogrammerService/Stats")
    refused(grpc.StatusCode.UNIMPLEMENTED, other, b"")
    if is_ours:
        health = channel.unary_unary("/grpc.health.v1.Health/Check")
        assert health(b"") == b"\x08\x01"  # status: SERVING
        refused(grpc.StatusCode.NOT_FOUND, health, b"\x0a\x07unknown")


def check_many_calls_at_once(channel: grpc.Channel) -> None:
    stub = HistogrammerServiceStub(channel)
    hist_id = stub.Init(pb.InitRequest(payload=pb.ChunkedHistPayload(hist_json=HIST_JSON))).hist_id
    fills = [
        stub.Fill.future(pb.FillRequest(hist_id=hist_id, dense_view=VIEW, unique_id=b"%d" % i))
        for i in range(500)
    ]
    for fill in fills:
        fill.result()
    np.testing.assert_array_equal(cells(stub, hist_id), 500.0 * np.arange(BINS))


async def check_asyncio(address: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = HistogrammerServiceStub(channel)
        payload = pb.ChunkedHistPayload(hist_json=HIST_JSON)
        hist_id = (await stub.Init(pb.InitRequest(payload=payload))).hist_id
        fill = pb.FillRequest(hist_id=hist_id, dense_view=VIEW)
        await asyncio.gather(*(stub.Fill(fill) for _ in range(100)))
        payload = (await stub.Snapshot(pb.SnapshotRequest(hist_id=hist_id))).payload
        got = np.frombuffer(payload.chunks[0].dense_view, "<f8")
        np.testing.assert_array_equal(got, 100.0 * np.arange(BINS))


def check_large_messages(address: str) -> None:
    """32 MiB both ways: many frames, windows that run out and open again."""
    bins = 4 << 20
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    axis = {"type": "regular", "lower": 0, "upper": 1, "bins": bins, "underflow": False}
    axis |= {"overflow": False, "circular": False, "metadata": {"name": "x", "label": ""}}
    spec = json.loads(HIST_JSON) | {"axes": [axis]}
    view = np.arange(bins, dtype="<f8")
    with grpc.insecure_channel(address, options) as channel:
        stub = HistogrammerServiceStub(channel)
        chunk = pb.ChunkPayload(dense_view=view.tobytes())
        payload = pb.ChunkedHistPayload(hist_json=json.dumps(spec), chunks=[chunk])
        hist_id = stub.Init(pb.InitRequest(payload=payload)).hist_id
        stub.Fill(pb.FillRequest(hist_id=hist_id, dense_view=view.tobytes()))
        np.testing.assert_array_equal(cells(stub, hist_id), 2 * view)
        stub.Delete(pb.DeleteRequest(hist_id=hist_id))


def main() -> None:
    address, server = sys.argv[1:]
    with grpc.insecure_channel(address) as channel:
        check_statuses(channel, is_ours=server == "ours")
        check_many_calls_at_once(channel)
    asyncio.run(check_asyncio(address))
    check_large_messages(address)
    print("ok")


if __name__ == "__main__":
    main()
