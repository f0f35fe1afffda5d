"""What the tests of the packet server share: packets, and connections that know them."""
import os, re, select, socket, struct, sys, time, zlib

PING, PROBE, ECHO, SAY, BYE = range(5)
HOST, PORT = os.environ.get("packet_host", "127.0.0.1"), int(os.environ["packet_port"])


def packet(command, body=b"", length=None, crc=None):
    length = 8 + len(body) if length is None else length
    return struct.pack("!HHI", length, command, zlib.crc32(body) if crc is None else crc) + body


class Client(socket.socket):
    def __init__(self, room=0):
        super().__init__()
        if room:
            self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.settimeout(20)
        self.connect((HOST, PORT))
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""

    def send_packet(self, *words, **more):
        self.sendall(packet(*words, **more))

    def read(self):
        """The next packet: (command, body); None: the connection has ended."""
        while len(self.bytes) < 8 or len(self.bytes) < struct.unpack("!H", self.bytes[:2])[0]:
            try:
                more = self.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                return None
            self.bytes += more
        length, command, crc = struct.unpack("!HHI", self.bytes[:8])
        body, self.bytes = self.bytes[8:length], self.bytes[length:]
        assert zlib.crc32(body) == crc
        return command, body

    def expect(self, *wanted):
        for it in wanted:
            came = self.read()
            assert came == it, f"should have had {it}, but it was {came}"

    def until_end(self):
        """All that still comes, and the text of the bye."""
        came, bye = [], None
        while (one := self.read()) is not None:
            came.append(one)
            if one[0] == BYE:
                bye = one[1].decode()
        return came, bye

    def quiet(self, seconds):
        """For so long nothing comes but probes; they are not answered."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([self], [], [], left)[0]:
                assert self.read() == (PROBE, b"")

    def is_alive(self):
        self.send_packet(ECHO, b"alive?")
        while (came := self.read()) and came[0] == PROBE:
            pass
        return came == (ECHO, b"alive?")

    def wait_until_read(self):
        """Until the server has read all that we sent."""
        row = ":%04X 0100007F:%04X " % (PORT, self.getsockname()[1])
        within(10, lambda: any(row in line and re.search(r" [0-9A-F]{8}:0{8} ", line)
                               for line in open("/proc/net/tcp")))


def within(seconds, holds):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds} s"
        select.select([], [], [], 0.005)
