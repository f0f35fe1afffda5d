"""behind.py NAME FOLDER [PORT]: a server for upstream.bats, behind the one that is tested.

Every answer is "NAME C R": the connection's number and the request's number on it. Its port stands in
FOLDER/NAME.port, the paths of requests in FOLDER/NAME.log when they arrive. /hold/KEY is answered when
FOLDER/KEY exists, /drop never: the connection is closed; so is /fresh, unless it is the first one there; behind the answer to /more come other bytes. SIGUSR1
closes all connections that wait for a request.
"""
import asyncio, os, signal, sys

name, folder = sys.argv[1:3]
idle, count = set(), 0


async def serve(reader, writer):
    global count
    count += 1
    mine, requests = count, 0
    try:
        while True:
            idle.add(writer)
            head = await reader.readuntil(b'\r\n\r\n')
            idle.discard(writer)
            path = head.split(b' ')[1].decode()
            requests += 1
            with open(f'{folder}/{name}.log', 'a') as log:
                print(path, file=log)
            if path.startswith('/drop') or path.startswith('/fresh') and requests > 1:
                break
            if path.startswith('/hold/'):
                while not os.path.exists(f'{folder}/{path[6:]}'):
                    await asyncio.sleep(.02)
            body = f'{name} {mine} {requests}\n'.encode()
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body))
            if path.startswith('/more'):
                writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong')
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    idle.discard(writer)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: [w.close() for w in list(idle)])
    with open(f'{folder}/{name}.new', 'w') as file:
        print(server.sockets[0].getsockname()[1], file=file)
    os.rename(f'{folder}/{name}.new', f'{folder}/{name}.port')
    await server.serve_forever()

asyncio.run(main())
