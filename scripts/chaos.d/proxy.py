"""A TCP proxy that treats what goes through it badly: cuts, stalls, slows, resets in mid-message, puts rubbish in."""
import random
import socket
import struct
import threading
import time

TCP_REPAIR = 19
UP, DOWN = "to the server", "from the server"


class Trap:
    """Waits until so many bytes have gone in a direction, and then does something to the connection."""

    def __init__(self, direction, after, action, seed=0):
        self.direction, self.left, self.action = direction, after, action
        self.random = random.Random(seed)


class Proxy:
    def __init__(self, upstream):
        self.upstream = upstream
        self.lock = threading.Lock()
        self.pairs = set()
        self.trap = None
        self.sprung = 0
        self.latency, self.bandwidth = 0.0, None
        self.flows = threading.Event()
        self.flows.set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.upstream), timeout=10)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = Pair(self, client, server)
            with self.lock:
                self.pairs.add(pair)
            pair.start()

    def take_trap(self, direction, count):
        """Returns the trap and its place in the buffer if it springs there."""
        with self.lock:
            trap = self.trap
            if not trap or trap.direction != direction:
                return None
            if trap.left >= count:
                trap.left -= count
                return None
            self.trap = None
            self.sprung += 1
            return trap

    def connections(self):
        with self.lock:
            return sorted(self.pairs, key=lambda pair: pair.number)

    def close(self):
        self.flows.set()
        self.listener.close()
        for pair in self.connections():
            pair.end()


class Pair:
    """One connection through the proxy: two sockets, and a thread for each direction."""

    count = 0

    def __init__(self, proxy, client, server):
        Pair.count += 1
        self.number = Pair.count
        self.proxy, self.client, self.server = proxy, client, server

    def start(self):
        for way in ((self.client, self.server, UP), (self.server, self.client, DOWN)):
            threading.Thread(target=self._pump, args=way, daemon=True).start()

    def _pump(self, source, sink, direction):
        try:
            while data := source.recv(65536):
                self._pace(len(data))
                trap = self.proxy.take_trap(direction, len(data))
                if trap:
                    trap.action(self, sink, data, trap)
                else:
                    sink.sendall(data)
        except OSError:
            pass
        self.end()

    def _pace(self, count):
        proxy = self.proxy
        proxy.flows.wait()
        if proxy.latency:
            time.sleep(proxy.latency)
        if proxy.bandwidth:
            time.sleep(count / proxy.bandwidth)

    def end(self):
        """Closes both sides, as an orderly program would."""
        if self._take():
            for side in (self.client, self.server):
                self._try(side.shutdown, socket.SHUT_RDWR)
                side.close()

    def reset(self):
        """Both sides hear a reset instead of an end."""
        self._leave(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def vanish(self):
        """Both sides hear nothing: the connection is half open until one of them asks for an answer."""
        self._leave(socket.IPPROTO_TCP, TCP_REPAIR, 1)

    def _leave(self, *option):
        if not self._take():
            return
        for side in (self.client, self.server):
            # A pump that waits in recv would keep the socket open; this wakes it without notifying the other side.
            self._try(side.shutdown, socket.SHUT_RD)
            self._try(side.setsockopt, *option)
            side.close()

    def _take(self):
        """Whether the caller is the first who ends the connection."""
        with self.proxy.lock:
            mine = self in self.proxy.pairs
            self.proxy.pairs.discard(self)
        return mine

    @staticmethod
    def _try(call, *arguments):
        try:
            call(*arguments)
        except OSError:
            pass


def reset_in_message(pair, sink, data, trap):
    sink.sendall(data[: trap.left])
    pair.reset()


def put_rubbish(pair, sink, data, trap):
    rubbish = trap.random.randbytes(trap.random.randint(1, 64))
    sink.sendall(data[: trap.left] + rubbish + data[trap.left:])


def flip_bits(pair, sink, data, trap):
    changed = bytearray(data)
    for place in range(trap.left, min(len(changed), trap.left + trap.random.randint(1, 4))):
        changed[place] ^= trap.random.randint(1, 255)
    sink.sendall(bytes(changed))
