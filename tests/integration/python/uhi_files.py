"""Histograms in files of uhi.io: uhi_files.py write FOLDER, uhi_files.py check FOLDER.

`write` makes NAME.json and NAME.h5. `check` compares them with NAME.FROM.json and NAME.FROM.h5, which the server
exported after it had imported NAME.FROM; it prints a line for each difference.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import hist
import numpy as np
import uhi.io.hdf5
import uhi.io.json
from hist import Hist

SEED = 20261122


def histograms() -> dict[str, Hist]:
    rng = np.random.default_rng(SEED)
    x = hist.axis.Regular(20, -3, 3, name="x", label="x-axis")
    variable = hist.axis.Variable([-3, -1, 0.5, 4], name="v", overflow=False)
    datasets = hist.axis.StrCategory(["data", "größer"], growth=True, name="dataset")
    runs = hist.axis.IntCategory([7, -1, 2**31 - 1], name="run")
    storages = {
        "double": hist.storage.Double(),
        "int64": hist.storage.Int64(),
        "atomic": hist.storage.AtomicInt64(),
        "unlimited": hist.storage.Unlimited(),
        "weight": hist.storage.Weight(),
        "mean": hist.storage.Mean(),
        "weighted_mean": hist.storage.WeightedMean(),
    }
    made: dict[str, Hist] = {}
    for name, storage in storages.items():
        h = Hist(datasets, variable, runs, x, storage=storage, name=name, label="a label")
        options: dict[str, Any] = {}
        if "mean" in name:
            options["sample"] = rng.normal(size=500)
        if "weight" in name:
            options["weight"] = rng.exponential(size=500)
        h.fill(
            rng.choice(["data", "signal"], 500),
            rng.normal(size=500),
            rng.choice([7, -1, 5], 500),
            rng.normal(size=500),
            **options,
        )
        made[name] = h
    made["dense"] = Hist(hist.axis.Boolean(name="b"), hist.axis.Integer(-2, 3, name="i", circular=True))
    made["dense"].fill([True, False, True], [9, -2, 0])
    made["empty"] = Hist(hist.axis.StrCategory([], growth=True, name="s"), x)
    return made


def write(folder: Path) -> None:
    for name, h in histograms().items():
        text = json.dumps(h, default=uhi.io.json.default)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
        with h5py.File(folder / f"{name}.h5", "w") as file:
            uhi.io.hdf5.write(file.create_group("hist"), h)


def read(path: Path) -> dict[str, Any]:
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"), object_hook=uhi.io.json.object_hook)
    with h5py.File(path) as file:
        (name,) = file
        return dict(uhi.io.hdf5.read(file[name]))


def differences(want: Any, got: Any, path: str) -> list[str]:
    if isinstance(want, dict):
        found = [] if want.keys() == got.keys() else [f"{path}: {sorted(want)}, {sorted(got)}"]
        common = want.keys() & got.keys()
        return found + [line for k in common for line in differences(want[k], got[k], f"{path}.{k}")]
    if isinstance(want, list):
        pairs = zip(want, got, strict=True)
        return [line for i, (a, b) in enumerate(pairs) for line in differences(a, b, f"{path}[{i}]")]
    if isinstance(want, np.ndarray):
        floats = want.dtype.kind == "f"
        # Arrays of nothing lose their shape in JSON.
        same = want.size == got.size == 0 or np.array_equal(want, got, equal_nan=floats)
    else:
        same = want == got
    return [] if same else [f"{path}: {want!r}, {got!r}"]


def check(folder: Path) -> None:
    command = [str(Path(sys.executable).parent / "uhi"), "validate"]
    for name, h in histograms().items():
        for source in [folder / f"{name}.json", folder / f"{name}.h5"]:
            want = read(source)
            for suffix in ["json", "h5"]:
                exported = folder / f"{name}.{source.suffix[1:]}.{suffix}"
                got = read(exported)
                for line in differences(
                    {k: want.get(k, {}) for k in ("axes", "storage", "metadata")},
                    {k: got.get(k, {}) for k in ("axes", "storage", "metadata")},
                    exported.name,
                ):
                    print(line)
                back = Hist(got)
                if back.storage_type is not h.storage_type:
                    print(f"{exported.name}: {back.storage_type}")
                if "mean" not in name and back != h:
                    print(f"{exported.name}: reads as another histogram")
    files = [str(path) for path in sorted(folder.glob("*.*.*"))]
    result = subprocess.run([*command, *files], capture_output=True, text=True)
    if result.returncode != 0:
        print((result.stdout + result.stderr)[-1000:])


{"write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
