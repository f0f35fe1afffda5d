"""Reads answers as strictly as RFC 9112 frames them: what is misread by one byte shows at once.

    c = Connection(port)
    c.send(b"HEAD / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    a = c.read("HEAD")      # None: the connection has ended in good order
    a.status, a.fields, a.body, a.ends
"""
import re, socket

LINE = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [^\r\n]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\r\n\0]*)")


class Wrong(Exception):
    """What came is not an answer, or not in good order."""


class Answer:
    def __init__(self, status, fields):
        self.status, self.fields, self.body, self.ends = status, fields, b"", False

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def one(self, name):
        values = self.all(name)
        if len(values) > 1:
            raise Wrong("%s in %d lines" % (name, len(values)))
        return values[0] if values else None


class Connection:
    def __init__(self, port, host="127.0.0.1", timeout=20):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        got = self.socket.recv(65536)
        self.bytes += got
        return bool(got)

    def line(self):
        while b"\r\n" not in self.bytes:
            if b"\n" in self.bytes:
                raise Wrong("a line that ends in LF alone: %r" % self.bytes[:80])
            if not self.more():
                raise Wrong("the end in the middle of a line: %r" % self.bytes[:80])
        line, self.bytes = self.bytes.split(b"\r\n", 1)
        return line

    def exactly(self, size):
        while len(self.bytes) < size:
            if not self.more():
                raise Wrong("the end, %d bytes too early" % (size - len(self.bytes)))
        taken, self.bytes = self.bytes[:size], self.bytes[size:]
        return taken

    def field_lines(self):
        fields = []
        while (line := self.line()) != b"":
            match = FIELD.fullmatch(line)
            if not match:
                raise Wrong("no field line: %r" % line)
            fields.append(tuple(part.decode("latin-1") for part in match.groups()))
        return fields

    def chunks(self):
        body = b""
        while True:
            line = self.line()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", line):
                raise Wrong("no size of a chunk: %r" % line)
            size = int(line, 16)
            if size == 0:
                return body, self.field_lines()
            body += self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise Wrong("a chunk without its CRLF")

    def rest(self):
        while self.more():
            pass
        taken, self.bytes = self.bytes, b""
        return taken

    def read(self, method="GET"):
        if not self.bytes and not self.more():
            return None
        line = self.line()
        match = LINE.fullmatch(line)
        if not match:
            raise Wrong("no status line: %r" % line[:80])
        a = Answer(int(match[1]), self.field_lines())
        a.ends = "close" in [t.strip().lower() for v in a.all("Connection") for t in v.split(",")]
        length, coding = a.one("Content-Length"), a.one("Transfer-Encoding")
        if length is not None and coding is not None:
            raise Wrong("a length and a coding")
        a.trailers = []
        if method == "HEAD" or a.status in (204, 304) or a.status < 200:
            pass
        elif coding is not None:
            if coding != "chunked":
                raise Wrong("coding %s" % coding)
            a.body, a.trailers = self.chunks()
        elif length is not None:
            a.body = self.exactly(int(length))
        elif a.ends:
            a.body = self.rest()
        else:
            raise Wrong("neither a length nor an end")
        if a.ends and (self.bytes or self.more()):
            raise Wrong("bytes behind the last answer: %r" % self.bytes[:80])
        return a
