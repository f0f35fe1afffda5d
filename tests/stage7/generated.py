"""Configurations and requests made by chance: each request has the same answer however its bytes arrive.

generated.py SERVER FOLDER [SEED [COUNT]]

For each configuration: every request alone, with a sentinel behind it, and then all of them, sentinels between
them, in one piece, in random pieces, and byte by byte in part. The answers are read as strictly as RFC 9112 frames them, so one
byte too many or too few shows at the sentinel. FOLDER/site is served.

Where NGINX= names a program, it serves the same configuration, and its answer to each request alone has to be the same: status, the
fields in COMPARED, body. What the table "Not like nginx" of stage 7's README lists is left out, see on_purpose.
"""
import os, random, re, subprocess, sys, time
from answers import *

SERVER, FOLDER = sys.argv[1], sys.argv[2]
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1
COUNT = int(sys.argv[4]) if len(sys.argv) > 4 else 8
NGINX = os.environ.get("NGINX")
SITE = FOLDER + "/site"
SENTINEL = b"GET /sentinel HTTP/1.1\r\nHost: s\r\n\r\n"

FILES = {
    "index.html": b"<p>index</p>\n", "a.txt": b"text a\n", "b.html": b"<b>b</b>\n" * 300, "empty": b"", "large.bin": bytes(range(256)) * 1200,
    "page.shtml": b'<!--#set var="v" value="1" --><!--#echo var="v" -->\n<!--#include virtual="/a.txt" -->\n<!--#if expr="$v = 1" -->yes<!--#else -->no<!--#endif -->\n',
    "sub/index.html": b"sub\n", "sub/c.txt": b"c\n", "list/one": b"1", "list/two words": b"2", "error.html": b"<i>error</i>\n", "t.js": b"var x;\n" * 500,
}

# What decides the answer; the name of the location is put in for NAME.
CONTENT = [
    "", "", "alias SITE/;", "alias SITE/sub/;", "return 200 'text $request_method $args';", "return 204;", "return 301 /a.txt;", "return 302 /x?$args;",
    "return 404;", "return 410 gone;", "return 503;", "rewrite ^ /a.txt break;", "rewrite ^ /b.html last;", "rewrite ^NAME(.*)$ /$1 last;", "rewrite ^NAME(.*)$ /to/$1 redirect;", "try_files $uri /index.html;",
    "try_files $uri $uri/ =404;", "try_files /nothing @named;", "alias SITE/list/; autoindex on;", "alias SITE/list/; autoindex on; autoindex_format json;",
    "if ($arg_x) { return 403 no; }", "if ($request_method = POST) { return 405; }", "set $v $arg_y; return 200 $v;", "alias SITE/; index b.html;", "error_page 404 /error.html;", "error_page 403 404 =200 /a.txt;",
    "error_page 404 @named;", "internal;", "root SITE/sub;",
]
AROUND = [
    "deny all;", "allow 127.0.0.0/8; deny all;", "limit_except GET { deny all; }", "gzip on; gzip_min_length 1; gzip_types *;", "ssi on; ssi_types *;", "charset utf-8;", "expires 1h;", "expires off;", "add_header X-A $uri always;",
    "add_header X-B b;", "etag off;", "if_modified_since off;", "max_ranges 1;", "max_ranges 0;", "sendfile off;", "sendfile on; tcp_nopush on;", "chunked_transfer_encoding off;", "default_type text/x-own;",
    "types { }", "client_max_body_size 10;", "keepalive_requests 3;", "open_file_cache off;", "output_buffers 1 512;", "aio threads;", "directio 4k;", "satisfy any; deny all;", "recursive_error_pages on;", "lingering_close always;", "absolute_redirect off;",
]
NAMES = ["/", "/p/", "/q", "= /a.txt", "^~ /sub/", "~ \\.html$", "~* ^/R(.*)$", "/s/"]
TARGETS = ["/", "/a.txt", "/b.html", "/empty", "/large.bin", "/page.shtml", "/sub", "/sub/", "/sub/c.txt", "/list/", "/missing", "/p/", "/p/a.txt", "/p/b.html", "/p/sub", "/p/x/../a.txt", "/q", "/qa.txt", "/q/b.html", "/r/a", "/R/large.bin",
           "/s/", "/s/page.shtml", "/s/missing", "/t.js", "/%61.txt", "/a%2etxt", "//a.txt", "/./sub//c.txt", "/..", "/%", "/a%00", "http://h/a.txt", "*", "/list/two%20words"]
