"""One call of the server fails, for each kind of request, each call, and each time that it is called.

    failing.py PORT PID FOLDER [CALL ...]

FOLDER/order is the file that failing.c shares with the server, FOLDER/socket another address of it, and
FOLDER/kinds has a request a paragraph. The first line of a paragraph: its name, the status without a failure, and words that say what else holds:

    close     the answer is the last one: no second request follows
    unix      it goes to FOLDER/socket
    plain     the body may come as it is, without Content-Encoding

The lines behind it are the request, without Host and the empty line; "body N" adds a body of N bytes.

An answer is right (the same head and body as without a failure), or it says that the server has failed
(500, 503), or the connection ends in such a way that the client can tell that it is short. After that the next client is
served, and nothing is left over: no descriptor, no slot, no pool.

FAILING_ALL=1: every kind of failure, and one that lasts, too.
"""
import errno, json, mmap, os, socket, struct, sys, time

PORT, PID, FOLDER = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
ORDER = mmap.mmap(os.open(FOLDER + "/order", os.O_RDWR), 4096)
ALL = os.environ.get("FAILING_ALL") == "1"
DEADLINE = float(os.environ.get("FAILING_DEADLINE", "20"))

ERRORS = {  # the one that is always tried comes first; "short": one byte
    "malloc": ["ENOMEM"],
    "accept4": ["EMFILE", "ECONNABORTED", "ENOMEM", "EINTR"],
    "epoll_ctl": ["ENOMEM", "ENOSPC"],
    "setsockopt": ["ENOBUFS"],
    "getsockname": ["ENOBUFS"],
    "shutdown": ["ENOTCONN"],
    "recv": ["ENOMEM", "EINTR", "ECONNRESET"],  # never short: less than there was room for means that the socket is empty, see epoll(7)
    "send": ["ENOMEM", "short", "EINTR", "EPIPE", "EAGAIN"],
    "sendmsg": ["ENOMEM", "short", "EINTR", "EPIPE", "EAGAIN"],
    "sendfile": ["EIO", "short", "EINTR", "EPIPE", "EAGAIN"],
    "open": ["EMFILE", "ENFILE", "ENOMEM", "EIO"],
    "stat": ["ENOMEM", "EIO"],
    "fstatfs": ["EIO"],
    "readlink": ["ENOMEM"],
    "inotify_add_watch": ["ENOSPC", "ENOMEM"],
    "fcntl": ["ENOMEM"],
    "read": ["EIO"],
    "pread": ["EIO", "short"],
    "preadv2": ["EIO", "short"],
    "write": ["ENOSPC", "short"],
    "pwrite": ["ENOSPC", "short", "EINTR"],
    "mkdir": ["EACCES"],
    "opendir": ["EMFILE", "ENOMEM"],
    "readdir": ["EIO"],
}
FAILED = (500, 503)
UNNOTICED = ("short", "EINTR", "EAGAIN")  # the answer is right nevertheless
NOTICED = ("pread", "preadv2")  # but a file that gives less than it had has become shorter


def order(call=b"", left=0, lasting=0, error=0):
    ORDER[:32] = bytes(32)
    ORDER[32:48] = struct.pack("iiii", left, lasting, error, 0)
    ORDER[: len(call)] = call


def hits():
    return struct.unpack("i", ORDER[44:48])[0]


