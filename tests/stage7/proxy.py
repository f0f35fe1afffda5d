#!/usr/bin/env python3
"""The other side of the proxy's tests, and the client.

proxy.py upstream            serves what its paths say; prints its port. Ends with its standard input.
proxy.py deaf                never accepts; prints its port
proxy.py GROUP PORT [...]    a client: tries a table of cases on the server at that port; says what is wrong.
"""
import os, re, signal, socket, struct, sys, threading, time

BIG = b''.join(b'%07d\n' % i for i in range(40000))  # 320,000 bytes
TEXT = b'hello, proxy'

def chunked(body, size=1000):
    parts = [body[i:i + size] for i in range(0, len(body), size)]
    return b''.join(b'%x\r\n%s\r\n' % (len(p), p) for p in parts)

def ok(extra, body):
    return b'HTTP/1.1 200 OK\r\n' + extra + b'\r\n' + body

WHOLE = {  # framing: the reply, and what a GET must get; a connection that stays, if it may
    'length': (ok(b'Content-Length: %d\r\n' % len(BIG), BIG), BIG, True),
    'short': (ok(b'Content-Length: %d\r\n' % len(TEXT), TEXT), TEXT, True),
    'chunks': (ok(b'Transfer-Encoding: chunked\r\n', chunked(BIG) + b'0\r\n\r\n'), BIG, True),
    'onechunk': (ok(b'Transfer-Encoding: chunked\r\n', chunked(TEXT) + b'0\r\nX: trailer\r\n\r\n'), TEXT, True),
    'close': (ok(b'Connection: close\r\n', BIG), BIG, False),
    'old': (b'HTTP/1.0 200 OK\r\n\r\n' + TEXT, TEXT, False),
    'oldkept': (b'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n' % len(TEXT) + TEXT, TEXT, True),
    'empty': (ok(b'Content-Length: 0\r\n', b''), b'', True),
    'nothing': (b'HTTP/1.1 204 No Content\r\n\r\n', b'', True),
    'unchanged': (b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', b'', True),
    'early': (b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n' + ok(b'Content-Length: %d\r\n' % len(TEXT), TEXT), TEXT, True),
    'toomuch': (ok(b'Content-Length: %d\r\n' % len(TEXT), TEXT + b'and more'), TEXT, False),
}

CUT = {  # the connection ends; None: with a reset
    'length-cut': (ok(b'Content-Length: 1000\r\n', b'x' * 500), ''),
    'length-reset': (ok(b'Content-Length: 1000\r\n', b'x' * 500), None),
    'chunk-cut': (ok(b'Transfer-Encoding: chunked\r\n', b'100\r\n' + b'x' * 100), ''),
    'chunks-unended': (ok(b'Transfer-Encoding: chunked\r\n', b'5\r\nxxxxx\r\n'), ''),
    'chunk-bad': (ok(b'Transfer-Encoding: chunked\r\n', b'5\r\nxxxxx\r\nzz\r\n'), ''),
    'big-cut': (ok(b'Content-Length: 400000\r\n', BIG), ''),
    'close-reset': (ok(b'', BIG[:5000]), None),
}

BAD = {  # what is no reply: 502, and the reason in the log
    'silent': (b'', 'prematurely closed'),
    'half': (b'HTTP/1.1 200 O', 'prematurely closed'),
    'halfhead': (b'HTTP/1.1 200 OK\r\nContent-Le', 'prematurely closed'),
    'nonsense': (b'nonsense\r\n\r\n', 'no valid status line'),
    'http2': (b'HTTP/2.0 200 OK\r\n\r\n', 'another version'),
    'status': (b'HTTP/1.1 2x0 OK\r\n\r\n', 'invalid status'),
    'lf': (b'HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n', 'LF alone'),
    'cr': (b'HTTP/1.1 200 OK\r\nA: b\rC: d\r\nContent-Length: 0\r\n\r\n', 'CR or NUL'),
    'nul': (b'HTTP/1.1 200 OK\r\nA: b\0\r\nContent-Length: 0\r\n\r\n', 'CR or NUL'),
    'folded': (b'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n', 'folded'),
    'two-lengths': (b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 'two Content-Length'),
    'list-length': (b'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx', 'invalid Content-Length'),
    'signed': (b'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx', 'invalid Content-Length'),
    'both': (b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'both Content-Length'),
    'coding': (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 'unknown Transfer-Encoding'),
    'old-chunks': (b'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'chunks in HTTP/1.0'),
    'name': (b'HTTP/1.1 200 OK\r\nA b: c\r\n\r\n', 'invalid header name'),
    'large': (b'HTTP/1.1 200 OK\r\nA: ' + b'x' * 9000 + b'\r\n\r\n', 'larger than proxy_buffer_size'),
    'switch': (b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 'no upgrade was asked for'),
    'interims': (b'HTTP/1.1 102 Processing\r\n\r\n' * 40, 'interim answers'),
}

REPLIES = {
    'accel': ok(b'X-Accel-Redirect: /local/file?a=b\r\nContent-Length: 3\r\n', b'xyz'),
    'accel-named': ok(b'X-Accel-Redirect: @named\r\nContent-Length: 0\r\n', b''),
    'accel-unsafe': ok(b'X-Accel-Redirect: /../etc/passwd\r\nContent-Length: 0\r\n', b''),
    'denied': b'HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied',
    'gone': b'HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone',
    'broken': b'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nbroken',
    'headers': ok(b'Server: other/1.0\r\nX-Pad: x\r\nX-Powered-By: me\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close, X-Secret\r\n'
                  b'X-Secret: s\r\nKeep-Alive: timeout=9\r\nSpaced : v\r\nX-Accel-Charset: utf-8\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n', b'ok'),
    'cookies': ok(b'Set-Cookie: one=1; Domain=.Backend.test; Path=/two/x; Secure\r\nSet-Cookie: two=2; path=/other; domain=else.test\r\nContent-Length: 0\r\n', b''),
}

# ---------------------------------------------------------------- the upstream

def read_request(c, buf):
    while b'\r\n\r\n' not in buf:
        more = c.recv(65536)
        if not more:
            return None, None, b''
        buf += more
    head, rest = buf.split(b'\r\n\r\n', 1)
    length = re.search(rb'(?im)^content-length: *(\d+)', head)
    if re.search(rb'(?im)^transfer-encoding: *chunked', head):
        body = b''
        while True:
            while b'\r\n' not in rest:
                rest += c.recv(65536)
            size, rest = rest.split(b'\r\n', 1)
            size = int(size, 16)
            while len(rest) < size + 2:
                rest += c.recv(65536)
            body, rest = body + rest[:size], rest[size + 2:]
            if size == 0:
                return head, body, rest
    if b'/deaf ' in head[:30]:
        time.sleep(20)
    need = int(length.group(1)) if length else 0
    while len(rest) < need:
        more = c.recv(1 << 20)
        if not more:
            return None, None, b''
        rest += more
    return head, rest[:need], rest[need:]

def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    c.close()

state = {'connections': 0, 'requests': 0, 'ended': 0, 'bodies': 0}

def serve(c):
    state['connections'] += 1
    buf = b''
    try:
        while True:
            head, body, buf = read_request(c, buf)
            if head is None:
                break
            line = head.split(b'\r\n')[0].decode('latin-1')
            method, target = line.split(' ')[:2]
            path = target.split('?')[0].strip('/').split('/')
            name = path[0]
            if name != 'state':
                state['requests'] += 1
            if not act(c, method, name, path, head, body):
                break
    except OSError:
        pass
    state['ended'] += 1
    c.close()

def act(c, method, name, path, head, body):
    if name in WHOLE:
        reply, _, stays = WHOLE[name]
        if method == 'HEAD':
            reply = reply[:len(reply) - len(reply.split(b'\r\n\r\n', 2 if name == 'early' else 1)[-1])]
        if 'slow' in path:
            for i in range(len(reply)):
                c.sendall(reply[i:i + 1])
        else:
            c.sendall(reply)
        return stays and 'closing' not in path
    if name in CUT:
        reply, end = CUT[name]
        c.sendall(reply)
        if end is None:
            time.sleep(0.05)
            reset(c)
        return False
    if name in BAD:
        c.sendall(BAD[name][0])
        return False
    if name == 'state':
        text = ' '.join('%s=%d' % i for i in sorted(state.items())).encode()
        c.sendall(ok(b'Content-Length: %d\r\n' % len(text), text))
    elif name == 'echo':
        text = head + b'\n--\n' + body
        c.sendall(ok(b'Content-Type: text/plain\r\nContent-Length: %d\r\n' % len(text), b'' if method == 'HEAD' else text))
    elif name == 'hang':
        while c.recv(65536):
            pass
        return False
    elif name == 'hangbody':
        c.sendall(ok(b'Content-Length: 100\r\n', b'x' * 10))
        while c.recv(65536):
            pass
        return False
    elif name == 'reset':
        reset(c)
        return False
    elif name == 'once':  # a kept connection that closes when it is used again
        c.sendall(ok(b'Content-Length: 4\r\n', b'once'))
        c.recv(1)
        reset(c)
        return False
    elif name == 'endless':
        n = int(path[1]) << 20
        c.sendall(ok(b'Content-Length: %d\r\n' % n if 'chunks' not in path else b'Transfer-Encoding: chunked\r\n', b''))
        piece = BIG[:65536]
        frame = b'10000\r\n' + piece + b'\r\n'
        for _ in range(n // 65536):
            c.sendall(piece if 'chunks' not in path else frame)
        if 'chunks' in path:
            c.sendall(b'0\r\n\r\n')
    elif name == 'peer':
        text = c.getpeername()[0].encode()
        c.sendall(ok(b'Content-Length: %d\r\n' % len(text), text))
    elif name == 'size':
        text = b'%d' % len(body)
        c.sendall(ok(b'Content-Length: %d\r\n' % len(text), text))
    elif name == 'moved':
        to = re.search(rb'(?im)^x-to: (.*?)\r?$', head).group(1)
        c.sendall(b'HTTP/1.1 302 Found\r\nLocation: %s\r\nRefresh: 5; url=%s\r\nContent-Length: 0\r\n\r\n' % (to, to))
    elif name == 'socket':
        c.sendall(b'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhello ')
        while True:
            more = c.recv(65536)
            if not more or b'quit' in more:
                return False
            c.sendall(more.upper())
    elif name == 'late503':
        time.sleep(0.2)
        c.sendall(REPLIES['broken'])
    elif name == 'limited':
        c.sendall(ok(b'X-Accel-Limit-Rate: 160k\r\nContent-Length: %d\r\n' % len(BIG), BIG))
    elif name in REPLIES:
        c.sendall(REPLIES[name])
    else:
        c.sendall(b'HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nwhere')
    return True

def deaf():
    """a server whose queue is full: a connect to it gets no answer"""
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(0)
    there = []
    for _ in range(4):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(s.getsockname())
        there.append(c)
    print(s.getsockname()[1], flush=True)
    signal.pause()

def upstream():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('127.0.0.1', 0))
    s.listen(500)
    print(s.getsockname()[1], flush=True)

    def accept():
        while True:
            c, _ = s.accept()
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(c,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()

# ---------------------------------------------------------------- the client

PORT = 0
wrong = 0

def complain(case, text):
    global wrong
    wrong += 1
    print('%s: %s' % (case, text))

def connect():
    c = socket.create_connection(('127.0.0.1', PORT), timeout=30)
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return c

class Answers:
    """Reads answers from a connection, as strictly as it can."""

    def __init__(self, c):
        self.c, self.buf, self.over = c, b'', False

    def more(self):
        try:
            piece = self.c.recv(1 << 18)
        except ConnectionResetError:
            piece = None
        self.over = not piece
        self.reset = piece is None
        self.buf += piece or b''
        return not self.over

    def take(self, n):
        while len(self.buf) < n and self.more():
            pass
        got, self.buf = self.buf[:n], self.buf[n:]
        return got

    def until(self, mark):
        while mark not in self.buf:
            if not self.more():
                return None
        got, self.buf = self.buf.split(mark, 1)
        return got

    def next(self, method='GET'):
        """(status, headers, body, whole)"""
        head = self.until(b'\r\n\r\n')
        if head is None:
            return None
        lines = head.decode('latin-1').split('\r\n')
        status = int(lines[0].split(' ')[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(': ', 1) if ': ' in line else (line, '')
            headers.setdefault(name.lower(), []).append(value)
        if status < 200 and status != 101:
            return status, headers, b'', True
        if method == 'HEAD' or status in (204, 304, 101):
            return status, headers, b'', True
        if 'content-length' in headers:
            n = int(headers['content-length'][0])
            body = self.take(n)
            return status, headers, body, len(body) == n
        if 'transfer-encoding' in headers:
            body = b''
            while True:
                size = self.until(b'\r\n')
                if size is None:
                    return status, headers, body, False
                n = int(size, 16)
                piece = self.take(n + 2)
                body += piece[:n]
                if len(piece) < n + 2:
                    return status, headers, body, False
                if n == 0:
                    return status, headers, body, piece == b'\r\n'  # trailers are not passed on
        while self.more():
            pass
        body, self.buf = self.buf, b''
        return status, headers, body, not self.reset

def request(method, path, version='1.1', headers='', body=b''):
    extra = headers
    if body or method in ('POST', 'PUT'):
        extra += 'Content-Length: %d\r\n' % len(body)
    return ('%s %s HTTP/%s\r\nHost: x\r\n%s\r\n' % (method, path, version, extra)).encode('latin-1') + body

def ask(method, path, version='1.1', headers='', body=b''):
    c = connect()
    c.sendall(request(method, path, version, headers, body))
    answers = Answers(c)
    answer = answers.next(method)
    while answer is not None and answer[0] in (100, 102, 103):
        answer = answers.next(method)
    c.close()
    return answer

def upstream_state(prefix=''):
    text = ask('GET', prefix + '/state')[2].decode()
    return {k: int(v) for k, v in (i.split('=') for i in text.split())}

def until(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        if what():
            return True
        time.sleep(0.02)
    return False

def want(case, answer, status, body=None, whole=True):
    if answer is None:
        return complain(case, 'no answer')
    if answer[0] != status:
        return complain(case, 'status %d, not %d' % (answer[0], status))
    if body is not None and answer[2] != body:
        return complain(case, '%d bytes that are not the %d that should have come' % (len(answer[2]), len(body)))
    if answer[3] != whole:
        complain(case, 'whole' if answer[3] else 'not whole')

def group_framing(*prefixes):
    """method x framing x kept/closed x the client's version x pipelined"""
    for prefix in prefixes:
        for name, (reply, body, stays) in WHOLE.items():
            status = int(reply.split(b'HTTP/1.')[-1].split(b' ')[1])
            for closing in ('', '/closing'):
                for version in ('1.1', '1.0'):
                    case = '%s/%s%s %s' % (prefix, name, closing, version)
                    path = '%s/%s%s' % (prefix, name, closing)
                    keep = 'Connection: keep-alive\r\n'
                    c = connect()
                    answers = Answers(c)
                    # no POST on a connection that may be closing: it would not be repeated
                    methods = ['GET', 'HEAD', 'POST' if stays and not closing else 'HEAD', 'GET']
                    c.sendall(b''.join(request(m, path, version, keep, b'abc' if m == 'POST' else b'') for m in methods))
                    for m in methods:
                        answer = answers.next(m)
                        while answer is not None and answer[0] == 103:
                            if version == '1.0':
                                complain(case, '103 for HTTP/1.0')
                            answer = answers.next(m)
                        want('%s %s' % (m, case), answer, status, b'' if m == 'HEAD' else body)
                        if answer is None or answer[1].get('connection') != ['keep-alive']:
                            break
                    c.close()

def group_cut():
    """what ends early is never passed off as whole"""
    for name, (reply, _) in CUT.items():
        for prefix in ('', '/direct'):
            for version in ('1.1', '1.0'):
                answer = ask('GET', prefix + '/' + name, version)
                if answer is None:
                    complain(name, 'no answer')
                elif answer[3]:
                    complain('%s%s HTTP/%s' % (prefix, name, version), 'whole, with %d bytes' % len(answer[2]))
                elif name == 'big-cut' and not BIG.startswith(answer[2]):
                    complain(name, 'other bytes')
    want('after all', ask('GET', '/short'), 200, TEXT)

def group_bad():
    for name in BAD:
        want(name, ask('GET', '/' + name), 502)
    want('after all', ask('GET', '/short'), 200, TEXT)

def group_slow(prefix=''):
    """byte by byte"""
    for name in ('short', 'onechunk', 'early', 'old', 'empty'):
        status = 200
        want(name, ask('GET', '%s/%s/slow' % (prefix, name)), status, WHOLE[name][1])

def echo(method, path, version='1.1', headers='', body=b''):
    answer = ask(method, path, version, headers, body)
    if answer is None or answer[0] != 200:
        return None, {}, answer
    head, body = answer[2].split(b'\n--\n', 1)
    lines = head.decode('latin-1').split('\r\n')
    got = {}
    for line in lines[1:]:
        name, value = line.split(': ', 1)
        got.setdefault(name.lower(), []).append(value)
    return lines[0], got, body

def group_request():
    """what the other server gets"""
    def check(case, got, **lines):
        for name, value in lines.items():
            name = name.replace('_', '-')
            if got.get(name) != (value if isinstance(value, list) or value is None else [value]):
                complain(case, '%s is %r, not %r' % (name, got.get(name), value))

    def line(case, answer, wanted):
        if answer[0] != wanted:
            complain(case, 'the request line is %r, not %r' % (answer[0], wanted))

    hop = 'Connection: close, X-Own, te\r\nX-Own: 1\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nUpgrade: h2c\r\nTrailer: a\r\nX-Other: 2\r\nExpect: 100-continue\r\n'
    first, got, _ = answer = echo('GET', '/echo/a%20b/..;?x=%2F&y', headers=hop)
    line('as it is', answer, 'GET /echo/a%20b/..;?x=%2F&y HTTP/1.1')
    check('hop by hop', got, x_own=None, keep_alive=None, proxy_connection=None, te=None, upgrade=None, trailer=None, expect=None, x_other='2', connection=None, via='1.1 stage7', content_length=None)
    check('Via', echo('GET', '/echo', '1.0', 'Via: 1.1 a, 1.0 b\r\n')[1], via=['1.1 a, 1.0 b', '1.0 stage7'])
    line('absolute', echo('GET', 'http://else.test/echo/x?y'), 'GET /echo/x?y HTTP/1.1')
    check('POST', echo('POST', '/echo', body=b'abc')[1], content_length='3')
    check('empty POST', echo('POST', '/echo')[1], content_length='0')
    for prefix, length in (('', '5'), ('/direct', None)):
        c = connect()
        c.sendall(b'POST %s/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nX: y\r\n\r\n' % prefix.encode())
        _, _, body, _ = Answers(c).next()
        head, _, body = body.partition(b'\n--\n')
        if body != b'abcde' or (b'Content-Length: 5' in head) != (length is not None):
            complain('chunked %s' % prefix, repr((head, body)))
    for path, wanted in (('/map/x%20y/z?q', '/echo/base/x%20y/z?q'), ('/map/a/../b', '/echo/base/b'), ('/map/%41%2f', '/echo/base/A/'),
                         ('/exact', '/echo/one'), ('/vars/x%0Ay?z', '/echo/vars/x%0Ay?z'), ('/echo/named/x%20y', '/echo/named/x%20y'),
                         ('/rewritten/x%20y?q', '/echo/new/x%20y?q'), ('/stays/x', '/echo/here/stays/x'), ('/if/x', '/echo/if/x')):
        answer = ask('GET', path)
        target = (answer[2].split(b' ') + [b''])[1].decode() if answer and answer[0] == 200 else answer
        if target != wanted:
            complain(path, 'asks for %r, not %r' % (target, wanted))
    _, got, body = echo('POST', '/set/echo?a=1', headers='X-Drop: 1\r\nX-Real: forged\r\nX-Forwarded-For: 1.2.3.4\r\n', body=b'abc')
    check('set', got, host='x', x_real='127.0.0.1', x_drop=None, x_forwarded_for='1.2.3.4, 127.0.0.1', connection='close', via=None, content_length='5')
    if body != b'a:1:b':
        complain('proxy_set_body', repr(body))
    first, got, body = answer = echo('POST', '/none/echo', headers='X-A: 1\r\nCookie: x\r\n', body=b'abc')
    line('method', answer, 'PUT /echo HTTP/1.0')
    check('none', got, x_a=None, cookie=None, content_length='0', connection='close')
    want('a line break in a value', ask('GET', '/break/a%0D%0AX-Evil:%201'), 400)

def group_reply(up):
    _, got, body, _ = ask('GET', '/headers')
    for name, value in (('server', ['stage7/1.0']), ('x-pad', None), ('x-powered-by', ['me']), ('date', ['Sun, 06 Nov 1994 08:49:37 GMT']), ('x-secret', None),
                        ('keep-alive', None), ('spaced', ['v']), ('x-accel-charset', None), ('content-type', ['text/plain; charset=utf-8'])):
        if got.get(name) != value:
            complain('headers', '%s is %r, not %r' % (name, got.get(name), value))
    _, got, _, _ = ask('GET', '/hide/headers')
    for name, value in (('server', ['other/1.0']), ('x-powered-by', None), ('x-accel-charset', ['utf-8'])):
        if got.get(name) != value:
            complain('hide and pass', '%s is %r, not %r' % (name, got.get(name), value))
    for path, to, wanted in (('/moved', 'http://127.0.0.1:%s/x' % up, 'http://x:%d/x' % PORT), ('/moved', 'http://else/x', 'http://else/x'), ('/moved', '/x', '/x'),
                             ('/map2/', 'http://127.0.0.1:%s/moved/y' % up, 'http://x:%d/map2/y' % PORT),
                             ('/off/moved', 'http://127.0.0.1:%s/x' % up, 'http://127.0.0.1:%s/x' % up),
                             ('/rules/moved', 'http://one.test/a', 'http://two.test/127.0.0.1/a'), ('/rules/moved', 'http://h7.test/b', 'http://x:%d/seven/7/b' % PORT)):
        _, got, _, _ = ask('GET', path, headers='X-To: %s\r\n' % to)
        if got.get('location') != [wanted]:
            complain('%s %s' % (path, to), 'Location is %r, not %r' % (got.get('location'), wanted))
        refresh = '5; url=' + (wanted.replace('http://x:%d' % PORT, '') if 'else' not in to else wanted)
        if got.get('refresh') != [refresh]:
            complain('%s %s' % (path, to), 'Refresh is %r, not %r' % (got.get('refresh'), refresh))
    _, got, _, _ = ask('GET', '/rules/cookies')
    wanted = ['one=1; Domain=front.test; Path=/1/x; HttpOnly; SameSite=Lax', 'two=2; path=/other; domain=else.test; Secure']
    if got.get('set-cookie') != wanted:
        complain('cookies', repr(got.get('set-cookie')))
    want('X-Accel-Redirect', ask('GET', '/accel'), 200, b'local /local/file a=b GET')
    want('X-Accel-Redirect of a POST', ask('POST', '/accel', body=b'x'), 200, b'local /local/file a=b POST')
    want('to a named location', ask('GET', '/accel-named'), 200, b'named')
    want('an unsafe one', ask('GET', '/accel-unsafe'), 404)
    want('ignored', ask('GET', '/ignore/accel'), 200, b'xyz')
    want('intercepted', ask('GET', '/intercept/gone'), 404, b'sorry 404')
    want('not intercepted', ask('GET', '/gone'), 404, b'gone')
    want('no page for it', ask('GET', '/intercept/denied'), 403, b'denied')
    want('a range, forced', ask('GET', '/ranges/length', headers='Range: bytes=10-19\r\n'), 206, BIG[10:20])
    answer = ask('GET', '/ranges/length', headers='Range: bytes=0-9,100000-100009,-10\r\n')
    want('ranges, forced', answer, 206)
    if answer and not all(p in answer[2] for p in (BIG[:10], BIG[100000:100010], BIG[-10:])):
        complain('ranges, forced', 'other bytes')

def group_next(prefix=''):
    """which failures go to the next server; u has one that breaks and one that works"""
    for method, path, status in (('GET', '/error/reset', 502), ('GET', '/next/short', 200), ('POST', '/next/short', 200), ('POST', '/later/short', 502), ('POST', '/always/short', 200),
                                 ('GET', '/later/short', 502), ('GET', '/off2/short', 502), ('GET', '/status/short', 200), ('GET', '/one/short', 502)):
        want('%s %s' % (method, path), ask(method, path, body=b'abc' if method == 'POST' else b''), status)

FAILURES = (403, 404, 429, 500, 502, 503, 504)

def group_status():
    """which statuses go to the next server: the first server answers with the status that is asked for"""
    for named in FAILURES:
        for sent in FAILURES:
            path = '/http_%d/short?code=%d' % (named, sent)
            want('GET ' + path, ask('GET', path), 200 if named == sent else sent)
    want('several', ask('GET', '/several/short?code=503'), 200, TEXT)
    want('a POST', ask('POST', '/http_503/short?code=503', body=b'a'), 503)
    want('a POST, allowed', ask('POST', '/post/short?code=503', body=b'a'), 200, TEXT)
    want('one try', ask('GET', '/once/short?code=503'), 503)
    for path, tries in (('/late/late503', '503'), ('/early/late503', '503, 503')):
        answer = ask('GET', path)
        want(path, answer, 503)
        if answer[1].get('x-tries') != [tries]:
            complain(path, 'tries: %r' % answer[1].get('x-tries'))

def group_reuse():
    before = upstream_state()
    for _ in range(20):
        want('kept', ask('GET', '/short'), 200, TEXT)
    after = upstream_state()
    if after['connections'] - before['connections'] > 2:
        complain('kept', '%d connections for 20 requests' % (after['connections'] - before['connections']))
    for _ in range(3):
        want('once', ask('GET', '/once'), 200, b'once')
    want('a dead one is replaced', ask('GET', '/short'), 200, TEXT)

def leave(data, prefix=''):
    c = connect()
    c.sendall(data)
    return c

def group_leave():
    """the client leaves in each state: the other server's connection is closed"""
    def alive():
        s = upstream_state()
        return s['connections'] - s['ended']
    base = alive()
    for case, data, read in (('the head is awaited', request('GET', '/hang'), 0), ('in the body', request('GET', '/hangbody'), 100), ('the same, direct', request('GET', '/direct/hangbody'), 100),
                             ('in a large body', request('GET', '/endless/64'), 100000), ('its own body, direct', b'POST /direct/size HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc', 0),
                             ('its own body', b'POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc', 0)):
        for how in ('end', 'reset'):
            c = connect()
            c.sendall(data)
            while read > 0 and len(c.recv(1000)) > 0:
                read -= 1000
            if read == 0:
                until(lambda: alive() > base, 0.3)
            if how == 'reset':
                reset(c)
            else:
                c.close()
            if not until(lambda: alive() <= base):
                complain('%s, %s' % (case, how), 'the other connection stays')

def group_half():
    """a client that has said that it asks for nothing more may finish sending"""
    c = connect()
    c.sendall(request('GET', '/length', headers='Connection: close\r\n'))
    c.shutdown(socket.SHUT_WR)
    want('half closed', Answers(c).next(), 200, BIG)

def group_ignore():
    before = upstream_state()
    c = connect()
    c.sendall(request('GET', '/patient/hang'))
    until(lambda: upstream_state()['requests'] > before['requests'])
    c.close()
    time.sleep(0.3)
    if upstream_state()['ended'] > before['ended']:
        complain('proxy_ignore_client_abort', 'the other connection was closed')

def group_tunnel():
    c = connect()
    c.sendall(b'GET /ws/socket HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nearly ')
    answers = Answers(c)
    head = answers.until(b'\r\n\r\n')
    if not head or not head.startswith(b'HTTP/1.1 101 ') or b'Upgrade: echo' not in head or b'Connection: upgrade' not in head:
        return complain('101', repr(head))
    if answers.take(12) != b'hello EARLY ':
        complain('tunnel', 'the first bytes are others')
    sender = threading.Thread(target=lambda: [c.sendall(BIG[:100000]) for _ in range(10)])
    sender.start()
    if answers.take(1000000) != (BIG[:100000] * 10).upper():
        complain('tunnel', 'other bytes')
    sender.join()
    c.sendall(b'quit')
    if answers.more():
        complain('tunnel', 'it does not end')
    want('without asking', ask('GET', '/ws/socket'), 502)

def group_upload():
    """proxy_request_buffering off: the first piece is there before the last one is sent"""
    before = upstream_state()['requests']
    for prefix, early in (('/direct', True), ('', False)):
        c = connect()
        c.sendall(b'POST %s/size HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n' % prefix.encode())
        answers = Answers(c)
        if (answers.next() or [0])[0] != 100:
            complain(prefix, 'no 100')
        c.sendall(b'x' * 1000000)
        conns = upstream_state()
        time.sleep(0.2)
        c.sendall(b'x' * 2000000)
        want('upload %s' % prefix, answers.next(), 200, b'3000000')
        c.sendall(request('GET', '/short'))
        want('after it', answers.next(), 200, TEXT)
    want('too large', ask('POST', '/direct/limited/size', body=b'x' * 3000), 413)

def group_times():
    want('read timeout', ask('GET', '/impatient/hang'), 504)
    answer = ask('GET', '/impatient/hangbody')
    want('read timeout in the body', answer, 200, b'x' * 10, False)
    want('the next one', ask('GET', '/impatient/next/short'), 200, TEXT)
    began = time.time()
    want('proxy_limit_rate', ask('GET', '/rate/length'), 200, BIG)
    if time.time() - began < 0.9:
        complain('proxy_limit_rate', '%d bytes in %.2f s' % (len(BIG), time.time() - began))
    for path, slow in (('/accel', True), ('/ignore', False)):
        began = time.time()
        want('X-Accel-Limit-Rate', ask('GET', path + '/limited'), 200, BIG)
        if (time.time() - began < 0.9) == slow:
            complain('X-Accel-Limit-Rate ' + path, '%.2f s' % (time.time() - began))
    began = time.time()
    want('connect timeout', ask('GET', '/full/short'), 504)
    if not 0.3 <= time.time() - began < 30:
        complain('connect timeout', '%.2f s' % (time.time() - began))
    want('send timeout', ask('POST', '/impatient/deaf', body=b'x' * 20000000), 504)

def group_course(up):
    asked = lambda: int(re.search(rb'requests=(\d+)', ask_at(int(up), '/state')).group(1))
    for path, status, body in (('/short/a.css', 200, TEXT), ('/length/b.js?c', 200, BIG), ('/gone/c.png', 404, b'gone')):
        before = asked()
        for i in range(3):
            answer = ask('GET', path)
            want('%s, %d' % (path, i), answer, status, body)
            if status == 200 and answer:
                for name, value in (('wall', ['hey!guys!give me a star.']), ('cache-control', ['max-age=7776000'])):
                    if answer[1].get(name) != value:
                        complain(path, '%s is %r' % (name, answer[1].get(name)))
        if asked() != before + 1:
            complain(path, 'asked for %d times' % (asked() - before))
    to = 'http://127.0.0.1:%s/x' % up
    _, got, _, _ = ask('GET', '/moved/d.gif', headers='X-To: %s\r\n' % to)
    if got.get('location') != [to]:
        complain('proxy_redirect off', repr(got.get('location')))
    _, got, _ = echo('GET', '/echo/e.jpg')
    if got.get('host') != ['x']:
        complain('Host', repr(got.get('host')))
    want('what is not proxied', ask('GET', '/short'), 404)

def ask_at(port, path):
    c = socket.create_connection(('127.0.0.1', port), timeout=30)
    c.sendall(request('GET', path))
    body = Answers(c).next()[2]
    c.close()
    return body

def rss(pid):
    return int(re.search(r'VmRSS:\s*(\d+)', open('/proc/%s/status' % pid).read()).group(1))

def group_memory(pid):
    """a slow client: what it has not taken is bounded"""
    for path in ('/direct/endless/%d', '/nofile/endless/%d', '/nofile/endless/%d/chunks', '/endless/%d'):
        sizes = []
        for size in (8, 64):
            c = connect()
            c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            c.sendall(request('GET', path % size))
            time.sleep(0.1)
            got, room = 0, memoryview(bytearray(1 << 20))
            while got < size << 20:
                n = c.recv_into(room)
                if n == 0:
                    complain(path, 'only %d bytes' % got)
                    break
                got += n
            sizes.append(rss(pid))
            c.close()
        if sizes[1] - sizes[0] > 512:
            complain(path, 'eight times the bytes take %d KiB more' % (sizes[1] - sizes[0]))

def main():
    global PORT
    if sys.argv[1] == 'upstream':
        return upstream()
    if sys.argv[1] == 'deaf':
        return deaf()
    PORT = int(sys.argv[2])
    globals()['group_' + sys.argv[1]](*sys.argv[3:])
    sys.exit(1 if wrong else 0)

if __name__ == '__main__':
    main()