ARGS = ["", "", "", "?x=1", "?y=%20a&x=", "?"]
LINES = ["Range: bytes=0-4", "Range: bytes=2-", "Range: bytes=-3", "Range: bytes=0-0,3-4,2-9", "Range: bytes=999999-", "Range: lines=1", "If-Modified-Since: Sun, 02 Feb 2020 02:02:02 GMT", "If-Modified-Since: Sat, 01 Feb 2020 02:02:02 GMT", "If-None-Match: *", 'If-None-Match: "no", W/"x"',
         "If-Match: *", 'If-Match: "no"', "If-Unmodified-Since: Sat, 01 Feb 2020 02:02:02 GMT", 'If-Range: "no"', "Accept-Encoding: gzip", "Accept-Encoding: gzip;q=0, identity", "Connection: close", "Connection: keep-alive", "User-Agent: MSIE 6.0;", "X-Long: " + "y" * 900]
METHODS = ["GET"] * 6 + ["HEAD"] * 3 + ["POST", "PUT", "OPTIONS", "DELETE"]


def location(rng, name):
    path = name.split()[-1].replace("\\.html$", "/p/")
    if path.startswith("^"):
        path = "/R"
    content = rng.choice(CONTENT)
    if name.startswith("~") and "alias" in content:
        content = ""
    around = rng.sample(AROUND, rng.randint(0, 4))
    chosen = []
    for a in around:  # one directive, once
        words = {w.split()[0] for w in a.split(";") if w.strip()} | {w.split()[0] for w in content.split(";") if w.strip()}
        if not any(words & {w.split()[0] for w in c.split(";") if w.strip()} - {"add_header"} for c in chosen):
            chosen.append(a)
    if any("satisfy" in c for c in chosen) and any("allow" in c for c in chosen):
        chosen = [c for c in chosen if "satisfy" not in c]
    return "location %s { %s %s }" % (name, content.replace("NAME", path), " ".join(chosen))


def configuration(rng):
    names = [n for n in NAMES if rng.random() < 0.7]
    return "\n\t\t\t".join([location(rng, n) for n in names] + ["location = /sentinel { return 200 sentinel; }", "location @named { return 200 'named $uri'; }"]).replace("SITE", SITE)


def request(rng):
    method, version = rng.choice(METHODS), rng.choice(["1.1"] * 4 + ["1.0"])
    lines = ["Host: h"] + rng.sample(LINES, rng.choice([0, 0, 1, 1, 2, 3]))
    body = b""
    if method in ("POST", "PUT") or rng.random() < 0.1:
        body = b"z" * rng.choice([0, 5, 10, 11, 5000])
        if rng.random() < 0.4 and version == "1.1":
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        else:
            lines.append("Content-Length: %d" % len(body))
    text = "%s %s%s HTTP/%s\r\n" % (method, rng.choice(TARGETS), rng.choice(ARGS), version)
    return method, text.encode() + "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body


def plain(a):
    """What must be the same each time; where a body's chunks end is not."""
    if a is None:
        return None
    boundary = a.one("Content-Type").split("boundary=")[-1] if "boundary=" in (a.one("Content-Type") or "") else "none"
    fields = tuple((k, v.replace(boundary, "B")) for k, v in a.fields if k not in ("Date", "Expires"))
    return a.status, fields, a.body.replace(boundary.encode(), b"B")


def pieces(rng, data, most):
    at = 0
    while at < len(data):
        size = rng.randint(1, most)
        yield data[at:at + size]
        at += size


def ask_alone(port, method, bytes):
    with Connection(port) as c:
        c.send(bytes)
        first = c.read(method)
        if first is None or first.ends:
            return plain(first), None
        c.send(SENTINEL)
        return plain(first), sentinel(c.read())


