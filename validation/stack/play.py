"""play.py SCENARIO.toml OUT.json LABEL...: plays a scenario's requests and spells on the running cloud, by the clock on the wall,
under the strategies of these labels side by side, and writes down what became of each."""
import json
import random
import sys
import threading
import time
import tomllib
import uuid

from cloud import IMAGE, Refused, boot, ironic, must, nova, placement, until
from practice import HIDDEN, OPERATORS, Practice
from watch import Watch

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def seconds(text):
    digits = text.rstrip("mhs")
    return float(digits) * UNITS[text[len(digits):]]


class Play:
    """One strategy's course through the scenario."""

    def __init__(self, scenario, strategy, clock, watch):
        self.scenario, self.clock, self.watch = scenario, clock, watch
        self.requests, self.spells, self.marks = {}, [], []
        self.practice = Practice(strategy, scenario["fleet"]["group"], lambda *what: self.marks.append([self.now(), *what]),
                                 watch.state)

    def now(self):
        return round(time.time() - self.clock.begun, 2)

    def at(self, moment):
        time.sleep(max(0, moment - self.now()))

    def request(self, each, rescue):
        """A tenant: asks, holds, perhaps rescues its instance, deletes."""
        self.at(seconds(each["at"]))
        p, sent = self.practice, self.now()
        wanted = each.get("count", 1)
        log = self.requests[each["name"]] = {"at": sent}
        name = f"{p.short}-{each['name']}"
        status, answer = boot(name, f"{p.short}-{each['class']}", p.tenant(each.get("tenant", "tenant")), count=wanted)
        log |= {"http": status, "answered": self.now()}
        if status != 202:
            return
        built = self.watch.over(name, wanted, 240)
        log["over"] = self.now()
        active = [s for s in built if s["state"] == "active"]
        log["active"] = len(active)
        if active and rescue:
            log["rescue"] = self.rescue(active[0]["uuid"], each, rescue)
        if active:
            self.at(max(s["seen"] for s in active) - self.clock.begun + seconds(each["hold"]))
        for server in built:
            nova("DELETE", f"/servers/{server['uuid']}")

    def rescue(self, server, each, rescue):
        """Into the rescue image and back; an instance that falls into ERROR is rebooted by its tenant."""
        self.at(self.now() + seconds(each["hold"]) * random.Random(each["name"]).random())
        status, _ = nova("POST", f"/servers/{server}/action", {"rescue": {"rescue_image_ref": IMAGE}})
        if status >= 300:
            return f"http {status}"
        state = self.watch.becomes(server, ("rescued", "error"), 60)
        if state == "rescued":
            self.at(self.now() + seconds(rescue["length"]))
            nova("POST", f"/servers/{server}/action", {"unrescue": None})
            return "rescued, then " + str(self.watch.becomes(server, ("active", "error"), 60))
        nova("POST", f"/servers/{server}/action", {"reboot": {"type": "HARD"}})
        return f"{state}, after a reboot {self.watch.becomes(server, ('active',), 60)}"

    def spell(self, each):
        """Operators: mark the node, drain it, boot on it, let it go."""
        node, p = each["node"], self.practice
        begin, end = seconds(each["start"]), seconds(each["end"])
        self.at(begin)
        log = {"node": node, "opened": self.now(), "boots": []}
        self.spells.append(log)
        marking = threading.Thread(target=self.enter, args=(node, end, log))
        marking.start()
        drain = self.scenario["maintenance"].get("drain")
        if isinstance(drain, dict):
            threading.Thread(target=self.evict, args=(node, begin + seconds(drain["deadline"]), end, log)).start()
        errands = self.scenario["maintenance"].get("errands", {})
        if errands.get("counts") and not (p.name == "withdraw" and p.strategy.get("route") != "expose"):
            self.errand(node, end, log, seconds(errands["duration"]))
        self.at(end)
        marking.join()
        log["closed"] = self.now()
        if log.get("marked") is not None and not log.get("lifted"):
            p.mark(node, False, 0)
        log["returned"] = self.now()

    def enter(self, node, end, log):
        try:
            self.practice.mark(node, True, self.clock.begun + end)
            log["marked"] = self.now()
        except (TimeoutError, Refused) as why:
            log["unmarked"] = str(why)[:120]

    def evict(self, node, deadline, end, log):
        """The drain's deadline has come: the operators delete whose instance is still there."""
        self.at(deadline)
        if self.now() < end and not log["boots"] and (instance := self.practice.state(node)[1]):
            log["evicted"] = self.now()
            nova("DELETE", f"/servers/{instance}")

    def errand(self, node, end, log, length):
        """One image, booted by name until it has run."""
        p, retry = self.practice, seconds(self.scenario["operators"]["retry"])
        while self.now() < end:
            if not p.free(node) or "marked" not in log:
                time.sleep(0.3)
                continue
            if p.name == "withdraw" and not log.get("lifted"):
                p.flag(node, False)
                log["lifted"] = self.now()
            name = f"{p.short}-errand-{node}-{int(log['opened'])}-{len(log['boots'])}"
            tried = {"at": self.now()}
            log["boots"].append(tried)
            status, answer = p.boot_on(node, name)
            tried["http"] = status
            if status == 202:
                server = self.watch.over(name, 1, 120)[0]
                tried |= {"outcome": server["state"], "over": self.now()}
                if server["state"] == "active":
                    self.at(min(end, self.now() + length))
                    nova("DELETE", f"/servers/{server['uuid']}")
                    log["done"] = self.now()
                    self.back_under_flag(node, end, log)
                    return
                nova("DELETE", f"/servers/{server['uuid']}")
            self.at(self.now() + retry)

    def back_under_flag(self, node, end, log):
        """Exposed for the errand, the node is flagged again when it is clean."""
        if not log.get("lifted"):
            return
        while self.now() < end:
            if self.practice.free(node):
                self.practice.flag(node, True)
                log["lifted"] = None
                return
            time.sleep(0.3)

    def threads(self):
        for load in self.scenario["workload"]:
            for each in load.get("request", []):
                yield threading.Thread(target=self.request, args=(each, load.get("rescue")))
        for each in self.scenario["maintenance"].get("spell", []):
            yield threading.Thread(target=self.spell, args=(each,))


