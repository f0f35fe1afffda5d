#!/usr/bin/env python3
"""For cache.bats: a server to be cached, and tables of exchanges through the cache.

cache.py up                 serves; prints its port. The request itself says how it is answered:
                            X-Answer: STATUS|Header: value|Header: value   (X-Got, X-Count are added)
                            X-Wait: seconds   X-Cut: 1 (the body ends early)   X-Size: bytes of the body
cache.py table PORT UP      plays the tables against the cache at PORT, which asks the server UP; prints what is wrong
cache.py crowd PORT N PATH  N clients at once; prints how often the server was asked
"""
import json, re, socket, sys, threading, time

GOT = ('If-None-Match', 'If-Modified-Since', 'Range', 'Cache-Control')


def read_head(stream):
    lines = []
    while True:
        line = stream.readline().decode('latin-1')
        if not line:
            return None
        line = line.rstrip('\r\n')
        if not line:
            return lines
        lines.append(line)


class Upstream:
    def __init__(self):
        self.count = 0
        self.lock = threading.Lock()
        self.socket = socket.create_server(('127.0.0.1', 0), backlog=500)

    def run(self):
        while True:
            conn, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def serve(self, conn):
        with conn, conn.makefile('rb') as stream:
            while True:
                lines = read_head(stream)
                if not lines:
                    return
                headers = dict(re.split(r':\s*', line, maxsplit=1) for line in lines[1:])
                headers = {name.lower(): value for name, value in headers.items()}
                stream.read(int(headers.get('content-length', 0)))
                if not self.answer(conn, lines[0].split()[0], headers):
                    return

    def answer(self, conn, method, headers):
        with self.lock:
            self.count += 1
            count = self.count
        spec = headers.get('x-answer', '200|Cache-Control: max-age=60').split('|')
        if 'x-wait' in headers:
            print('waits', flush=True)
            time.sleep(float(headers['x-wait']))
        if spec[0] == 'none':
            return False
        size = int(headers.get('x-size', 0))
        body = (f'answer {count}\n' + 'x' * size).encode()
        got = {name: headers[name.lower()] for name in GOT if name.lower() in headers}
        head = [f'HTTP/1.1 {spec[0]} Some', f'X-Count: {count}', f'X-Got: {method} {json.dumps(got)}'] + spec[1:]
        if spec[0] in ('204', '304'):
            body = b''
        else:
            head.append(f'Content-Length: {len(body)}')
        if method == 'HEAD':
            body = b''
        if 'x-cut' in headers:
            body = body[: len(body) // 2]
        conn.sendall(('\r\n'.join(head) + '\r\n\r\n').encode() + body)
        return 'x-cut' not in headers


def ask(port, method, path, headers):
    with socket.create_connection(('127.0.0.1', port), timeout=20) as conn:
        text = f'{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
        if method == 'POST':
            text += 'Content-Length: 0\r\n'
        for name, value in headers.items():
            text += f'{name}: {value}\r\n'
        conn.sendall((text + '\r\n').encode())
        data = b''
        while True:
            more = conn.recv(65536)
            if not more:
                break
            data += more
    head, _, body = data.partition(b'\r\n\r\n')
    lines = head.decode('latin-1').split('\r\n')
    answer = {name.lower(): value for name, value in (line.split(': ', 1) for line in lines[1:] if ': ' in line)}
    return int(lines[0].split()[1]), answer, body


FRESH, ETAG = 'Cache-Control: max-age=60', 'ETag: "a"'
STALE = 'Cache-Control: max-age=60|Age: 100'  # stale when it comes, and no request has to wait


def step(want, answer='200|' + FRESH, method='GET', status=None, body=None, place='', **more):
    """One request. want: the cache's word. Other names with two underscores: req__Name=value is sent,
    got__Name=value must be in the answer (None: must not). same: the count of the step before."""
    return dict(want=want, answer=answer, method=method, status=status, body=body, place=place, more=more)


def pair(first, second, **more):
    """Stored at first, then asked for with these."""
    return [step('MISS', first), step(second, **more)]


DATES = [(date, date) for date in (
    'Thu, 29 Feb 1996 08:49:37 GMT', 'Fri, 01 Mar 1996 00:00:00 GMT', 'Tue, 31 Dec 1996 23:59:59 GMT', 'Wed, 01 Jan 1997 00:00:00 GMT',
    'Mon, 28 Feb 2000 23:59:59 GMT', 'Tue, 29 Feb 2000 00:00:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT', 'Sun, 06 Nov 1994 24:49:37 GMT', 'Sun, 06 Nix 1994 08:49:37 GMT', 'yesterday')] + [
    (old, 'Sun, 06 Nov 1994 08:49:37 GMT') for old in ('Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994')]

TABLE = {
    'fresh': pair('200|' + FRESH, 'HIT', same=True, got__Age=True, got__Accept_Ranges='bytes'),
    'no word about it': pair('200', 'MISS', same=False),
    'no-store': pair('200|Cache-Control: max-age=60, no-store', 'MISS', same=False),
    'private': pair('200|Cache-Control: max-age=60, private', 'MISS'),
    'Set-Cookie': pair('200|Set-Cookie: a=b|' + FRESH, 'MISS'),
    'Vary: *': pair('200|Vary: *|' + FRESH, 'MISS'),
    'a heuristic': pair('200|Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT', 'HIT', same=True),
    '404': pair('404|' + FRESH, 'HIT', status=404, same=True),
    '204': pair('204|' + FRESH, 'HIT', status=204, same=True),
    '500 with max-age': pair('500|' + FRESH, 'HIT', status=500),
    'hop-by-hop is not stored': pair('200|Connection: X-A|X-A: 1|X-B: 2|' + FRESH, 'HIT', got__X_A=None, got__X_B='2'),
    'targeted': pair('200|CDN-Cache-Control: max-age=60|Cache-Control: no-store', 'HIT', same=True),
    'targeted, against': pair('200|CDN-Cache-Control: no-store|' + FRESH, 'MISS'),
    'X-Accel-Expires': pair('200|X-Accel-Expires: 60|Cache-Control: no-store', 'HIT'),
    'another query': [step('MISS'), step('MISS', place='?a'), step('HIT', place='?a')],
    'Age adds up': pair('200|Age: 30|' + FRESH, 'HIT', got__Age=lambda age: 30 <= int(age) <= 35),
    # validation
    'stale, without validator': pair('200|' + FRESH + ', stale-if-error=1|Age: 100', 'EXPIRED', same=False, sent={}),
    'stale, 304': [step('MISS', f'200|{STALE}|{ETAG}|X-New: 1'),
                   step('REVALIDATED', f'304|{FRESH}|{ETAG}|X-New: 2', status=200, got__X_New='2', body='first',
                        sent={'If-None-Match': '"a"'}),
                   step('HIT', body='first', got__X_New='2')],
    'stale, 304 by date': [step('MISS', f'200|{STALE}|Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT'),
                           step('REVALIDATED', '304|' + FRESH, body='first',
                                sent={'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT'})],
    'stale, 200': [step('MISS', f'200|{STALE}|{ETAG}'), step('EXPIRED', f'200|{FRESH}|{ETAG}', same=False), step('HIT', same=True)],
    'no-cache': [step('MISS', f'200|Cache-Control: max-age=60, no-cache|{ETAG}'),
                 step('REVALIDATED', f'304|Cache-Control: max-age=60, no-cache', body='first'),
                 step('REVALIDATED', f'304|Cache-Control: max-age=60, no-cache', body='first')],
    # what the request says
    'no-cache asked': pair(f'200|{FRESH}|{ETAG}', 'REVALIDATED', answer='304', req__Cache_Control='no-cache', sent={'If-None-Match': '"a"', 'Cache-Control': 'no-cache'}),
    'Pragma asked': pair('200|' + FRESH, 'EXPIRED', req__Pragma='no-cache'),
    'max-age asked, too old': pair('200|Age: 20|' + FRESH, 'EXPIRED', req__Cache_Control='max-age=10'),
    'max-age asked': pair('200|Age: 20|' + FRESH, 'HIT', req__Cache_Control='max-age=40'),
    'min-fresh asked': pair('200|Age: 20|' + FRESH, 'EXPIRED', req__Cache_Control='min-fresh=50'),
    'max-stale asked': pair(f'200|{STALE}|{ETAG}', 'STALE', req__Cache_Control='max-stale=1000', same=True),
    'only-if-cached, nothing': [step(None, status=504, req__Cache_Control='only-if-cached')],
    'only-if-cached': pair('200|' + FRESH, 'HIT', req__Cache_Control='only-if-cached'),
    'no-store asked': [step('MISS', req__Cache_Control='no-store'), step('MISS'), step('HIT', req__Cache_Control='no-store')],
    'Authorization': [step('MISS', req__Authorization='Basic eDp5'), step('MISS'), step('HIT', req__Authorization='Basic eDp5')],
    'Authorization, public': [step('MISS', '200|Cache-Control: max-age=60, public', req__Authorization='Basic eDp5'), step('HIT')],
    # variants
    'Vary': [step('MISS', '200|Vary: X-A|' + FRESH, req__X_A='1'), step('HIT', req__X_A='1', same=True),
             step('MISS', '200|Vary: X-A|' + FRESH, req__X_A='2'), step('HIT', req__X_A='2', same=True), step('HIT', req__X_A='1'),
             step('MISS', '200|Vary: X-A|' + FRESH)],
    'Vary, normalised': [step('MISS', '200|Vary: Accept-Encoding|' + FRESH, req__Accept_Encoding='gzip, br'),
                         step('HIT', req__Accept_Encoding='BR,gzip')],
    'Vary changes': [step('MISS', '200|Vary: X-A|' + STALE + '|' + ETAG, req__X_A='1'),
                     step('EXPIRED', '200|Vary: X-B|' + FRESH, req__X_A='1', req__X_B='1'), step('HIT', req__X_A='7', req__X_B='1')],
    # errors of the server
    'stale-if-error': [step('MISS', f'200|Cache-Control: max-age=60, stale-if-error=1000|Age: 100|{ETAG}'),
                       step('STALE', '503', status=200, body='first'), step('STALE', 'none', status=200, body='first')],
    'no stale-if-error': [step('MISS', f'200|{STALE}|{ETAG}'), step('EXPIRED', '503', status=503), step('EXPIRED', 'none', status=502)],
    'use_stale': [step('MISS', f'200|{STALE}|{ETAG}', place='/use_stale'), step('STALE', '500', status=200, place='/use_stale', body='first'),
                  step('STALE', 'none', status=200, place='/use_stale'), step('EXPIRED', '503', status=503, place='/use_stale')],
    'use_stale, must-revalidate': [step('MISS', f'200|Cache-Control: max-age=60, must-revalidate|Age: 100|{ETAG}', place='/use_stale'),
                                   step('EXPIRED', '500', status=500, place='/use_stale'), step('EXPIRED', 'none', status=502, place='/use_stale')],
    # other methods
    'HEAD becomes GET': [step('MISS', method='HEAD', body='', sent_method='GET'), step('HIT', got__Content_Length=True)],
    'HEAD from the cache': pair('200|' + FRESH, 'HIT', method='HEAD', body='', same=True),
    'POST invalidates': [step('MISS'), step(None, '200', method='POST'), step('MISS', same=False)],
    'POST that fails does not': [step('MISS'), step(None, '400', method='POST', status=400), step('HIT')],
    'DELETE invalidates variants': [step('MISS', '200|Vary: X-A|' + FRESH, req__X_A='1'), step('MISS', '200|Vary: X-A|' + FRESH, req__X_A='2'),
                                    step(None, '204', method='DELETE'), step('MISS', '200|Vary: X-A|' + FRESH, req__X_A='1'),
                                    step('MISS', '200|Vary: X-A|' + FRESH, req__X_A='2')],
    'Location invalidates': [step('MISS', place='?a'), step(None, '201|Location: /NUMBER?a', method='POST', status=201), step('MISS', place='?a')],
    'Content-Location, whole': [step('MISS', place='?a'), step(None, '200|Content-Location: UP/NUMBER?a#b', method='POST'), step('MISS', place='?a')],
    'Location of a failure': [step('MISS', place='?a'), step(None, '500|Location: /NUMBER?a', method='POST', status=500), step('HIT', place='?a')],
    'Location elsewhere': [step('MISS', place='?a'), step(None, '201|Location: http://b/NUMBER?a|Content-Location: //b/NUMBER?a', method='POST', status=201),
                           step(None, '201|Location: UP1/NUMBER?a', method='POST', status=201), step('HIT', place='?a')],
    # what is remembered of a head
    'two locations, one page': [step('MISS', '200|X-A: 1|' + FRESH, place='/one?k=NUMBER')] + 2 * [
        step('HIT', place='/one?k=NUMBER', got__X_A=None, got__X_B='one'), step('HIT', place='/two?k=NUMBER', got__X_A='1', got__X_B=None)],
    'a cookie, rewritten each time': [step('MISS', f'200|Set-Cookie: a=b; Path=/|{FRESH}', place='/one?k=NUMBER')] + [
        step('HIT', place=f'/one?k=NUMBER&path={path}', got__Set_Cookie=f'a=b; Path={path}') for path in ('/x', '/y', '/x')],
    'a type, and a charset of the request': [step('MISS', f'200|Content-Type: text/plain|{FRESH}', place='/two?k=NUMBER')] + [
        step('HIT', place=f'/two?k=NUMBER&charset={name}', got__Content_Type=f'text/plain; charset={name}') for name in ('utf-8', 'koi8-r')],
    'dates are read and written': [
        s for n, (sent, got) in enumerate(DATES) for s in (
            step('MISS', f'200|Last-Modified: {sent}|{FRESH}', place=f'?{n}', got__Last_Modified=got), step('HIT', place=f'?{n}', got__Last_Modified=got))],
    # conditions and ranges of the client
    'If-None-Match, hit': pair(f'200|{FRESH}|{ETAG}', 'HIT', req__If_None_Match='"a"', status=304, body=''),
    'If-None-Match, miss': [step('MISS', f'200|{FRESH}|{ETAG}', req__If_None_Match='"a"', status=304, body=''), step('HIT', sent={})],
    'If-Modified-Since': pair('200|Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT|' + FRESH, 'HIT', status=304, body='',
                              req__If_Modified_Since='Sun, 06 Nov 1994 08:49:37 GMT'),
    'a range, hit': pair(f'200|{FRESH}|{ETAG}', 'HIT', req__Range='bytes=0-5', status=206, body='answer', got__Content_Range=True),
    'a range, miss': [step('MISS', f'200|{FRESH}|{ETAG}', req__Range='bytes=0-5', status=206, body='answer'), step('HIT', sent={})],
    'If-Range, other': pair(f'200|{FRESH}|{ETAG}', 'HIT', req__Range='bytes=0-5', req__If_Range='"b"', status=200),
    'a range beyond': pair(f'200|{FRESH}|{ETAG}', 'HIT', req__Range='bytes=1000-', status=416),
    'a far range': [step(None, '200|' + FRESH, place='/far', req__Range='bytes=500-600', sent={'Range': 'bytes=500-600'}), step('MISS', place='/far')],
    '206 is not stored': pair('206|Content-Range: bytes 0-8/100|' + FRESH, 'MISS', status=200),
    # directives
    'valid': [step('MISS', '200', place='/valid'), step('HIT', place='/valid'), step('HIT', place='/valid', same=True)],
    'valid 404': [step('MISS', '404', place='/valid', status=404), step('MISS', '404', place='/valid', status=404)],
    'valid, no-store': [step('MISS', '200|Cache-Control: no-store', place='/valid'), step('MISS', place='/valid')],
    'ignored headers': [step('MISS', '200|Cache-Control: no-store|Set-Cookie: a=b', place='/ignore'), step('HIT', place='/ignore')],
    'min_uses': [step('MISS', place='/uses'), step('MISS', place='/uses'), step('MISS', place='/uses'), step('HIT', place='/uses')],
    'bypass': [step('MISS', place='/bypass'), step('HIT', place='/bypass'), step('BYPASS', place='/bypass', req__X_Bypass='1'), step('HIT', place='/bypass', same=True)],
    'bypass of nothing': [step('MISS', place='/bypass', req__X_Bypass='0'), step('HIT', place='/bypass', req__X_Bypass='0')],
    'no_cache': [step('MISS', place='/bypass', req__X_Not='1'), step('MISS', place='/bypass'), step('HIT', place='/bypass', req__X_Not='1')],
    'key': [step('MISS', place='/key?a=1&b=2'), step('HIT', place='/key?a=1&b=3', same=True)],
    'methods': [step('MISS', method='POST', place='/post'), step('HIT', method='POST', place='/post')],
    'convert_head off': [step('MISS', method='HEAD', place='/head', sent_method='HEAD'), step('MISS', place='/head'), step('HIT', method='HEAD', place='/head')],
    'revalidate off': [step('MISS', f'200|{STALE}|{ETAG}', place='/whole'), step('EXPIRED', place='/whole', sent={})],
    'an answer that is cut': [step('MISS', f'200|{FRESH}|{ETAG}', req__X_Cut='1', cut=True), step('MISS'), step('HIT')],
    'a large one': [step('MISS', req__X_Size='300000'), step('HIT', long=300000), step('HIT', req__Range='bytes=299990-', status=206)],
    'a variable': [step('MISS', place='/var?pages'), step('HIT', place='/var?pages'), step('MISS', place='/var?aside'), step(None, place='/var?off'),
                   step(None, place='/var?none', status=500)],
    'written elsewhere': [step('MISS', place='/aside', req__X_Size='100000'), step('HIT', place='/aside', long=100000)],
    'written on another disk': [step('MISS', place='/shm', req__X_Size='100000'), step('HIT', place='/shm', long=100000)],
    'off': [step(None, place='/off'), step(None, place='/off', same=False)],
}


def play(port, up, number, name, steps):
    first = before = None
    for at, s in enumerate(steps):
        more = s['more']
        request = {key[5:].replace('_', '-'): value for key, value in more.items() if key.startswith('req__')}
        request['X-Answer'] = s['answer']
        place, mark, query = s['place'].partition('?')
        path = f'{place}/{number}{mark}{query}'.replace('NUMBER', str(number))
        request['X-Answer'] = request['X-Answer'].replace('NUMBER', str(number)).replace('UP', up)
        status, answer, body = ask(port, s['method'], path, request)
        text = body.decode('latin-1')
        count = answer.get('x-count')
        first = first if first is not None else text

        def check(holds, what):
            if not holds:
                print(f'"{name}", request {at + 1} ({path}): {what}; {status} {answer}')
            return holds

        good = check(answer.get('x-cache') == s['want'], f"the cache should say {s['want']}")
        if s['status'] is not None:
            good &= check(status == s['status'], f"the status should be {s['status']}")
        if s['body'] is not None:
            good &= check(text == (first if s['body'] == 'first' else s['body']), f"the body should be {s['body']}, but it is {text!r}")
        if 'same' in more:
            good &= check((count == before) == more['same'], 'asked the server' if more['same'] else 'did not ask the server')
        if 'long' in more:
            good &= check(len(body) > more['long'], 'too short')
        if 'sent_method' in more:
            good &= check(answer['x-got'].startswith(more['sent_method'] + ' '), 'the method')
        if 'sent' in more:
            sent = json.loads(answer['x-got'].partition(' ')[2])
            good &= check(sent == more['sent'], f"the server should get {more['sent']}")
        for key, wanted in more.items():
            if key.startswith('got__'):
                value = answer.get(key[5:].replace('_', '-').lower())
                holds = wanted(value) if callable(wanted) else value is not None if wanted is True else value == wanted
                good &= check(holds, f'{key[5:]} should be {wanted}')
        if not good:
            return False
        before = count
    return True


def table(port, up):
    failures = sum(not play(port, up, number, name, steps) for number, (name, steps) in enumerate(TABLE.items()))
    print(f'{len(TABLE)} rows, {failures} wrong')
    return failures > 0 or len(TABLE) < 60


def crowd(port, number, path, answer):
    counts, said = set(), {}
    lock = threading.Lock()

    def one():
        status, headers, _ = ask(port, 'GET', path, {'X-Wait': '0.5', 'X-Answer': answer})
        with lock:
            counts.add(headers.get('x-count'))
            said[headers.get('x-cache')] = said.get(headers.get('x-cache'), 0) + (status == 200)

    threads = [threading.Thread(target=one) for _ in range(number)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(len(counts), ' '.join(f'{word}:{times}' for word, times in sorted(said.items())))
    return 0


if sys.argv[1] == 'up':
    upstream = Upstream()
    print(upstream.socket.getsockname()[1], flush=True)
    upstream.run()
elif sys.argv[1] == 'table':
    sys.exit(table(int(sys.argv[2]), sys.argv[3]))
else:
    sys.exit(crowd(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5] if len(sys.argv) > 5 else '200|Cache-Control: max-age=60'))
