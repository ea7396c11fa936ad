"""pairs.py SCENARIO.toml: how a scenario is played, two strategies at a time. A line for each pair: whether the scheduler confines
tenants to their aggregates, the pick among equals, the period of the loop, labels, compute services; parted by `|`."""
import sys
import tomllib

from practice import Practice


def main(path):
    with open(path, "rb") as file:
        scenario = tomllib.load(file)
    practices = [Practice(s, scenario["fleet"]["group"]) for s in scenario["scenario"]["strategies"]]
    confines = any(p.reserved("tenant-aggregate") for p in practices)
    plane = scenario["control_plane"]
    for first in range(0, len(practices), 2):
        pair = practices[first:first + 2]
        print(str(confines).lower(), plane.get("pick", "random"), plane["loop"]["period"].rstrip("s"), " ".join(p.label for p in pair),
              " ".join(s for p in pair for s in p.services), sep="|")


if __name__ == "__main__":
    main(sys.argv[1])
