"""Clients that others wrote against EchoServer, and a server that others wrote against its client."""

import asyncio
import http.client
import os
import socket
import ssl
import subprocess
import sys

import httpx
import websockets

echo_server, plain, pieces, kept, secure, certificate, key = sys.argv[1:]
trust = ssl.create_default_context(cafile=certificate)
passed = 0


def check(what, is_right):
    global passed
    if not is_right:
        sys.exit(f"conformance: {what}")
    passed += 1


def with_httpx(base, **options):
    name = f"httpx at {base}"
    with httpx.Client(base_url=base, timeout=30, **options) as client:
        for _ in range(50):
            check(f"{name}: hello", client.get("/").text == "hello\n")
        for size in (0, 1, 125, 4096, 65536, 1 << 20):
            content = os.urandom(size)
            check(f"{name}: {size} bytes", client.post("/echo", content=content).content == content)
            chunks = (content[start:start + 1000] for start in range(0, size, 1000))
            check(f"{name}: {size} bytes in chunks", client.post("/echo", content=chunks).content == content)
        check(f"{name}: later", client.get("/later").text == "late\n")
        check(f"{name}: HEAD", client.head("/").headers["content-length"] == "6")
        check(f"{name}: 404", client.get("/none").status_code == 404)
        check(f"{name}: large", len(client.get("/large").content) == 1 << 20)
        with client.stream("GET", "/events") as answer:
            lines = [line for line in answer.iter_lines() if line.startswith("data:")]
        check(f"{name}: events", len(lines) == 6 and lines[5] == "data: of three")
    with httpx.Client(base_url=base, timeout=30, **options) as client:
        check(f"{name}: 413", client.post("/echo", content=bytes(1 << 21)).status_code == 413)


def with_http_client(address):
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    for number in range(20):
        connection.request("PUT", "/echo", body=b"%d" % number)
        check("http.client", connection.getresponse().read() == b"%d" % number)
    connection.close()
    # Requests in one piece: the late one is answered first all the same.
    with socket.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(b"".join(b"GET /%s HTTP/1.1\r\nHost: a\r\n%s\r\n" % pair for pair in
                             ((b"later", b""), (b"", b""), (b"", b"Connection: close\r\n"))))
        answer = b""
        while data := raw.recv(65536):
            answer += data
    check("pipelining", answer.count(b"200 OK") == 3 and answer.index(b"late\n") < answer.index(b"hello\n"))


def with_curl(base, *options):
    def curl(*words, **more):
        return subprocess.run(["curl", "-sS", "--max-time", "30", *options, *words], check=True,
                              capture_output=True, **more).stdout
    check("curl", curl(base + "/") == b"hello\n")
    content = os.urandom(900_000)
    check("curl: Expect", curl("-H", "Expect: 100-continue", "--data-binary", "@-", base + "/echo",
                               input=content) == content)
    check("curl: chunks", curl("-H", "Transfer-Encoding: chunked", "--data-binary", "@-", base + "/echo",
                               input=content) == content)
    check("curl: one connection", curl(*[base + "/"] * 10, "-w", "%{num_connects} ").count(b"0 ") == 9)
    check("curl: HTTP/1.0", curl("-0", base + "/") == b"hello\n")
    check("curl: 404 for content", curl("-o", "/dev/null", "-w", "%{http_code}", "-d", "a", base + "/no") == b"404")


async def with_websockets(uri, **options):
    name = f"websockets at {uri}"
    for compression in ("deflate", None):
        async with websockets.connect(uri, compression=compression, max_size=None,
                                      subprotocols=["x", "echo"], **options) as socket:
            check(f"{name}: subprotocol", socket.subprotocol == "echo")
            for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
                for message in (os.urandom(size), "aäö€😀"[:1 + size % 5] * (size // 4)):
                    await socket.send(message)
                    check(f"{name}: {size}", await socket.recv() == message)
            await socket.send(["in ", "", "three"])
            check(f"{name}: fragments", await socket.recv() == "in three")
            for number in range(500):
                await socket.send(f"{number}")
            check(f"{name}: many", [await socket.recv() for _ in range(500)] == [f"{n}" for n in range(500)])
            await asyncio.wait_for(await socket.ping(b"payload"), 30)
            await socket.close(4001, "enough")
            check(f"{name}: close", socket.close_code == 4001)
    try:
        await websockets.connect(uri + "refused", **options)
        check(f"{name}: refusal", False)
    except websockets.exceptions.InvalidStatus as refusal:
        check(f"{name}: refusal", refusal.response.status_code == 403)


async def as_server(*options):
    done = asyncio.get_running_loop().create_future()

    async def handle(socket):
        try:
            for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
                for message in (os.urandom(size), "ö€😀x" * (size // 10)):
                    await socket.send(message)
                    check(f"client {options}: {size}", await socket.recv() == message)
            await socket.send(["in ", "pieces"])
            check(f"client {options}: fragments", await socket.recv() == "in pieces")
            await asyncio.wait_for(await socket.ping(), 30)
            await socket.close(1001, "bye")
            check(f"client {options}: close", socket.close_code == 1001)
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    async with websockets.serve(handle, "127.0.0.1", 0, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        client = await asyncio.create_subprocess_exec(
            echo_server, "--client", f"ws://127.0.0.1:{port}/", *options, stdout=subprocess.PIPE)
        await asyncio.wait_for(done, 60)
        output, _ = await asyncio.wait_for(client.communicate(), 60)
        check(f"client {options}: told", output == b"closed: 1001 bye\n" and client.returncode == 0)


async def main():
    for address in (plain, pieces, kept):
        await with_websockets(f"ws://{address}/")
    await with_websockets(f"wss://{secure}/", ssl=trust)
    for options in ((), ("--deflate",), ("--keep-window",), ("--deflate", "--read-size", "11")):
        await as_server(*options)


for address in (plain, pieces):
    with_httpx(f"http://{address}")
    with_http_client(address)
    with_curl(f"http://{address}")
with_httpx(f"https://{secure}", verify=trust)
with_curl(f"https://{secure}", "--cacert", certificate)
asyncio.run(main())
print(f"conformance: {passed} checks by curl, http.client, httpx and websockets passed")
