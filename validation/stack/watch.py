"""Reads what happens from the databases, three times a second, and at the end what became of each request."""
import collections
import datetime
import os
import re
import statistics
import threading
import time
import traceback

import pymysql

from cloud import MARIADB

CELLS = ("nova_cell1", "nova_cell0")
BUILD = "compute__do_build_and_run_instance"
NODES = "select name, provision_state, maintenance, instance_uuid, resource_class from ironic.nodes"
PROVIDERS = """select p.name, r.name, i.reserved,
 (select coalesce(sum(a.used), 0) from placement.allocations a where a.resource_provider_id = p.id)
 from placement.resource_providers p left join placement.inventories i on i.resource_provider_id = p.id
 left join placement.resource_classes r on r.id = i.resource_class_id"""


class Watch:
    def __init__(self):
        self.servers, self.changed, self.going = {}, threading.Condition(), True
        self.nodes, self.providers = collections.defaultdict(list), collections.defaultdict(list)
        self.cursor = self.connect()

    @staticmethod
    def connect():
        return pymysql.connect(host="127.0.0.1", port=MARIADB, user="root", autocommit=True).cursor()

    def ask(self, query, *values):
        self.cursor.execute(query, values)
        return self.cursor.fetchall()

    def state(self, node):
        """A node's provision state and instance, as last seen."""
        _, provision, _, instance, _ = self.nodes[node][-1]
        return provision, instance

    # before a play

    def free(self, nodes):
        rows = self.ask("select p.uuid from placement.inventories i join placement.resource_providers p on p.id = i.resource_provider_id"
                        " where i.reserved = 0 and p.id not in (select resource_provider_id from placement.allocations)")
        return set(nodes) <= {row[0] for row in rows}

    def hypervisors(self, nodes):
        return set(nodes) <= {row[0] for row in self.ask("select hypervisor_hostname from nova_cell1.compute_nodes where deleted = 0")}

    # during it

    def start(self, plays):
        self.plays, self.begun = plays, plays[0].clock.begun
        self.thread = threading.Thread(target=self.follow)
        self.thread.start()

    def follow(self):
        cursor = self.connect()
        while self.going:
            try:
                self.look(cursor)
            except pymysql.MySQLError:
                traceback.print_exc()
            time.sleep(0.33)

    def look(self, cursor):
        changed = False
        for cell in CELLS:
            cursor.execute(f"select uuid, display_name, vm_state, node from {cell}.instances where created_at > from_unixtime({self.begun - 5})")
            for uuid, name, state, node in cursor.fetchall():
                old = self.servers.get(uuid)
                if old is None or (old["state"], old["node"]) != (state, node):
                    self.servers[uuid] = {"uuid": uuid, "name": name, "state": state, "node": node, "seen": time.time()}
                    changed = True
        if changed:
            with self.changed:
                self.changed.notify_all()
        moment = round(time.time() - self.begun, 1)
        for query, kept in ((NODES, self.nodes), (PROVIDERS, self.providers)):
            cursor.execute(query)
            for name, *row in cursor.fetchall():
                row = [int(v) if isinstance(v, (int, float)) or str(v).isdigit() else v for v in row]
                if not kept[name] or kept[name][-1][1:] != row:
                    kept[name].append([moment, *row])

    def named(self, name):
        """A request's servers; several machines have a number behind the name."""
        return [s for s in list(self.servers.values()) if s["name"] == name or s["name"].rsplit("-", 1)[0] == name and s["name"][len(name) + 1:].isdigit()]

    def over(self, name, count, limit):
        """A request's servers, once none of them is being built any more."""
        ends = ("active", "error", "deleted")
        done = lambda: len(self.named(name)) >= count and all(s["state"] in ends for s in self.named(name))
        with self.changed:
            self.changed.wait_for(done, limit)
        return self.named(name) or [{"uuid": "", "state": "unknown", "node": None, "seen": time.time()}]

    def becomes(self, uuid, states, limit):
        with self.changed:
            self.changed.wait_for(lambda: self.servers[uuid]["state"] in states, limit)
        return self.servers[uuid]["state"]

    def stop(self):
        self.going = False
        self.thread.join()

    # after it

    def record(self, play):
        names = {uuid: node for node, uuid in play.practice.uuid.items()}
        requests = {}
        for name, log in sorted(play.requests.items()):
            servers = [self.story(s, names) for s in self.named(f"{play.practice.short}-{name}")]
            requests[name] = log | {"nodes": sorted(s["node"] for s in servers if s["launched"] and s["node"]), "tries": [s["tries"] for s in servers],
                                    "faults": sorted({s["fault"] for s in servers if s["fault"]})}
        return {"requests": requests, "spells": sorted(play.spells, key=lambda s: (s["opened"], s["node"])), "marks": play.marks,
                "nodes": {node: self.nodes[play.practice.full(node)] for node in play.practice.nodes},
                "providers": {node: self.providers[uuid] for node, uuid in play.practice.uuid.items()},
                "clock": self.clock(play)}

    def story(self, server, names):
        """One machine of a request: where it came to run, how often it was tried, what was said when it failed."""
        cell = next(c for c in CELLS if self.ask(f"select 1 from {c}.instances where uuid = %s", server["uuid"]))
        node, launched = self.ask(f"select node, launched_at from {cell}.instances where uuid = %s", server["uuid"])[0]
        events = self.ask(f"select e.host, e.start_time, e.finish_time from {cell}.instance_actions_events e join {cell}.instance_actions a"
                          " on a.id = e.action_id where a.instance_uuid = %s and e.event = %s order by e.id", server["uuid"], BUILD)
        faults = self.ask(f"select message from {cell}.instance_faults where instance_uuid = %s order by id desc limit 1", server["uuid"])
        return {"node": names.get(node), "launched": launched is not None, "tries": len(events),
                "fault": " ".join(word for word in faults[0][0].split() if len(word) < 30)[:90] if faults else None}

    @staticmethod
    def clock(play):
        """Whether the machine kept up: how late requests were sent, how long answers took, how far apart passes began."""
        planned = {r["name"]: r["at"] for load in play.scenario["workload"] for r in load.get("request", [])}
        late = [log["at"] - float(planned[name][:-1]) for name, log in play.requests.items()]
        answers = [log["answered"] - log["at"] for log in play.requests.values() if "answered" in log]
        return {"late_s": round(max(late), 2), "answer_s": [round(statistics.median(answers), 2), round(max(answers), 2)],
                "passes_s": {service: passes(service, play.clock.begun) for service in play.practice.services}}


def passes(service, begun):
    """Least, median and greatest time from pass to pass: each begins by listing the service's nodes."""
    line = re.compile(rf"(\S+ \S+?) \d+ INFO ironic.api .*GET /v1/nodes\?shard={service}&fields")
    starts = []
    with open(os.path.join(os.environ["RIG"], "logs", "ironic.log"), errors="replace") as log:
        for found in filter(None, map(line.match, log)):
            moment = datetime.datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=datetime.timezone.utc).timestamp()
            starts += [moment] if moment > begun else []
    apart = [b - a for a, b in zip(starts, starts[1:])]
    return [round(f(apart), 1) for f in (min, statistics.median, max)] if apart else None