def sentinel(a):
    if a is None or a.status != 200 or a.body != b"sentinel":
        raise Wrong("the answer to the sentinel: %r" % (plain(a),))
    return plain(a)


def asks_for_the_end(bytes):
    head = bytes.split(b"\r\n\r\n")[0]
    return b"Connection: close" in head or (b"HTTP/1.0" in head and b"Connection: keep-alive" not in head)


def ask_all(port, requests, send):
    """All in one connection; a new one where an answer ends it."""
    rest, got = list(requests), []
    while rest:
        with Connection(port) as c:
            asked = next((i for i, (_, r) in enumerate(rest) if asks_for_the_end(r)), len(rest) - 1)
            try:  # nothing may follow a request that asks for the end
                send(c, b"".join(r + SENTINEL for _, r in rest[:asked]) + rest[asked][1])
                c.send(b"" if asks_for_the_end(rest[asked][1]) else SENTINEL)
            except (BrokenPipeError, ConnectionResetError):
                pass  # an answer that ends the connection has been sent
            while rest:
                a = c.read(rest[0][0])
                if a is None:
                    raise Wrong("the end, and no answer said that it would be the last")
                rest.pop(0)
                if a.ends:
                    got.append((plain(a), None))
                    break
                b = c.read()
                got.append((plain(a), sentinel(b)))
                if b.ends:
                    break
    return got


