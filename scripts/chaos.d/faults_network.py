"""What happens to the connections, through a proxy between the program and one of the servers."""
import time

import proxy
from contents import read_contents
from fault import Fault
from proxy import DOWN, UP, Proxy, Trap


class Network(Fault):
    """Leads one side's connections, by turns, through a proxy."""

    strikes = (1, 3)

    def before(self):
        self.side = self.random.choice(["target", "source"])
        if self.side == "target":
            self.proxy = Proxy(self.trial.surrounding.port("target"))
            self.trial.target_port = self.proxy.port
        else:
            self.proxy = Proxy(self.world.mongo.port if self.plan.setting == "MONGODB_URL" else self.trial.surrounding.port("source"))
            self.trial.source_port = self.proxy.port
        self.trial.notes.append(f"at the {self.side}")

    def one_or_all(self):
        pairs = self.proxy.connections()
        return [self.random.choice(pairs)] if pairs and self.random.random() < 0.5 else pairs

    def close(self):
        if hasattr(self, "proxy"):
            self.proxy.close()


class Cut(Network):
    name, what = "net-cut", "connections are closed"

    def strike(self, program):
        pairs = self.one_or_all()
        for pair in pairs:
            pair.end()
        return bool(pairs)


class Reset(Network):
    name, what = "net-reset", "a connection is reset in the middle of a message"
    action = staticmethod(proxy.reset_in_message)
    strikes = (2, 4)

    def strike(self, program):
        direction = self.random.choice([UP, DOWN])
        most = self.random.choice([10, 300, 20_000])
        sprung = self.proxy.sprung
        self.proxy.trap = Trap(direction, self.random.randrange(most), self.action, self.random.random())
        end = time.monotonic() + 1
        while program.is_at_work() and self.proxy.sprung == sprung and time.monotonic() < end:
            time.sleep(0.004)
        self.proxy.trap = None
        return self.proxy.sprung > sprung


class Stall(Network):
    name, what = "net-stall", "nothing goes through for some seconds"

    def strike(self, program):
        self.proxy.flows.clear()
        time.sleep(self.random.uniform(0.5, 5))
        self.proxy.flows.set()
        return True


class Slow(Network):
    name, what = "net-slow", "the network becomes slow: latency, little bandwidth"
    is_slow = True
    strikes = (1, 1)
    patience = 60

    def strike(self, program):
        self.proxy.latency = self.random.uniform(0.001, 0.015)
        self.proxy.bandwidth = self.random.uniform(300_000, 3_000_000)
        return True


class HalfOpen(Network):
    name, what = "net-half-open", "connections are lost without a word: each side waits for the other"
    is_slow = True
    strikes = (1, 1)
    # Only the kernel's probes find that the peer is gone: after 30 s, and 60 s at most.
    patience = 120

    def strike(self, program):
        pairs = self.one_or_all()
        for pair in pairs:
            pair.vanish()
        return bool(pairs)


class Rubbish(Reset):
    name, what = "net-garbage", "rubbish comes in the middle of a stream"
    is_slow = True
    action = staticmethod(proxy.put_rubbish)
    # A stream that makes no sense may leave both sides waiting for the rest of a message that never was one: that is found
    # out after some 26 s each time, and where MongoDB waits, when the time for a chunk is up.
    patience = 120

    def environment(self):
        return {"MIGRATION_TIMEOUT": "20000"}


class Flipped(Rubbish):
    """Only TLS keeps bytes as they are on the way. Without it, what arrives otherwise must be found afterwards."""

    name, what = "net-flipped", "single bytes come as others, which no protocol notices (there is no TLS)"
    action = staticmethod(proxy.flip_bits)

    def judge(self):
        trial = self.trial
        difference = read_contents(trial.target_url()).compare(self.plan.expected)
        if difference:
            trial.hold_told(difference)
            trial.note(["run --fresh"], trial.anew())
        trial.hold_equal()


ALL = [Cut, Reset, Stall, Slow, HalfOpen, Rubbish, Flipped]
