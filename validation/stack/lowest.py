"""A weigher for Nova's scheduler: equals are told apart by their uuid's end, lowest first, as `pick = "lowest"` has it."""
from nova.scheduler import weights


class LowestUuid(weights.BaseHostWeigher):
    def _weigh_object(self, host_state, request_spec):
        return -float(int(host_state.nodename[-6:], 16))
