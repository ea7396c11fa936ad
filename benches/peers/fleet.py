"""W1 and W2 in SimPy, by callbacks (its fastest way): python fleet.py w1|w2 NODES HOURS; says requests, refusals, CPU ns."""

import random
import sys
import time
from collections import OrderedDict, deque

import simpy

HOUR = 3_600_000
HOLD, MTBF, REPAIR = 24 * HOUR, 720 * HOUR, 8 * HOUR
FREE, HELD, DRAINING, AWAY = range(4)


class Fleet:
    def __init__(self, env, nodes, classes, faults):
        self.env, self.classes, self.gap = env, classes, HOLD / (0.95 * nodes)
        self.draw = random.Random(1)
        self.state = [FREE] * nodes
        # The free nodes of a class, the longest free first.
        self.free = [OrderedDict() for _ in range(classes)]
        for node in range(nodes):
            self.free[node % classes][node] = None
        self.technicians, self.waiting = -(-nodes // 60), deque()
        self.asked = self.refused = 0
        self.after(self.gap, self.arrives, None)
        if faults:
            for node in range(nodes):
                self.after(MTBF, self.breaks, node)

    def after(self, mean, happens, node):
        delay = round(self.draw.expovariate(1.0) * mean)
        self.env.timeout(delay, node).callbacks.append(happens)

    def arrives(self, _):
        self.asked += 1
        free = self.free[int(self.draw.random() * self.classes)]
        if free:
            node, _ = free.popitem(last=False)
            self.state[node] = HELD
            self.after(HOLD, self.leaves, node)
        else:
            self.refused += 1
        self.after(self.gap, self.arrives, None)

    def put(self, node):
        self.state[node] = FREE
        self.free[node % self.classes][node] = None

    def leaves(self, event):
        node = event.value
        if self.state[node] == HELD:
            self.put(node)
        else:
            self.goes(node)

    def breaks(self, event):
        node = event.value
        if self.state[node] == HELD:
            self.state[node] = DRAINING
        else:
            del self.free[node % self.classes][node]
            self.goes(node)

    def goes(self, node):
        self.state[node] = AWAY
        self.waiting.append(node)
        self.repair()

    def repair(self):
        if self.technicians and self.waiting:
            self.technicians -= 1
            self.after(REPAIR, self.repaired, self.waiting.popleft())

    def repaired(self, event):
        self.technicians += 1
        self.put(event.value)
        self.after(MTBF, self.breaks, event.value)
        self.repair()


def main():
    workload, nodes, hours = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    begun = time.process_time_ns()
    env = simpy.Environment()
    fleet = Fleet(env, nodes, 8 if workload == "w2" else 1, workload == "w2")
    env.run(until=hours * HOUR)
    print(fleet.asked, fleet.refused, time.process_time_ns() - begun)


if __name__ == "__main__":
    main()