class Answers:
    """What comes on a connection: whole answers, and how it ended: "FIN", "RST", or "" if it did not."""

    def __init__(self, head_only):
        self.bytes, self.end, self.list, self.head_only = b"", "", [], list(head_only)

    def head(self):
        end = self.bytes.find(b"\r\n\r\n")
        if end < 0:
            return None
        lines = self.bytes[:end].decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        return status, [tuple(l.split(": ", 1)) for l in lines[1:]], end + 4

    def dechunk(self, at):
        body = b""
        while True:
            end = self.bytes.find(b"\r\n", at)
            if end < 0:
                return None
            size = int(self.bytes[at:end], 16)
            chunk = self.bytes[end + 2 : end + 4 + size]
            if len(chunk) < size + 2:
                return None
            assert chunk[size:] == b"\r\n", "a chunk without its end"
            at = end + 4 + size
            body += chunk[:size]
            if size == 0:
                return body, at

    def take(self):
        """The next answer, if it is whole."""
        head = self.head()
        if head is None:
            return False
        status, lines, at = head
        fields = {name.lower(): value for name, value in lines}
        if status == 100:
            self.bytes = self.bytes[at:]
            return True
        if (self.head_only and self.head_only[0]) or status in (204, 304):
            found = b"", at
        elif "transfer-encoding" in fields:
            found = self.dechunk(at)
        elif "content-length" in fields:
            size = int(fields["content-length"])
            found = (self.bytes[at : at + size], at + size) if len(self.bytes) >= at + size else None
        else:
            found = (self.bytes[at:], len(self.bytes)) if self.end == "FIN" else None
        if found is None:
            return False
        self.head_only = self.head_only[1:]
        self.list.append((status, fields, found[0]))
        self.bytes = self.bytes[found[1] :]
        return True


def talk(request, wanted, deadline, head_only=(), unix=False):
    """Sends it, and reads until there are so many answers, or the connection ends."""
    answers = Answers(head_only)
    with socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as s:
        until = time.monotonic() + deadline
        s.connect(FOLDER + "/socket" if unix else ("127.0.0.1", PORT))
        s.settimeout(deadline)
        try:
            s.sendall(request)
        except OSError:
            pass
        while len(answers.list) < wanted and not answers.end:
            s.settimeout(max(0.001, until - time.monotonic()))
            try:
                more = s.recv(1 << 20)
                answers.end = "" if more else "FIN"
            except socket.timeout:
                break
            except OSError:
                more, answers.end = b"", "RST"
            answers.bytes += more
            while answers.bytes and answers.take():
                pass
    return answers


SENTINEL = b"GET /sentinel HTTP/1.1\r\nHost: a\r\n\r\n"


def plain_boundary(status, fields, body):
    """Another one each time; it has 20 digits."""
    kind, _, boundary = fields.get("content-type", "").partition("boundary=")
    if boundary:
        fields["content-type"] = kind
        body = body.replace(boundary.encode(), b"boundary")
    return status, fields, body


def is_sentinel(answer):
    return answer[0] == 200 and answer[2] == b"the sentinel"


class Kind:
    def __init__(self, text):
        first, *lines = text.strip("\n").split("\n")
        self.name, status, *self.words = first.split()
        self.status, body = int(status), b""
        if lines[-1].startswith("body "):
            body = (b"0123456789abcde\n" * 65536)[: int(lines.pop()[5:])]
        if not any(l.startswith("Host:") for l in lines):
            lines.append("Host: a")
        self.request = "\r\n".join(lines + ["", ""]).encode() + body
        self.closes = "close" in self.words
        self.head_only = [lines[0].startswith("HEAD "), False]
        if not self.closes:
            self.request += SENTINEL

    def ask(self, deadline=DEADLINE):
        return talk(self.request, 1 if self.closes else 2, deadline, self.head_only, "unix" in self.words)

    def same(self, answer):
        """But for what differs from one moment to the next, and whether the connection stays."""
        changing = ("date", "connection", "keep-alive", "expires")
        return tuple(plain_boundary(a[0], {k: v for k, v in a[1].items() if k not in changing}, a[2]) for a in (answer, self.right))

    def complaint(self, answers, unnoticed):
        """What is wrong with these answers; None: nothing."""
        if not answers.list:
            if not answers.end:
                return "no answer, and no end: %d bytes came" % len(answers.bytes)
            return "noticed" if unnoticed else None
        got, right = self.same(answers.list[0])
        if got != right:
            if unnoticed:
                return "noticed: %s" % (got[:2],)
            if got[0] not in FAILED and not self.is_plain(got):
                return "a wrong answer: %s, %s" % (got[:2], got[2][:200])
        if self.closes:
            return None
        if len(answers.list) == 2 and not is_sentinel(answers.list[1]) and answers.list[1][0] not in FAILED:
            return "a wrong answer to the next request: %s" % (answers.list[1],)
        if len(answers.list) < 2 and not answers.end:
            return "no second answer, and no end"
        return None

    def is_plain(self, got):
        return "plain" in self.words and got[0] == self.right[0] and "content-encoding" not in got[1] and len(got[2]) > 0


