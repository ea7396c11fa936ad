"""draw.py KIND SEED OUT.toml: draws a time table of requests and spells on ten nodes, and keeps a hundred requests of which the
simulator gives the same account whatever the phase of the loop and some seconds more or less of deploying and cleaning.

What a cloud answers to such a table hangs on the rules alone, so that it can be held against the simulator request by request."""
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

LENGTH, LOOP, KEPT = 560, 20, 100
HIDDEN, TENANT = "hidden-via-extra-spec", "tenant-reservation"
KINDS = {
    "marks": {
        "strategies": [
            {"name": "withdraw", "out_of_band": "1s"},
            {"name": HIDDEN, "label": "hidden-class", "mechanism": "resource-class"},
            {"name": "naive"}, {"name": HIDDEN, "label": "hidden-aggregate"}],
        "groups": [("metal", "metal", 6, None), ("gpu", "gpu", 4, None)],
        "drain": "tenant-leaves", "errands": 0},
    "services": {
        "strategies": [
            {"name": TENANT, "label": "tenant-service", "mechanism": "multi-tenancy-filter"},
            {"name": HIDDEN, "label": "hidden-forced", "naming": "forced"},
            {"name": HIDDEN, "label": "hidden-flavor", "mechanism": "flavor-spec", "form": "trait"},
            {"name": TENANT, "label": "tenant-trait"}],
        "groups": [("metal", "north", 3, "a"), ("gpu", "northgpu", 2, "a"), ("metal", "south", 3, "b"), ("gpu", "southgpu", 2, "b")],
        "drain": {"deadline": "25s"}, "errands": 1},
    "tenants": {
        "strategies": [
            {"name": "withdraw", "label": "withdraw-expose", "route": "expose"},
            {"name": TENANT, "label": "tenant-closed", "mechanism": "tenant-aggregate", "closed": True},
            {"name": HIDDEN, "label": "hidden-class-boots", "mechanism": "resource-class"},
            {"name": TENANT, "label": "tenant-open", "mechanism": "tenant-aggregate"}],
        "groups": [("metal", "metal", 6, None), ("gpu", "gpu", 4, None)],
        "drain": {"deadline": "25s"}, "errands": 1},
}
VARIANTS = [(14, 22, 1), (18, 26, 2), (16, 23, 3), (15, 25, 4)]


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


def draw(kind, rng):
    names = [f"{name}-{i + 1}" for _, name, nodes, _ in kind["groups"] for i in range(nodes)]
    spells = []
    for node in names:
        begin = rng.randint(20, LENGTH // 2)
        while begin < LENGTH - 100:
            end = begin + rng.randint(80, 150)
            spells.append({"node": node, "start": f"{begin}s", "end": f"{min(end, LENGTH - 20)}s"})
            begin = end + rng.randint(90, 200)
    requests, at = [], 4
    while at < LENGTH - 50:
        each = {"at": f"{at}s", "name": f"r{len(requests):03}", "tenant": rng.choice(["t1", "t2", "t3"]),
                "class": "gpu" if rng.random() < 0.35 else "metal", "hold": f"{rng.choice([10, 15, 25, 40, 60])}s"}
        if rng.random() < 0.15:
            each["count"] = rng.choice([2, 2, 3])
        requests.append(each)
        at += rng.choice([1, 2, 3, 3, 4])
    return spells, requests


def scenario(name, kind, spells, requests):
    lines = ["[scenario]", f'name = "{name}"', f'horizon = "{LENGTH + 60}s"', "replications = 1", "strategies = ["]
    lines += [f"  {toml(s)}," for s in kind["strategies"]] + ["]"]
    for of, prefix, nodes, group in kind["groups"]:
        lines += ["[[fleet.group]]", f'class = "{of}"', f'name = "{prefix}"', f"nodes = {nodes}"]
        lines += [f'conductor_group = "{group}"'] if group else []
    lines += ["[control_plane]", f'loop = {{ period = "{LOOP}s", per_node = "700ms" }}', 'pick = "lowest"',
              "[ironic]", 'deploy = "16s"', 'cleaning = "24s"', 'rescue = "3s"', "build_failure = 0", "clean_failure = 0", "agent = false",
              "[operators]", 'action = "300ms"', "slip = 0", "slip_flag = 0", 'retry = "5s"',
              "[maintenance]", f"drain = {toml(kind['drain'])}", f"errands = {{ counts = {kind['errands']}, duration = \"15s\" }}"]
    for spell in spells:
        lines += ["[[maintenance.spell]]", *[f"{k} = {toml(v)}" for k, v in spell.items()]]
    # Every eighth request is of tenants that rescue their instances once.
    for rescued in (False, True):
        lines += ["[[workload]]"] + (['rescue = { share = 1.0, length = "5s" }'] if rescued else [])
        for each in requests:
            if (int(each["name"][1:]) % 8 == 7 and each.get("count", 1) == 1) == rescued:
                lines += ["[[workload.request]]", *[f"{k} = {toml(v)}" for k, v in each.items()]]
    return "\n".join(lines) + "\n"


def accounts(text, labels, folder):
    """What the simulator says of each request: a set of accounts, one for each variant that differs."""
    path, out = os.path.join(folder, "try.toml"), os.path.join(folder, "out")
    with open(path, "w") as file:
        file.write(text)
    said = {}
    for deploy, clean, seed in VARIANTS:
        shutil.rmtree(out, ignore_errors=True)
        subprocess.run([os.environ.get("SICKBAY", "sickbay"), "run", path, "--out", out, "-q", "--seed", str(seed), "--set", f'ironic.deploy="{deploy}s"',
                        "--set", f'ironic.cleaning="{clean}s"'], check=True, capture_output=True)
        for label in labels:
            with open(os.path.join(out, label, "requests.csv")) as file:
                for row in csv.DictReader(line for line in file if not line.startswith("#")):
                    said.setdefault(row["request"], {}).setdefault(label, set()).add((row["outcome"], row["nodes"]))
    return said


def main(which, seed, out):
    kind, rng = KINDS[which], random.Random(int(seed))
    spells, requests = draw(kind, rng)
    labels = [s.get("label", s["name"]) for s in kind["strategies"]]
    with tempfile.TemporaryDirectory() as folder:
        while True:
            said = accounts(scenario(which, kind, spells, requests), labels, folder)
            unsure = [r for r in requests if any(len(s) > 1 for s in said[r["name"]].values())]
            print(len(requests), "requests,", len(unsure), "unsure", file=sys.stderr)
            if not unsure or len(requests) <= KEPT:
                break
            drop = {r["name"] for r in unsure[:min(max(1, len(unsure) // 3), len(requests) - KEPT)]}
            requests = [r for r in requests if r["name"] not in drop]
    with open(out, "w") as file:
        file.write(scenario(which, kind, spells, requests[:KEPT]))
    print(len(requests), "requests,", len(spells), "spells", {l: sum(("accepted" in next(iter(s[l]))) for s in said.values()) for l in labels})


if __name__ == "__main__":
    main(*sys.argv[1:])
