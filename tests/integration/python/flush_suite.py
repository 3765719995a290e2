"""Files that Flush writes, read by uhi, h5py and hist: each equals the snapshot before it.

pytest runs it with the plugin external_server; its temporary folders are inside the server's --flush-dir.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import h5py
import hist
import numpy as np
import pytest
import uhi.io.hdf5
from hist import Hist
from histserv import Client

SEED = 20261122
x = hist.axis.Regular(30, -3, 3, name="x", label="x-axis")
dataset = hist.axis.StrCategory([], growth=True, name="dataset", label="Datensätze")
run = hist.axis.IntCategory([], growth=True, name="run")

AXES: dict[str, list[Any]] = {
    "dense": [x, hist.axis.Boolean(name="b"), hist.axis.Integer(-2, 3, name="i", flow=False)],
    "variable": [hist.axis.Variable([-3, -1, -0.5, 0, 2, 4], name="x")],
    "categories": [dataset, x, run],
    "categories_only": [dataset, run],
    "not_growing": [hist.axis.StrCategory(["b", "a"], name="dataset"), x],
    "large": [dataset, hist.axis.Regular(400, -3, 3, name="x"), hist.axis.Regular(300, -3, 3, name="y")],
}
STORAGES = [hist.storage.Double(), hist.storage.Int64(), hist.storage.Weight()]


def columns(axes: list[Any], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Fills; a category axis takes one value a fill."""
    values: dict[str, Any] = {
        "x": rng.normal(size=100),
        "y": rng.normal(size=100),
        "b": rng.integers(0, 2, 100).astype(bool),
        "i": rng.integers(-4, 5, 100),
    }
    return [
        {
            axis.name: values[axis.name] if axis.name in values else key[axis.name]
            for axis in axes
        }
        for key in [
            {"dataset": "b", "run": 7},
            {"dataset": "a", "run": -1},
            {"dataset": "a", "run": 2**31 - 1},
            {"dataset": "größer", "run": 7},
        ]
    ]


def read(path: Path, name: str) -> Hist:
    with h5py.File(path) as file:
        assert list(file) == [name]
        return Hist(uhi.io.hdf5.read(file[name]))


def validate(path: Path) -> None:
    command = [Path(sys.executable).parent / "uhi", "validate", path]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("storage", STORAGES, ids=repr)
@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
def test_file_equals_snapshot(client: Client, tmp_path: Path, axes: list[Any], storage: Any) -> None:
    remote = client.init(Hist(*axes, storage=storage, name="h", label="a label"))
    for entries in columns(axes, np.random.default_rng(SEED)):
        if axes[0].name == "dataset" and entries["dataset"] == "größer" and not axes[0].traits.growth:
            continue
        remote.fill(**entries)
    snapshot = remote.snapshot().to_hist()
    path = tmp_path / "flushed.h5"
    remote.flush(str(path))
    assert not remote.exists()
    validate(path)
    found = read(path, remote.hist_id)
    assert found == snapshot
    assert found.name == "h"
    assert [axis.label for axis in found.axes] == [axis.label for axis in snapshot.axes]


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
def test_empty(client: Client, tmp_path: Path, axes: list[Any]) -> None:
    remote = client.init(Hist(*axes))
    snapshot = remote.snapshot().to_hist()
    path = tmp_path / "flushed.hdf5"
    remote.flush(str(path))
    validate(path)
    assert read(path, remote.hist_id) == snapshot


def test_refusals_keep_it(client: Client, tmp_path: Path) -> None:
    remote = client.init(Hist(x))
    for destination in ["x.root", "../../../x.h5", "/x.h5", str(tmp_path / "none" / "x.h5")]:
        with pytest.raises(grpc.RpcError):
            remote.flush(destination)
    assert remote.exists()
    assert list(tmp_path.iterdir()) == []
