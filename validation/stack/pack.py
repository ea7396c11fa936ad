"""pack.py OUT.json.gz SCENARIO.toml RECORD.json...: packs what was recorded of one scenario, strategy by strategy, to what is compared.

Of a request: what became of it, where it ran, how often each machine was tried, what Nova said last. Of a spell: when the mark
was on, when the operators' image ran, how many boots it took."""
import gzip
import json
import sys

# What Nova says, by the cause that the simulator gives.
WORDS = (("No valid host", "no-valid-host"), ("Exceeded max", "retries"), ("not available", "driver"), ("Exhausted all hosts", "exhausted"))


def said(fault):
    return next((word for text, word in WORDS if text in fault), fault[:60])


def request(log):
    row = {"at": log["at"], "outcome": "accepted" if log["nodes"] else "refused", "nodes": log["nodes"], "tries": log["tries"]}
    if log["faults"]:
        row["said"] = sorted({said(f) for f in log["faults"]})
    if "rescue" in log:
        row["rescue"] = log["rescue"]
    if "over" in log:
        row["over"] = log["over"]
    return row


def spell(log):
    kept = ("node", "opened", "marked", "evicted", "done", "closed")
    ran = next((b for b in log["boots"] if b.get("outcome") == "active"), {})
    return {k: log[k] for k in kept if k in log} | {"boots": len(log["boots"]), "ran": ran.get("over"),
                                                    "first": log["boots"][0]["at"] if log["boots"] else None}


def main(out, scenario, *paths):
    strategies = {}
    for path in paths:
        with open(path) as file:
            for label, it in json.load(file)["strategies"].items():
                strategies[label] = {"requests": {n: request(r) for n, r in it["requests"].items()},
                                     "spells": [spell(s) for s in it["spells"]], "clock": it["clock"]}
    with open(scenario) as file:
        text = file.read()
    whole = json.dumps({"scenario": text, "strategies": strategies}, separators=(",", ":")).encode()
    with open(out, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(whole)
    print(out, len(strategies), "strategies")


if __name__ == "__main__":
    main(*sys.argv[1:])
