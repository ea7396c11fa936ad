"""What operators do on a node under each strategy, in the cloud's own terms: flavors, aggregates, marks, boots.

One `Practice` a strategy of the scenario. Each has compute services, nodes, resource classes, traits and tenants of its own, so
that several share a cloud and do not touch."""
import os
import time

from cloud import Refused, boot, flavor, ironic, must, nova, placement, until

HIDDEN, OPERATORS = "CUSTOM_HIDDEN", "CUSTOM_OPS"


def letters(label):
    return "".join(c for c in label if c.isalnum())


# What tells one play's nodes and services from an earlier one's in the same cloud.
PLAY = letters(os.environ.get("PLAY", ""))


class Practice:
    def __init__(self, strategy, groups, log=None, state=None):
        """`log` is told of each mark; `state` answers with a node's provision state and instance."""
        strategy = {"name": strategy} if isinstance(strategy, str) else strategy
        self.name, self.label = strategy["name"], strategy.get("label", strategy["name"])
        self.mechanism = strategy.get("mechanism", "isolated-aggregate")
        self.strategy, self.short, self.log = strategy, letters(self.label) + PLAY, log
        self.state = lambda node: state(self.full(node))
        # node of the scenario -> (class, compute service)
        self.nodes = {f"{g.get('name', g['class'])}-{i + 1}": (g["class"], self.short + letters(g.get("conductor_group", "")))
                      for g in groups for i in range(g["nodes"])}
        self.classes = sorted({c for c, _ in self.nodes.values()})
        self.services = sorted({s for _, s in self.nodes.values()})
        self.uuid, self.aggregates, self.marked = {}, {}, set()

    def hidden(self, mechanism):
        return self.name == "hidden-via-extra-spec" and self.mechanism == mechanism

    def reserved(self, mechanism):
        return self.name == "tenant-reservation" and self.mechanism == mechanism

    def tenant(self, name):
        return f"{self.short}-{name}"

    def full(self, node):
        return f"{self.short}-{node}"

    def resource_class(self, of, hidden=False):
        return f"{self.short}-{of}" + ("-hidden" if hidden else "")

    # what stands before the first request

    def flavors(self, known):
        """The flavors of tenants and of operators."""
        custom = lambda text: "CUSTOM_" + text.replace("-", "_").upper()
        forbids = self.hidden("flavor-spec")
        for each in self.classes:
            name = f"{self.short}-{each}"
            if name in known:
                continue
            plain = custom(self.resource_class(each))
            flavor(name, plain, {f"trait:{HIDDEN}": "forbidden"} if forbids else {})
            specs, of = {}, plain
            if self.hidden("isolated-aggregate") or forbids:
                specs = {f"trait:{HIDDEN}": "required"} if not forbids else {}
            elif self.hidden("resource-class"):
                of = custom(self.resource_class(each, True))
            elif self.reserved("isolated-aggregate"):
                specs = {f"trait:{OPERATORS}": "required"}
            flavor(name + "-op", of, specs)

    def make_aggregates(self, known, tenants):
        wanted = {}
        if self.hidden("isolated-aggregate"):
            wanted["marked"] = {f"trait:{HIDDEN}": "required"}
        elif self.reserved("isolated-aggregate"):
            wanted["marked"] = {f"trait:{OPERATORS}": "required"}
        elif self.reserved("multi-tenancy-filter"):
            wanted["service"] = {"filter_tenant_id": self.tenant("ops")}
        elif self.reserved("tenant-aggregate"):
            wanted["marked"] = {"filter_tenant_id": self.tenant("ops")}
            if self.strategy.get("closed"):
                wanted["tenants"] = {f"filter_tenant_id_{i}": self.tenant(t) for i, t in enumerate(tenants)}
        for which, metadata in wanted.items():
            name = f"{self.short}-{which}"
            if name not in known:
                made = must(nova("POST", "/os-aggregates", {"aggregate": {"name": name}}))["aggregate"]
                must(nova("POST", f"/os-aggregates/{made['id']}/action", {"set_metadata": {"metadata": metadata}}))
                known[name] = must(nova("GET", f"/os-aggregates/{made['id']}"))["aggregate"]
            self.aggregates[which] = known[name]
        if "tenants" in self.aggregates:
            for node in self.nodes:
                self.join(node, "tenants")

    # marks

    def insist(self, what, act, limit=60):
        """Does it again each second while something is in the way (a lock: 409), as an operator's script would."""
        begun = time.time()
        while True:
            status, answer = act()
            self.log(what, status, None if status < 300 else str(answer)[:160])
            if status < 300:
                return
            if time.time() - begun > limit:
                raise Refused(f"{what}: {status}")
            time.sleep(1)

    def join(self, node, which):
        """The node's provider is in this aggregate of ours and no other, or in none."""
        path = f"/resource_providers/{self.uuid[node]}/aggregates"

        def act():
            now = must(placement("GET", path))
            aggregates = [self.aggregates[which]["uuid"]] if which else []
            return placement("PUT", path, {"aggregates": aggregates,
                                           "resource_provider_generation": now["resource_provider_generation"]})
        self.insist(f"aggregate {node} {which}", act)

    def trait(self, node, name, on):
        self.insist(f"trait {node} {on}", lambda: ironic("PUT" if on else "DELETE", f"/nodes/{self.full(node)}/traits/{name}"))

    def flag(self, node, on):
        path = f"/nodes/{self.full(node)}/maintenance"
        self.insist(f"flag {node} {on}", lambda: ironic("PUT", path, {"reason": "work"}) if on else ironic("DELETE", path))

    def reclass(self, node, hidden, end):
        until("free", lambda: self.free(node), end - time.time() if hidden else 300)
        value = self.resource_class(self.nodes[node][0], hidden)
        patch = [{"op": "replace", "path": "/resource_class", "value": value}]
        self.insist(f"class {node} {hidden}", lambda: ironic("PATCH", f"/nodes/{self.full(node)}", patch))

    def move_service(self, node, on):
        """AggregateMultiTenancyIsolation sees compute services: the first of its nodes moves it, the last one brings it back."""
        service = self.nodes[node][1]
        others = {n for n in self.marked if self.nodes[n][1] == service and n != node}
        if not others:
            path = f"/os-aggregates/{self.aggregates['service']['id']}/action"
            self.insist(f"service {service} {on}", lambda: nova("POST", path, {"add_host" if on else "remove_host": {"host": service}}))

    def mark(self, node, on, end):
        """The steps on entry (`on`) or on return; `end` is when the spell ends, after which no entry is waited for."""
        if self.name == "withdraw":
            self.flag(node, on)
        elif self.hidden("isolated-aggregate"):
            self.join(node, "marked" if on else None)
            self.trait(node, HIDDEN, on)
        elif self.hidden("flavor-spec"):
            self.trait(node, HIDDEN, on)
        elif self.hidden("resource-class"):
            self.reclass(node, on, end)
        elif self.reserved("isolated-aggregate"):
            self.join(node, "marked" if on else None)
            self.trait(node, OPERATORS, on)
        elif self.reserved("tenant-aggregate"):
            self.join(node, "marked" if on else ("tenants" if "tenants" in self.aggregates else None))
        elif self.reserved("multi-tenancy-filter"):
            self.move_service(node, on)
        (self.marked.add if on else self.marked.discard)(node)

    # boots

    def free(self, node):
        return self.state(node) == ("available", None)

    def boot_on(self, node, name):
        """An operator's boot that names its machine."""
        operators = self.name == "tenant-reservation"
        plain = self.name in ("naive", "withdraw")
        which = f"{self.short}-{self.nodes[node][0]}" + ("" if plain else "-op")
        naming = {"hypervisor_hostname": self.uuid[node]}
        if self.strategy.get("naming") == "forced":
            naming = {"availability_zone": f"nova::{self.uuid[node]}"}
        return boot(name, which, self.tenant("ops") if operators else "admin", admin=True, **naming)