class Program:
    def __init__(self, text):
        path = FOLDER + "/generated.conf"
        with open(path, "w") as f:
            f.write("daemon off; master_process off; pid generated.pid; error_log %s/generated.log info;\nevents { }\n"
                    "http { access_log off; server { listen 127.0.0.1:0; root %s;\n\t\t\t%s\n} }\n" % (FOLDER, SITE, text))
        self.process = subprocess.Popen([SERVER, "-p", FOLDER, "-c", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def port(self):
        line = self.process.stdout.readline()
        if not line:
            raise Wrong("it does not start: " + self.process.stderr.read())
        return int(line.rsplit(":", 1)[1].strip("/\n"))

    def stop(self):
        self.process.terminate()
        said = self.process.communicate()[1]
        if self.process.returncode != 0 or "Sanitizer" in said or "runtime error" in said:
            raise Wrong("it ended with %s: %s" % (self.process.returncode, said[-2000:]))


def differs(ways, requests):
    for name, got in ways[1:]:
        for r, one, other in zip(requests, ways[0][1], got):
            # which connection it came on decides whether keepalive_requests is reached
            for a, b in zip(one, other):
                if a is None or b is None:
                    continue
                if without_connection(a) != without_connection(b):
                    return "%r\nalone: %.700r\n%s: %.700r" % (r[1][:300], a, name, b)
    return None


def without_connection(a):
    return a[0], tuple(f for f in a[1] if f[0] not in ("Connection", "Keep-Alive", "Transfer-Encoding")), a[2]


class Nginx:
    """On another address of this machine, and the same port: it is in redirects."""

    def __init__(self, text, port):
        path = FOLDER + "/nginx.conf"
        with open(path, "w") as f:
            f.write("daemon off; master_process off; pid %s/nginx.pid; error_log %s/nginx.log info;\nevents { }\nhttp { access_log off;\n" % (FOLDER, FOLDER))
            f.writelines("%s_temp_path %s/%s;\n" % (name, FOLDER, name) for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            f.write("server { listen 127.0.0.2:%d; root %s;\n\t\t\t%s\n} }\n" % (port, SITE, text))
        self.process = subprocess.Popen([NGINX, "-p", FOLDER, "-c", path], stderr=subprocess.PIPE, text=True)
        self.port = port

    def wait(self):
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                return Connection(self.port, "127.0.0.2").socket.close()
            except OSError:
                time.sleep(0.01)
        raise Wrong("nginx does not start: " + (self.process.stderr.read() if self.process.poll() is not None else ""))

    def answer(self, method, bytes):
        """None: it is not one that can be compared."""
        try:
            with Connection(self.port, "127.0.0.2") as c:
                c.send(bytes)
                return plain(c.read(method))
        except (Wrong, OSError):
            return None

    def stop(self):
        self.process.terminate()
        self.process.communicate()


COMPARED = ["Content-Type", "Location", "ETag", "Last-Modified", "Content-Range", "Accept-Ranges", "Content-Encoding", "Cache-Control", "X-A", "X-B"]


def on_purpose(text, bytes, own, theirs):
    """This request, in this configuration, is answered in another way than nginx does: rows of the table "Not like nginx"."""
    head = bytes.split(b"\r\n\r\n")[0].decode()
    names = [line.split(":")[0] for line in head.split("\r\n")[1:]]
    has = lambda *wanted: any("\r\n" + line in head for line in wanted)
    return (
        len(names) != len(set(names))  # 400 here, and with nginx since 1.23
        or head.startswith("HEAD") and (has("Range:") or "ssi on" in text or "gzip on" in text)
        or has("Range: lines", "Range: bytes=0-0,3-4,2-9") or (own[0], theirs[0]) == (200, 416)
        or has("If-None-Match:") and has("If-Modified-Since:") or has("If-Match:") and has("If-Unmodified-Since:")
        or has("If-Unmodified-Since:") and "Last-Modified" not in dict(own[1])
        or has("If-") and ("ssi on" in text or not head.startswith(("GET", "HEAD")))
        or not own[2] and "Content-Type" not in dict(own[1])
        or has("Accept-Encoding:") and "gzip on" in text
        or re.search(r"location ~[^{]*{[^}]*try_files[^}]*alias|location ~[^{]*{[^}]*alias[^}]*try_files", text)
    )


def compared(a):
    """What of an answer is as nginx documents it; the built-in pages name their server."""
    status, fields, body = a
    if status in (412, 416):
        return status, [], None
    built_in = b"<hr><center>" in body or status >= 300 and not body
    return status, sorted(f for f in fields if f[0] in COMPARED and not (built_in and f[0] == "Content-Type")), None if built_in else body


def beside_nginx(text, port, requests, ours):
    n = Nginx(text, port)
    try:
        n.wait()
        for (method, bytes), (own, _) in zip(requests, ours):
            theirs = n.answer(method, bytes)
            if own is None or theirs is None or on_purpose(text, bytes, own, theirs):
                continue
            one, other = compared(own), compared(theirs)
            if one[:2] != other[:2] or (one[2] != other[2] and None not in (one[2], other[2])):
                return "%r\nhere: %.700r\nnginx: %.700r" % (bytes[:300], own, theirs)
    finally:
        n.stop()
    return None


def one(seed, count=40):
    rng = random.Random(seed)
    text = configuration(rng)
    requests = [request(rng) for _ in range(count)]
    p = Program(text)
    try:
        port = p.port()
        ways = [("alone", [ask_alone(port, m, r) for m, r in requests])]
        ways.append(("in one piece", ask_all(port, requests, lambda c, data: c.send(data))))
        ways.append(("in pieces", ask_all(port, requests, lambda c, data: [c.send(x) for x in pieces(rng, data, 200)])))
        ways.append(("in small pieces", ask_all(port, requests[:6], lambda c, data: [c.send(x) for x in pieces(rng, data, 3)])))
        message = differs(ways, requests) or (NGINX and beside_nginx(text, port, requests, ways[0][1]))
    except (Wrong, OSError) as e:
        message = repr(e)
    try:
        p.stop()
    except Wrong as e:
        message = message or str(e)
    if message:
        print("seed %d: %s\n%s\n    generated.py %s %s %d 1 tries it again" % (seed, text, message, SERVER, FOLDER, seed))
    return not message


def main():
    for name, content in FILES.items():
        os.makedirs(os.path.dirname(SITE + "/" + name), exist_ok=True)
        with open(SITE + "/" + name, "wb") as f:
            f.write(content)
        os.utime(SITE + "/" + name, (1580608922, 1580608922))
    good = sum(one(seed) for seed in range(SEED, SEED + COUNT))
    print("%d of %d configurations" % (good, COUNT))
    sys.exit(good != COUNT)


main()