def status():
    answers = talk(b"GET /status HTTP/1.1\r\nHost: a\r\n\r\n", 1, DEADLINE)
    assert answers.list and answers.list[0][0] == 200, "no status: %s %s" % (answers.list, answers.end)
    return json.loads(answers.list[0][2])


def left_over():
    """What a client that has left may not leave behind."""
    s = status()
    return len(os.listdir("/proc/%d/fd" % PID)), s["slots"]["used"], s["connections"]["writing"], s["pools"]["alive"]


def settles(before):
    until = time.monotonic() + DEADLINE
    while True:
        after = left_over()
        if all(a <= b for a, b in zip(after, before)):
            return None
        if time.monotonic() > until:
            return "left over (descriptors, slots, writing, pools): %s before, %s after" % (before, after)
        time.sleep(0.005)


def fail(kind, call, nth, what, lasting, message):
    print("%s: %s number %d%s fails with %s: %s" % (kind.name, call, nth, " and all behind it" if lasting else "", what, message))
    print("    FAILING_ONLY='%s %s %d %s %d' tries it again" % (kind.name, call, nth, what, lasting))


def is_gone():
    try:
        return not os.listdir("/proc/%d/fd" % PID)
    except OSError:
        return True


def try_one(kind, call, nth, what, lasting, before):
    """True: it has happened."""
    order(call.encode(), nth, lasting, getattr(errno, what, 0))
    # a listener that cannot accept waits, and the failure must end before it can
    answers = kind.ask(0.2 if lasting and call in ("accept4", "epoll_ctl") else DEADLINE)
    happened = hits() > 0
    order()
    if not happened:
        return False, None
    if lasting and call in ("accept4", "epoll_ctl") and not answers.list:
        message = None
    else:
        message = kind.complaint(answers, what in UNNOTICED and call not in NOTICED and not lasting)
    if message is None:
        next_client = talk(SENTINEL, 1, DEADLINE)
        if len(next_client.list) != 1 or not is_sentinel(next_client.list[0]):
            message = "the next client is not served: %s %s" % (next_client.list, next_client.end)
    return True, message or settles(before)


def main():
    with open(FOLDER + "/kinds") as f:
        kinds = [Kind(text) for text in f.read().split("\n\n") if text.strip()]
    calls = sys.argv[4:] or list(ERRORS)
    only = os.environ.get("FAILING_ONLY", "").split()
    count = bad = 0
    order()
    for _ in range(2):  # the second time, caches are warm
        for kind in kinds:
            kind.right = None
            answers = kind.ask()
            if len(answers.list) != (1 if kind.closes else 2) or answers.list[0][0] != kind.status:
                sys.exit("%s, without a failure: %s %s %s" % (kind.name, answers.list, answers.bytes[:200], answers.end))
            kind.right = answers.list[0]
    before = left_over()
    for kind in kinds:
        for call in calls:
            for what in ERRORS[call] if ALL else ERRORS[call][:2]:
                for lasting in (0, 1) if ALL and what not in UNNOTICED else (0,):
                    for nth in range(1, 400):
                        if only and [kind.name, call, str(nth), what, str(lasting)] != only:
                            continue
                        try:
                            happened, message = try_one(kind, call, nth, what, lasting, before)
                        except (OSError, AssertionError) as e:
                            happened, message = True, "the server does not answer: %r" % e
                        if not happened:
                            break
                        count += 1
                        if message:
                            bad += 1
                            fail(kind, call, nth, what, lasting, message)
                        if is_gone():
                            sys.exit("the server is gone")
    print("%d calls failed, in %d kinds of request; %d of them went wrong" % (count, len(kinds), bad))
    sys.exit(bad > 0 or count == 0)


main()
