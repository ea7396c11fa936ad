#!/usr/bin/env python3
"""Computes figures of a results folder anew, from the logs of replication 0 and from metrics.csv alone.

Usage: check.py FOLDER [PRICE=AMOUNT ...]

It shares no code with the program. From `requests.csv`, `windows.csv`, `errands.csv` and `timeline.csv` of every
strategy it computes

- acceptance, in all and by class, of people's requests since the warm-up,
- the end of every campaign,
- with prices, the parts of the cost of which the logs hold the quantity, and from metrics.csv their sum,

and holds them against the values that metrics.csv has of replication 0. From metrics.csv it computes the mean of these
metrics over all replications and holds it against summary.json. It prints a line for each figure and ends with 1 where
one differs.
"""

import csv
import json
import math
import sys
from collections import defaultdict
from pathlib import Path

HOUR = 3600.0
MONTH = 365.25 * 24 / 12  # hours


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def span(text, horizon):
    """A time of the log; the horizon where it has not come."""
    return float(text) if text else horizon


def acceptance(requests, warm_up, of):
    people = [r for r in requests if r["kind"] == "people" and float(r["arrival_s"]) >= warm_up]
    tally = defaultdict(lambda: [0, 0])
    for r in people:
        if r["outcome"] in ("accepted", "refused"):
            tally[r[of] if of else ""][r["outcome"] == "accepted"] += 1
    return {name: n[1] / sum(n) for name, n in tally.items()}


def campaign_ends(windows, horizon):
    """When the last window of each campaign closed; the horizon where one is open."""
    ends = {}
    for w in windows:
        if w["campaign"]:
            ends[w["campaign"]] = max(ends.get(w["campaign"], 0.0), span(w["closed_s"], horizon))
    return {name: end / HOUR for name, end in ends.items()}


def node_hours(timeline, column, warm_up, horizon):
    """A column of averages over the bins, each from its time to the next, without the warm-up."""
    sum_of = 0.0
    for row, after in zip(timeline, timeline[1:] + [None]):
        begin, end = float(row["at_s"]), float(after["at_s"]) if after else horizon
        share = max(0.0, end - max(begin, warm_up)) / (end - begin) if end > begin else 0.0
        sum_of += float(row[column]) * (end - begin) * share / HOUR
    return sum_of


def quantities(folder, warm_up, horizon):
    """What the logs say of priced things: by price, the quantity and how exact the log is."""
    requests, errands = rows(folder / "requests.csv"), rows(folder / "errands.csv")
    timeline = rows(folder / "timeline.csv")
    refused = sum(
        1
        for r in requests
        if r["kind"] == "people" and float(r["arrival_s"]) >= warm_up and r["outcome"] == "refused"
    )
    waits = 0.0
    for e in errands:
        if float(e["needed_s"]) >= warm_up:
            until = span(e["running_s"] or e["ended_s"], horizon)
            waits += until - float(e["needed_s"])
    return {
        "refused_request": (refused, 1e-9),
        "errand_wait_hour": (waits / HOUR, 1e-6),
        # A bin that the warm-up cuts is taken in part: its average is not that of the part.
        "stranded_node_hour": (node_hours(timeline, "stranded", warm_up, horizon), 5e-3),
        "node_month": (node_hours(timeline, "installed", warm_up, horizon) / MONTH, 1e-5),
    }


class Report:
    def __init__(self):
        self.wrong = 0

    def held(self, what, ours, theirs, tolerance):
        near = math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=max(tolerance, 1e-6))
        self.wrong += not near
        print(f"{'ok   ' if near else 'WRONG'} {what}: {ours:.6f} here, {theirs:.6f} there")


def main(folder, prices):
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    horizon, warm_up = float(summary["horizon_s"]), float(summary["warm_up"]["cut_s"])
    values = defaultdict(dict)
    for row in rows(folder / "metrics.csv"):
        values[row["strategy"], row["metric"]][int(row["replication"])] = float(row["value"])
    report = Report()
    for label, strategy in summary["strategies"].items():
        logs = folder / strategy["folder"]
        requests = rows(logs / "requests.csv")

        def first(metric):
            return values[label, metric].get(0)

        found = {"acceptance": acceptance(requests, warm_up, None).get("")}
        for name, share in acceptance(requests, warm_up, "class").items():
            found[f"acceptance{{class={name}}}"] = share
        for name, end in campaign_ends(rows(logs / "windows.csv"), horizon).items():
            # Nodes that are still in line have no window: the program says how many.
            left = first(f"campaign_nodes_left{{campaign={name}}}")
            found[f"campaign_end{{campaign={name}}}"] = horizon / HOUR if left else end
        for metric, ours in found.items():
            if ours is not None and first(metric) is not None:
                report.held(f"{label}: {metric}", ours, first(metric), 1e-6)
        for price, (quantity, exact) in quantities(logs, warm_up, horizon).items():
            metric = f"cost{{part={price}}}"
            if price in prices and first(metric) is not None:
                report.held(f"{label}: {metric}", prices[price] * quantity, first(metric), exact)
        metrics = list(found)
        if prices:
            parts = [f"cost{{part={price}}}" for price in prices]
            if all(first(part) is not None for part in parts):
                report.held(f"{label}: cost", sum(first(part) for part in parts), first("cost"), 1e-6)
            metrics += ["cost"]
        for metric in metrics:
            own = list(values[label, metric].values())
            if own and metric in strategy["metrics"]:
                mean = math.fsum(own) / len(own)
                report.held(f"{label}: mean {metric}", mean, float(strategy["metrics"][metric]["mean"]), 1e-5)
    print(f"{report.wrong} differ")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    given = dict(word.split("=", 1) for word in sys.argv[2:])
    sys.exit(main(Path(sys.argv[1]), {price: float(amount) for price, amount in given.items()}))
