#!/usr/bin/env python3
"""packets_taken.py PORT PATH PACKET COUNT   fetches PATH so often on one connection whose packets carry
PACKET bytes at most. For each answer: how many packets it came in, and how few would have done."""
import socket
import struct
import sys

DATA_SEGS_IN = 152  # in struct tcp_info

port, path, packet, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = socket.socket()
client.settimeout(20)
client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, packet)
client.connect(("127.0.0.1", port))
carries = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
before = 0
for _ in range(count):
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    got = b""
    while b"\r\n\r\n" not in got:
        got += client.recv(1 << 20)
    head, _, body = got.partition(b"\r\n\r\n")
    length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")][0]
    size = len(head) + 4 + int(length.split(b":")[1])
    left = size - len(got)
    while left > 0:
        left -= len(client.recv(1 << 20))
    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, DATA_SEGS_IN + 4)
    packets = struct.unpack_from("I", info, DATA_SEGS_IN)[0]
    print(packets - before, -(-size // carries))
    before = packets