class Clock:
    begun = 0.0


def enroll(practices):
    """Ironic's nodes, all free in the end, with their compute services' shards."""
    every = [(p, n) for p in practices for n in p.nodes]
    known = {n["name"]: n["uuid"] for n in must(ironic("GET", "/nodes?limit=1000"))["nodes"]}
    new = [(p, n) for p, n in every if p.full(n) not in known]
    for p, n in new:
        of, service = p.nodes[n]
        # Names in order of the scenario's nodes are uuids in order: the weigher of stack/lowest.py takes the lowest.
        number = list(p.nodes).index(n) + 1
        made = must(ironic("POST", "/nodes", {
            "name": p.full(n), "uuid": f"{uuid.uuid4().hex[:8]}-0000-4000-8000-{number:012x}", "shard": service,
            "driver": "fake-hardware", "resource_class": p.resource_class(of), "properties": {"cpu_arch": "x86_64"}}))
        known[made["name"]] = made["uuid"]
    for p, n in every:
        p.uuid[n] = known[p.full(n)]

    def bring(nodes, act, key, value):
        for p, n in nodes:
            must(act(p.full(n)))
        names = {p.full(n) for p, n in nodes}
        until(value, lambda: all(x[key] == value for x in must(ironic("GET", "/nodes?limit=1000"))["nodes"] if x["name"] in names), 180)
    if new:
        provision = lambda target: lambda n: ironic("PUT", f"/nodes/{n}/states/provision", {"target": target})
        bring(new, provision("manage"), "provision_state", "manageable")
        # Without a known power state Nova reserves the node.
        bring(new, lambda n: ironic("PUT", f"/nodes/{n}/states/power", {"target": "power off"}), "power_state", "power off")
        bring(new, provision("provide"), "provision_state", "available")


def prepare(practices, scenario, watch):
    enroll(practices)
    for name in (HIDDEN, OPERATORS):
        must(placement("PUT", f"/traits/{name}"))
    flavors = {f["id"] for f in must(nova("GET", "/flavors"))["flavors"]}
    nodes = [uuid for p in practices for uuid in p.uuid.values()]
    until("every node is free in Placement", lambda: watch.free(nodes), 240)
    until("every node is a hypervisor", lambda: watch.hypervisors(nodes), 120)
    aggregates = {a["name"]: a for a in must(nova("GET", "/os-aggregates"))["aggregates"]}
    tenants = sorted({r.get("tenant", "tenant") for load in scenario["workload"] for r in load.get("request", [])})
    for p in practices:
        p.flavors(flavors)
        p.make_aggregates(aggregates, tenants)


def main(path, out, labels):
    with open(path, "rb") as file:
        scenario = tomllib.load(file)
    clock, watch = Clock(), Watch()
    plays = [Play(scenario, s, clock, watch) for s in scenario["scenario"]["strategies"]]
    plays = [p for p in plays if not labels or p.practice.label in labels]
    clock.begun = time.time()
    prepare([p.practice for p in plays], scenario, watch)
    clock.begun = time.time() + 2
    watch.start(plays)
    threads = [t for p in plays for t in p.threads()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch.stop()
    record = {p.practice.label: watch.record(p) for p in plays}
    with open(out, "w") as file:
        json.dump({"scenario": scenario["scenario"]["name"], "begun": clock.begun, "strategies": record}, file, indent=1)
    for label, it in record.items():
        print(f"{label}: {sum(bool(r['nodes']) for r in it['requests'].values())} of {len(it['requests'])} requests served, "
              f"latest {it['clock']['late_s']:.2f} s late, passes {it['clock']['passes_s']}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
