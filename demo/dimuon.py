"""A Z→μμ analysis as a user of histserv writes it, with the Python package's own client.

    dimuon.py init ADDRESS                        makes the two histograms, prints where they are
    dimuon.py fill PLAN WORKER WORKERS            fills every WORKERS-th work item, one JSON line for each acknowledgement
    dimuon.py prove PLAN                          compares the server's histograms with a local fill; exit code 1 if they differ

PLAN is a JSON object: seed, events, items, and the connections that `init` printed. The events of a work item depend
on the seed and its number alone, so every process can make them again: those of a retry, and those of the proof.
"""

import json
import random
import sys
import time

import grpc
import hist
import numpy as np
from histserv import Client, RemoteHist

# dataset: share of all events, cross-section weight of one event
DATASETS = {"data": (0.4, None), "DY": (0.4, 1.0), "ttbar": (0.12, 0.11), "WW": (0.08, 0.07)}
MUON_SCALE = 0.002
PILEUP = 0.05
PT_EDGES = [0, 5, 10, 15, 20, 30, 40, 60, 80, 120, 200]
BACKOFF_S_MIN, BACKOFF_S_MAX, ATTEMPTS_MAX = 0.05, 1.0, 60


def make_histograms():
    mass = hist.axis.Regular(120, 60, 120, name="mass", label="dimuon mass [GeV]")
    pt = hist.axis.Variable(PT_EDGES, name="pt", label="dimuon pT [GeV]")
    period = hist.axis.StrCategory([], growth=True, name="period")
    dataset = hist.axis.StrCategory([], growth=True, name="dataset")
    systematic = hist.axis.StrCategory([], growth=True, name="systematic")
    return {
        "data": hist.Hist(period, mass, pt, storage=hist.storage.Int64(), name="data"),
        "mc": hist.Hist(dataset, systematic, mass, pt, storage=hist.storage.Weight(), name="mc"),
    }


def dataset_of(item, items):
    """Work items go to datasets in proportion to their share; interleaved, so that all are under way at the kill."""
    shares = np.cumsum([share for share, _ in DATASETS.values()])
    position = item * 0.6180339887498949 % 1.0  # golden ratio: evenly spread at every moment
    return list(DATASETS)[int(np.searchsorted(shares, position, side="right"))]


def make_events(plan, item):
    """Mass, pT and pileup of the events of one work item."""
    name = dataset_of(item, plan["items"])
    rng = np.random.default_rng([plan["seed"], item])
    n = plan["events"] * (item + 1) // plan["items"] - plan["events"] * item // plan["items"]
    resonant = {"data": 0.9, "DY": 0.97, "ttbar": 0.0, "WW": 0.0}[name]
    is_z = rng.random(n) < resonant
    peak = 91.19 + 2.495 / 2 * rng.standard_cauchy(n) + 1.3 * rng.standard_normal(n)
    continuum = 55 + rng.exponential(45, n)
    return {
        "mass": np.where(is_z, peak, continuum),
        "pt": np.where(is_z, rng.gamma(1.6, 9, n), rng.gamma(2.5, 22, n)),
        "pileup": rng.poisson(30, n),
        "weight": rng.lognormal(0, 0.2, n),
    }


