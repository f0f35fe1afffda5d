"""HEAD and GET of each kind of answer: the same head, and nothing behind that of HEAD.

head.py PORT VERSION: each kind is asked for with a GET behind it, first one after the other and then in
one piece. If a body comes where none belongs, the answer to that GET is misread.
"""
import sys
from answers import *

# target, lines of the head behind "|"; the status
KINDS = """
/file > 200
/empty > 200
/large.txt > 200
/file|If-None-Match: * > 304
/file|If-Modified-Since: Sun, 02 Feb 2020 02:02:02 GMT > 304
/file|If-Match: "other" > 412
/file|If-Unmodified-Since: Sat, 01 Feb 2020 02:02:02 GMT > 412
/sub/ > 200
/sub > 301
/sub?a=b > 301
/missing > 404
/missing/ > 404
/unlisted/ > 403
/listed/ > 200
/listed.json/ > 200
/random/ > 200
/text > 200
/none > 200
/created > 201
/nothing > 204
/moved > 301
/found > 302
/other > 303
/unchanged > 304
/temporary > 307
/permanent > 308
/refresh|User-Agent: MSIE 6.0; > 200
/bad > 400
/bad-text > 400
/deny > 403
/deny-text > 403
/denied > 403
/gone-text > 410
/teapot > 418
/teapot-text > 418
/broken > 500
/broken-text > 500
/later > 503
/later-text > 503
/internal > 404
/only-post > 403
/rewritten > 301
/round > 500
/tried > 404
/tried-named > 404
/page404 > 404
/page200 > 200
/page-of > 201
/page-named > 410
/page-away > 302
/page-lost > 404
/page-loop > 500
/ssi/page.html > 200
/ssi/missing.html > 404
/gzip/page.html|Accept-Encoding: gzip > 200
/gzip/large.txt|Accept-Encoding: gzip > 200
/gzip/missing|Accept-Encoding: gzip > 404
/static/large.txt|Accept-Encoding: gzip > 200
/static/large.txt > 200
/limited > 503
/crowded > 503
/status > 200
/stub > 200
/slow > 200
/trailer > 200
/expires > 200
/acted > 200
/long > 413
/file|Expect: 100-continue > 200
/%zz > 400
/../x > 400
/file|A : b > 400
/file|Host: second > 400
/file|Content-Length: x > 400
/file|Content-Length: 99999999999 > 413
/file|Transfer-Encoding: gzip > 501
"""
BEHIND = "/file", 200, b"this is file\n"
COUNTING = "/status", "/stub"  # their length is another each time
# Connection is about the connection: without a length, GET has to end it and HEAD has not
OTHERWISE = "Date", "Connection", "Keep-Alive", "Expires"

port, version = int(sys.argv[1]), sys.argv[2]


def request(method, target, *lines):
    if version == "1.0":
        lines += ("Connection: keep-alive",)
    return "".join(line + "\r\n" for line in ("%s %s HTTP/%s" % (method, target, version), "Host: x", *lines, "")).encode()


def ask(method, target, lines, together):
    behind = request("GET", BEHIND[0])
    with Connection(port) as c:
        c.send(request(method, target, *lines) + (behind if together else b""))
        a = c.read(method)
        if not a.ends:
            if not together:
                c.send(behind)
            b = c.read()
            if b is None or (b.status, b.body) != BEHIND[1:]:
                raise Wrong("what follows is %s" % (b and (b.status, b.body)))
        return a


def head_of(a):
    return sorted(field for field in a.fields if field[0] not in OTHERWISE)


def compare(status, target, lines):
    get = ask("GET", target, lines, False)
    for together in False, True:
        head = ask("HEAD", target, lines, together)
        if (get.status, head.status) != (status, status):
            raise Wrong("%d to GET, %d to HEAD" % (get.status, head.status))
        if target not in COUNTING and head_of(head) != head_of(get):
            raise Wrong("not the same head\n  to GET  %s\n  to HEAD %s" % (head_of(get), head_of(head)))
        if head.ends and not get.ends:
            raise Wrong("HEAD ends the connection")


wrong = 0
for line in KINDS.split("\n")[1:-1]:
    words, status = line.rsplit(" > ", 1)
    target, *lines = words.split("|")
    if version == "1.0" and ("Expect" in words or "Transfer-Encoding" in words):
        continue
    try:
        compare(int(status), target, lines)
    except (Wrong, OSError) as e:
        print("%s: %s" % (words, e))
        wrong += 1
sys.exit(wrong > 0)
