"""What a user of the Python package does, against a running server: each result equals a local fill.

pytest runs it with the plugin external_server and with the client of histserv 0.2.1 or 0.1.9.
"""

from __future__ import annotations

import multiprocessing
import pickle
from typing import Any

import boost_histogram as bh
import grpc
import hist
import histserv
import numpy as np
import pytest
from hist import Hist
from histserv import ChunkedHist, Client
from histserv.client import RemoteHist

SEED = 20260326
CODECS = [None, "zstd", "lz4"]
KNOWS_FILLED_IDS = hasattr(RemoteHist, "was_filled_with_unique_id")

DENSE_AXES: dict[str, hist.axis.AxesMixin] = {
    "regular": hist.axis.Regular(30, -3, 3, name="x", label="x-axis"),
    "regular_without_flow": hist.axis.Regular(7, -1, 1, name="x", flow=False),
    "regular_underflow_only": hist.axis.Regular(7, -1, 1, name="x", overflow=False),
    "regular_circular": hist.axis.Regular(8, 0, 2 * np.pi, name="x", circular=True),
    "variable": hist.axis.Variable([-3, -1, -0.5, 0, 2, 4], name="x"),
    "variable_without_flow": hist.axis.Variable([-1, 0, 2], name="x", flow=False),
    "integer": hist.axis.Integer(-2, 3, name="x"),
    "integer_without_flow": hist.axis.Integer(-2, 3, name="x", flow=False),
    "integer_circular": hist.axis.Integer(-2, 3, name="x", circular=True),
    "boolean": hist.axis.Boolean(name="x"),
}
STORAGES = {
    "double": hist.storage.Double(),
    "int64": hist.storage.Int64(),
    "atomic_int64": bh.storage.AtomicInt64(),
    "weight": hist.storage.Weight(),
    "unlimited": bh.storage.Unlimited(),
}


def values(axis: hist.axis.AxesMixin, count: int, rng: np.random.Generator) -> np.ndarray:
    drawn = rng.normal(size=count) * 2
    if isinstance(axis, hist.axis.Boolean):
        return drawn > 0
    if isinstance(axis, hist.axis.Integer):
        return np.rint(drawn).astype(np.int64)
    return drawn


