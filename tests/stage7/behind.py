"""behind.py NAME FOLDER [PORT]: a server for upstream.bats, behind the one that is tested.

Every answer is "NAME C R": the connection's number and the request's number on it. Its port stands in
FOLDER/NAME.port, the paths of requests in FOLDER/NAME.log when they arrive. /hold/KEY is answered when
FOLDER/KEY exists, /drop never: the connection is closed; so is /fresh, unless it is the first one there; behind
the answer to /more come other bytes; the answer to /close says so, but the connection stays open. SIGUSR1 closes all connections that wait for a request.
"""
import os, signal, socket, sys, time
from _thread import start_new_thread

name, folder = sys.argv[1:3]
idle = set()


def head_of(client):
    head = b''
    while not head.endswith(b'\r\n\r\n'):
        part = client.recv(4096)
        if not part:
            return None
        head += part
    return head


def serve(client, number):
    requests = 0
    try:
        while True:
            idle.add(client)
            head = head_of(client)
            idle.discard(client)
            if head is None:
                break
            path = head.split(b' ')[1].decode()
            requests += 1
            with open(f'{folder}/{name}.log', 'a') as log:
                print(path, file=log)
            if path.startswith('/drop') or path.startswith('/fresh') and requests > 1:
                break
            while path.startswith('/hold/') and not os.path.exists(f'{folder}/{path[6:]}'):
                time.sleep(.02)
            body = f'{name} {number} {requests}\n'.encode()
            more = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong' if path.startswith('/more') else b''
            close = b'Connection: close\r\n' if path.startswith('/close') else b''
            client.sendall(b'HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s' % (close, len(body), body) + more)
    except OSError:
        pass
    idle.discard(client)
    client.close()


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(('127.0.0.1', int(sys.argv[3]) if len(sys.argv) > 3 else 0))
listener.listen()
signal.signal(signal.SIGUSR1, lambda *_: [one.shutdown(socket.SHUT_RDWR) for one in list(idle)])
with open(f'{folder}/{name}.new', 'w') as file:
    print(listener.getsockname()[1], file=file)
os.rename(f'{folder}/{name}.new', f'{folder}/{name}.port')
number = 0
while True:
    client = listener.accept()[0]
    number += 1
    start_new_thread(serve, (client, number))