def fills_of(plan, item):
    """The histogram of a work item and its fills: one for data, one for each systematic variation of simulation."""
    name, events = dataset_of(item, plan["items"]), make_events(plan, item)
    if name == "data":
        period = "ABCD"[item * 4 // plan["items"]]
        return "data", [{"period": period, "mass": events["mass"], "pt": events["pt"]}]
    weight = events["weight"] * DATASETS[name][1]
    fills = []
    for systematic, scale, tilt in (
        ("nominal", 1, 0), ("muon_scale_up", 1 + MUON_SCALE, 0), ("muon_scale_down", 1 - MUON_SCALE, 0),
        ("pileup_up", 1, PILEUP), ("pileup_down", 1, -PILEUP),
    ):
        fills.append({
            "dataset": name, "systematic": systematic,
            "mass": events["mass"] * scale, "pt": events["pt"] * scale,
            "weight": weight * np.exp(tilt * (events["pileup"] - 30) / 10),
        })
    return "mc", fills


def fill_until_acknowledged(remote, fills, unique_id):
    """Sends one work item until the server has it: again after UNAVAILABLE, always with the same unique id."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            if len(fills) == 1:
                remote.fill(**fills[0], unique_id=unique_id)
            else:
                remote.fill_many(fills, unique_id=unique_id)
            return attempt, False
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.ALREADY_EXISTS and attempt > 1:
                return attempt, True  # it was counted, only its acknowledgement was lost
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
                raise
        time.sleep(random.random() * min(BACKOFF_S_MAX, BACKOFF_S_MIN * 2**attempt))
    raise TimeoutError(f"no answer in {ATTEMPTS_MAX} attempts")


def connect(plan):
    return {name: RemoteHist.from_connection_info(info) for name, info in plan["connections"].items()}


def run_init(address):
    client = Client(address)
    remotes = {name: client.init(local) for name, local in make_histograms().items()}
    print(json.dumps({name: remote.get_connection_info() for name, remote in remotes.items()}))


def run_fill(plan, worker, workers):
    remotes = connect(plan)
    for item in range(worker, plan["items"], workers):
        name, fills = fills_of(plan, item)
        try:
            attempts, was_counted = fill_until_acknowledged(remotes[name], fills, ["dimuon", plan["seed"], item])
        except (grpc.RpcError, TimeoutError) as error:
            reason = f"{error.code().name}: {error.details()}" if isinstance(error, grpc.RpcError) else error
            sys.exit(f"  item {item} of histogram {name}: {reason}")
        print(json.dumps({"item": item, "attempts": attempts, "wasCounted": was_counted}), flush=True)


def run_prove(plan):
    remotes, expected = connect(plan), make_histograms()
    for item in range(plan["items"]):
        name, fills = fills_of(plan, item)
        for fill in fills:
            expected[name].fill(**fill)
    found = {name: remote.snapshot().to_hist() for name, remote in remotes.items()}
    problems = []
    for name, local in expected.items():
        problems += compare(name, found[name], local)
    problems += resend(plan, remotes)
    if not problems:
        print_result(found)
    for problem in problems:
        print(f"  wrong: {problem}")
    return 1 if problems else 0


def compare(name, found, local):
    """Differences of the server's histogram from the local one, chunk by chunk, flow bins included."""
    problems = []
    categories = [axis.name for axis in local.axes if isinstance(axis, hist.axis.StrCategory)]
    for axis in categories:
        if sorted(found.axes[axis]) != sorted(local.axes[axis]):
            problems.append(f"{name}: {axis} has {sorted(found.axes[axis])}, not {sorted(local.axes[axis])}")
    if problems:
        return problems
    cells, deviation = 0, 0.0
    for key in np.ndindex(*[len(local.axes[axis]) for axis in categories]):
        names = {axis: local.axes[axis][k] for axis, k in zip(categories, key)}
        slots = {axis: hist.loc(value) for axis, value in names.items()}
        a, b = found[slots].view(flow=True), local[slots].view(flow=True)
        cells += b.size
        if name == "data":
            if not np.array_equal(a, b):
                problems.append(f"{name} {names}: {int(np.sum(a != b))} cells differ")
            continue
        for part in ("value", "variance"):
            with np.errstate(invalid="ignore"):
                relative = np.where(a[part] == b[part], 0, np.abs(a[part] - b[part]) / np.abs(b[part]))
            deviation = max(deviation, float(np.max(relative)))
    if deviation > 1e-12:
        problems.append(f"{name}: relative deviation {deviation:.1e}, allowed 1e-12")
    if not problems:
        measure = "all equal" if name == "data" else f"largest relative deviation {deviation:.1e}"
        print(f"  {name:4} {cells:7,} cells of {len(list(local.axes))} axes against a local fill: {measure}")
    return problems


def resend(plan, remotes):
    """Sends every 25th work item once more: the server must refuse each."""
    problems, refused = [], 0
    for item in range(0, plan["items"], 25):
        name, fills = fills_of(plan, item)
        if not remotes[name].was_filled_with_unique_id(["dimuon", plan["seed"], item]):
            problems.append(f"item {item}: the server does not know its unique id")
        try:
            remotes[name].fill_many(fills, unique_id=["dimuon", plan["seed"], item])
            problems.append(f"item {item}: counted twice")
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.ALREADY_EXISTS:
                raise
            refused += 1
    if not problems:
        print(f"  {refused} items sent once more: all refused with ALREADY_EXISTS")
    return problems


def print_result(found):
    """The mass peak as text: data as bars, simulation scaled to data as a mark."""
    data = found["data"][{"period": sum, "pt": sum}].values()
    nominal = found["mc"][{"systematic": hist.loc("nominal"), "pt": sum}]
    simulated = nominal[{"dataset": sum}].values()
    step, width = 4, 60
    scale = data.sum() / simulated.sum()
    rows = [(data[k:k + step].sum(), scale * simulated[k:k + step].sum()) for k in range(20, 104, step)]
    top = max(max(row) for row in rows)
    print(f"\n  dimuon mass [GeV]   █ data   ┃ simulation x {scale:.3f}")
    for k, (observed, predicted) in enumerate(rows):
        bar = list(("█" * round(observed / top * width)).ljust(width + 1))
        bar[round(predicted / top * width)] = "┃"
        low = 60 + (20 + k * step) / 2
        print(f"  {low:5.0f}-{low + step / 2:<4.0f}{observed:9,.0f} {''.join(bar).rstrip()}")
    print("\n  systematic        events in 81-101 GeV   vs nominal   mean mass [GeV]")
    centers, reference = found["mc"].axes["mass"].centers[42:82], None
    for systematic in sorted(found["mc"].axes["systematic"], key=lambda s: (s != "nominal", s)):
        values = found["mc"][{"systematic": hist.loc(systematic), "dataset": sum, "pt": sum}].values()[42:82]
        reference = reference or values.sum()
        mean = (values * centers).sum() / values.sum()
        print(f"  {systematic:18}{values.sum():17,.1f} {values.sum() / reference:14.4f} {mean:14.3f}")


def main(args):
    if args[0] == "init":
        return run_init(args[1])
    plan = json.loads(args[1])
    if args[0] == "fill":
        return run_fill(plan, int(args[2]), int(args[3]))
    return run_prove(plan)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