def assert_equal(remote: ChunkedHist | Hist, local: Hist) -> None:
    """Integers and unweighted counts exactly; weighted sums as they were added, in another order."""
    got = (remote if isinstance(remote, Hist) else remote.to_hist()).view(flow=True)
    expected = local.view(flow=True)
    assert got.shape == expected.shape
    for name in expected.dtype.names or (None,):
        a, b = (got, expected) if name is None else (got[name], expected[name])
        np.testing.assert_allclose(a, np.asarray(b, dtype=a.dtype), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("axis", DENSE_AXES)
def test_every_dense_axis_and_storage(client: Client, axis: str, storage: str) -> None:
    local = Hist(DENSE_AXES[axis], storage=STORAGES[storage])
    remote = client.init(local)
    rng = np.random.default_rng(SEED)
    for _ in range(3):
        fill: dict[str, Any] = {"x": values(DENSE_AXES[axis], 500, rng)}
        if storage == "weight":
            fill["weight"] = rng.uniform(0.5, 2, size=500)
        local.fill(**fill)
        remote.fill(**fill)
    assert_equal(remote.snapshot(), local)


@pytest.mark.parametrize("growth", [True, False], ids=["growing", "fixed"])
@pytest.mark.parametrize("codec", CODECS)
def test_category_axes(client: Client, codec: str | None, growth: bool) -> None:
    def empty() -> Hist:
        return Hist(
            hist.axis.StrCategory([] if growth else ["μμ", "ee"], name="channel", growth=growth),
            hist.axis.Regular(20, 60, 120, name="mass"),
            hist.axis.IntCategory([] if growth else [-7, 4], name="run", growth=growth),
            storage=hist.storage.Weight(),
        )

    local, remote = empty(), client.init(empty(), compression=codec)
    rng = np.random.default_rng(SEED)
    fills = [
        {
            "channel": channel,
            "run": run,
            "mass": rng.normal(91, 3, size=100),
            "weight": rng.uniform(size=100),
        }
        for channel, run in [("μμ", -7), ("ee", 4), ("μμ", 4), ("ee", -7), ("μμ", -7)]
    ]
    for fill in fills:
        local.fill(**fill)
    remote.fill(**fills[0], compression=codec)
    remote.fill_many(fills[1:], compression=codec)
    assert_equal(remote.snapshot(compression=codec), local)


@pytest.mark.skipif(not KNOWS_FILLED_IDS, reason="the 0.1.9 client refuses it")
def test_category_only(client: Client) -> None:
    local = Hist(hist.axis.StrCategory([], name="process", growth=True))
    remote = client.init(local)
    for process in ["a", "b", "a"]:
        local.fill(process=process)
        remote.fill(process=process)
    assert_equal(remote.snapshot(), local)


@pytest.mark.parametrize("codec", CODECS)
def test_init_with_contents(client: Client, codec: str | None) -> None:
    local = Hist.new.Reg(30, -3, 3, name="x").StrCat([], growth=True, name="cat").Weight()
    rng = np.random.default_rng(SEED)
    for cat in ["a", "b"]:
        local.fill(x=rng.normal(size=100), cat=cat, weight=rng.uniform(size=100))
    remote = client.init(local, compression=codec)
    assert_equal(remote.snapshot(), local)
    local.fill(x=[0.5], cat="b", weight=[2.0])
    remote.fill(x=[0.5], cat="b", weight=[2.0])
    assert_equal(remote.snapshot(compression=codec), local)


@pytest.mark.parametrize("codec", CODECS)
def test_snapshot_of_a_selection(client: Client, codec: str | None) -> None:
    remote = client.init(
        Hist.new.Reg(4, 0, 4, name="x")
        .IntCat([], growth=True, name="cat")
        .StrCat([], growth=True, name="var")
        .Double()
    )
    for weight, (cat, var) in enumerate([(1, "a"), (1, "b"), (2, "a")], start=1):
        remote.fill(x=[0.5] * weight, cat=cat, var=var)
    one = remote[{"cat": 1}].snapshot(compression=codec).to_hist()
    assert list(one.axes["cat"]) == [1] and one.sum(flow=True) == 3
    two = remote[{"cat": [1, 2], "var": "a"}].snapshot(compression=codec).to_hist()
    assert two.sum(flow=True) == 4
    assert not dict(remote[{"cat": 99}].snapshot(compression=codec).items())


def test_the_example_of_the_readme(client: Client) -> None:
    """init, fill, snapshot, fill_many, reset, reconnect, snapshot and delete, as README's list of methods."""
    rng = np.random.default_rng(SEED)
    local = Hist.new.Reg(30, -3, 3, name="x", label="x-axis").Double()
    remote = client.init(local)
    assert repr(remote).startswith("RemoteHist(hist_id=")
    x = rng.normal(size=1000)
    remote.fill(x=x)
    assert np.all(local.view(True) == 0)
    local.fill(x=x)
    assert_equal(remote.snapshot(), local)
    remote.fill_many([{"x": x}, {"x": x}])
    local.fill(x=x).fill(x=x)
    info = remote.get_connection_info()
    again = RemoteHist.from_connection_info(info)
    assert_equal(again.snapshot(), local)
    again.reset()
    assert remote.snapshot().to_hist().sum(flow=True) == 0
    remote.fill(x=x)
    last = again.snapshot(delete_from_server=True)
    assert_equal(last, Hist.new.Reg(30, -3, 3, name="x").Double().fill(x=x))
    assert not remote.exists()


def test_delete_and_exists(client: Client) -> None:
    remote = client.init(Hist.new.Reg(3, 0, 1, name="x").Double())
    assert remote.exists()
    remote.delete()
    assert not remote.exists()
    for call in (remote.snapshot, remote.reset, remote.delete, lambda: remote.fill(x=[0.5])):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_tokens_and_stats(client: Client) -> None:
    token = f"owner-{histserv.__version__}"
    remote = client.init(Hist.new.Reg(8, 0, 1, name="x").Double(), token=token)
    remote.fill(x=[0.5])
    for thief in ("thief", None, ""):
        with pytest.raises(grpc.RpcError) as caught:
            client.connect(remote.hist_id, token=thief)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        assert token not in (caught.value.details() or "")
    assert client.connect(remote.hist_id, token=token).exists()
    stats = client.stats(token=token)
    scoped = stats["token_scoped"]
    assert scoped["histogram_count"] == 1
    assert scoped["histogram_bytes"] > 0
    assert scoped["rpc_calls_total"]["Fill"] == 1
    assert stats["histogram_count"] >= 1
    assert stats["histogram_bytes"] >= scoped["histogram_bytes"]
    assert stats["rpc_calls_total"]["Init"] >= 1
    assert stats["uptime_seconds"] >= 0
    assert stats["version"]
    assert "token_scoped" not in client.stats()
    with pytest.raises(grpc.RpcError) as caught:
        client.stats(token="nobody")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_unique_ids(client: Client) -> None:
    remote = client.init(Hist.new.Reg(4, 0, 1, name="x").Double())
    remote.fill(x=[0.5], unique_id={"file": "a.root", "range": [0, 10]})
    for call in (
        lambda: remote.fill(x=[0.5], unique_id={"range": [0, 10], "file": "a.root"}),
        lambda: remote.fill_many([{"x": [0.5]}], unique_id={"file": "a.root", "range": [0, 10]}),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    remote.fill_many([{"x": [0.5]}], unique_id="second")
    if KNOWS_FILLED_IDS:
        assert remote.was_filled_with_unique_id("second")
        assert not remote.was_filled_with_unique_id("third")
    assert remote.snapshot().to_hist().sum() == 2
    remote.reset()
    remote.fill(x=[0.5], unique_id="second")
    assert remote.snapshot().to_hist().sum() == 1


def _fill_from_another_process(info: bytes, seed: int) -> None:
    remote = RemoteHist.from_connection_info(pickle.loads(info))
    rng = np.random.default_rng(seed)
    for i in range(20):
        remote.fill(x=rng.normal(size=100), worker=f"w{seed}", unique_id=[seed, i])


def test_several_processes_fill_one_histogram(client: Client) -> None:
    def empty() -> Hist:
        return Hist.new.Reg(30, -3, 3, name="x").StrCat([], growth=True, name="worker").Int64()

    remote = client.init(empty())
    info = pickle.dumps(remote.get_connection_info())
    context = multiprocessing.get_context("spawn")
    seeds = range(4)
    workers = [context.Process(target=_fill_from_another_process, args=(info, s)) for s in seeds]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    got = remote.snapshot().to_hist()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        local = Hist.new.Reg(30, -3, 3, name="x").Int64()
        for _ in range(20):
            local.fill(x=rng.normal(size=100))
        np.testing.assert_array_equal(got[:, f"w{seed}"].view(flow=True), local.view(flow=True))


def test_not_a_number_and_infinities_pass(client: Client) -> None:
    remote = client.init(Hist.new.Reg(1, 0, 1, name="x", flow=False).Double())
    remote.fill(x=[0.5], weight=[np.inf])
    assert np.isposinf(remote.snapshot().to_hist().view()[0])
    remote.fill(x=[0.5], weight=[-np.inf])
    assert np.isnan(remote.snapshot().to_hist().view()[0])


def test_integers_wrap(client: Client) -> None:
    local = Hist.new.Reg(1, 0, 1, name="x", flow=False).Int64()
    local.view()[...] = np.iinfo(np.int64).max
    remote = client.init(local)
    remote.fill(x=[0.5, 0.5])
    assert remote.snapshot().to_hist().view()[0] == np.iinfo(np.int64).min + 1
