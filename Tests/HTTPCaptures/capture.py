#!/usr/bin/env python3
"""Writes down what HTTP clients and servers send, byte by byte, and what it was meant to say.

    python3 -m venv .build/http-python
    .build/http-python/bin/pip install httpx==0.28.1 h11==0.16.0
    .build/http-python/bin/python Tests/HTTPCaptures/capture.py

Each message is a file in `requests` or `responses`. `index.json` has what the client was asked to send, which
HTTPCaptureTests compares with what our readers find in the bytes. The files are kept, so that the tests need
neither Python nor a network; made anew, they show what newer versions of the clients do differently.
"""
import http.client
import http.server
import json
import pathlib
import shutil
import socket
import subprocess
import threading

import h11
import httpx

FOLDER = pathlib.Path(__file__).resolve().parent
PAUSE = 0.15
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"


class Listener:
    """Takes one connection, answers whenever the client pauses, and keeps what came."""

    def __init__(self, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind((host, 0))
        self.socket.listen(1)
        self.socket.settimeout(10)
        self.port = self.socket.getsockname()[1]
        self.received = b""
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection, _ = self.socket.accept()
        connection.settimeout(PAUSE)
        unanswered = b""
        has_continued = False
        while True:
            try:
                piece = connection.recv(65536)
                if not piece:
                    break
                self.received += piece
                unanswered += piece
            except TimeoutError:
                if not unanswered:
                    continue
                if b"100-continue" in unanswered and not has_continued:
                    has_continued = True
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    continue
                head = unanswered.split(b"\r\n\r\n")[0]
                answer = ANSWER[:-2] if head.startswith(b"HEAD") else ANSWER
                if head.split(b"\r\n")[0].endswith(b"HTTP/1.0"):
                    connection.sendall(answer.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                    connection.shutdown(socket.SHUT_WR)
                else:
                    connection.sendall(answer)
                unanswered = b""
        connection.close()

    def finish(self):
        self.thread.join(15)
        self.socket.close()
        return self.received


def curl(*arguments, stdin=b""):
    def send(base, port):
        filled = [argument.replace("{base}", base).replace("{port}", str(port)) for argument in arguments]
        subprocess.run(["curl", "-sS", "--noproxy", "-", "--max-time", "10", *filled], input=stdin, check=True,
                       stdout=subprocess.DEVNULL)
    return send


def python(method, path, body=None, fields=None, chunked=False):
    def send(base, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, path, body, fields or {}, encode_chunked=chunked)
        connection.getresponse().read()
        connection.close()
    return send


def with_httpx(use):
    def send(base, port):
        with httpx.Client(base_url=base, timeout=10, trust_env=False) as client:
            use(client)
    return send


def request(method, path, query="", content=b"", fields=None, framing=None, **more):
    if framing is None:
        framing = {"length": len(content)}
    return {"method": method, "path": path, "query": query, "content": content.decode("latin-1"),
            "fields": fields or {}, "framing": framing, **more}


JSON = b'{"type":"message","data":"gr\xc3\xbc\xc3\x9fe"}'
CHUNKED = {"chunked": True}
WEBSOCKET = ["-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13",
             "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]


def two_requests(client):
    client.get("/one")
    client.post("/two", content=b"2")


def python_twice(base, port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for path in ["/one", "/two"]:
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()


CASES = {
    "curl-get": (curl("{base}/health"), [request("GET", "/health")]),
    "curl-head": (curl("-I", "{base}/health"), [request("HEAD", "/health")]),
    "curl-query": (curl("-g", "{base}/events?topics=orders.>&a={b}&c=[1]|2"),
                   [request("GET", "/events", "topics=orders.>&a={b}&c=[1]|2")]),
    "curl-encoded-query": (curl("-G", "--data-urlencode", "q=grün & blau", "{base}/a"),
                           [request("GET", "/a", "q=gr%c3%bcn+%26+blau", queryValue=["q", "grün & blau"])]),
    "curl-fragment": (curl("{base}/a?b#c"), [request("GET", "/a", "b")]),
    "curl-post-form": (curl("-d", "a=1&b=2", "{base}/form"),
                       [request("POST", "/form", content=b"a=1&b=2",
                                fields={"content-type": "application/x-www-form-urlencoded"})]),
    "curl-post-json": (curl("--json", JSON.decode(), "{base}/json"),
                       [request("POST", "/json", content=JSON, fields={"content-type": "application/json"})]),
    "curl-post-empty": (curl("-X", "POST", "{base}/a"), [request("POST", "/a")]),
    "curl-post-empty-data": (curl("-d", "", "{base}/a"), [request("POST", "/a")]),
    "curl-put-chunked": (curl("-T", "-", "-H", "Expect:", "{base}/up", stdin=b"streamed " * 50),
                         [request("PUT", "/up", content=b"streamed " * 50, framing=CHUNKED)]),
    "curl-expect": (curl("-H", "Expect: 100-continue", "-d", "later", "{base}/a"),
                    [request("POST", "/a", content=b"later", expectsContinue=True)]),
    "curl-expect-chunked": (curl("-T", "-", "-H", "Expect: 100-continue", "{base}/a", stdin=b"later"),
                            [request("PUT", "/a", content=b"later", framing=CHUNKED, expectsContinue=True)]),
    "curl-delete": (curl("-X", "DELETE", "{base}/api/hub/v1/consumers/a%2Fb"),
                    [request("DELETE", "/api/hub/v1/consumers/a%2Fb")]),
    "curl-options-server": (curl("-X", "OPTIONS", "--request-target", "*", "{base}"), [request("OPTIONS", "*")]),
    "curl-proxy": (curl("--noproxy", "", "-x", "http://127.0.0.1:{port}", "http://hub.example:8000/a?b"),
                   [request("GET", "/a", "b", host="hub.example", port=8000)]),
    "curl-proxy-root": (curl("--noproxy", "", "-x", "http://127.0.0.1:{port}", "http://hub.example"),
                        [request("GET", "/", host="hub.example")]),
    "curl-http10": (curl("-0", "{base}/old"), [request("GET", "/old", isOldVersion=True, keepsAlive=False)]),
    "curl-close": (curl("-H", "Connection: close", "{base}/a"), [request("GET", "/a", keepsAlive=False)]),
    "curl-websocket": (curl(*WEBSOCKET, "{base}/hub"), [request("GET", "/hub", wantsWebSocket=True)]),
    "curl-two": (curl("{base}/one", "{base}/two"), [request("GET", "/one"), request("GET", "/two")]),
    "curl-long-field": (curl("-H", "X-Long: " + "a" * 4000, "{base}/a"),
                        [request("GET", "/a", fields={"x-long": "a" * 4000})]),
    "curl-empty-field": (curl("-H", "X-Empty;", "{base}/a"), [request("GET", "/a", fields={"x-empty": ""})]),
    "curl-latin-field": (curl("-H", "X-Name: Müller", "{base}/a"),
                         [request("GET", "/a", fields={"x-name": "Müller".encode().decode("latin-1")})]),
    "python-get": (python("GET", "/health"), [request("GET", "/health")]),
    "python-head": (python("HEAD", "/health?a"), [request("HEAD", "/health", "a")]),
    "python-post": (python("POST", "/a", JSON, {"Content-Type": "application/json"}),
                    [request("POST", "/a", content=JSON, fields={"content-type": "application/json"})]),
    "python-post-empty": (python("POST", "/a"), [request("POST", "/a")]),
    "python-chunked": (python("PUT", "/a", iter([b"one", b"two" * 30]), chunked=True),
                       [request("PUT", "/a", content=b"one" + b"two" * 30, framing=CHUNKED)]),
    "python-two": (python_twice, [request("GET", "/one"), request("GET", "/two")]),
    "httpx-get": (with_httpx(lambda client: client.get("/a", params={"q": "grün & blau", "n": 1})),
                  [request("GET", "/a", "q=gr%C3%BCn+%26+blau&n=1", queryValue=["q", "grün & blau"])]),
    "httpx-head": (with_httpx(lambda client: client.head("/health")), [request("HEAD", "/health")]),
    "httpx-path": (with_httpx(lambda client: client.get("/grün/a b")), [request("GET", "/gr%C3%BCn/a%20b")]),
    "httpx-post-json": (with_httpx(lambda client: client.post("/a", json={"a": [1, 2]})),
                        [request("POST", "/a", content=b'{"a":[1,2]}',
                                 fields={"content-type": "application/json"})]),
    "httpx-post-form": (with_httpx(lambda client: client.post("/a", data={"a": "1 2"})),
                        [request("POST", "/a", content=b"a=1+2")]),
    "httpx-chunked": (with_httpx(lambda client: client.post("/a", content=iter([b"one", b"", b"two" * 40]))),
                      [request("POST", "/a", content=b"one" + b"two" * 40, framing=CHUNKED)]),
    "httpx-options": (with_httpx(lambda client: client.options("/a", headers={
        "Origin": "https://dash.example", "Access-Control-Request-Method": "POST"})),
        [request("OPTIONS", "/a", fields={"origin": "https://dash.example"})]),
    "httpx-two": (with_httpx(two_requests), [request("GET", "/one"), request("POST", "/two", content=b"2")]),
}


def capture_requests(index):
    for name, (send, messages) in CASES.items():
        listener = Listener()
        send(f"http://127.0.0.1:{listener.port}", listener.port)
        write("requests", name, listener.finish())
        for message in messages:
            message.setdefault("host", "127.0.0.1")
            if message["host"] == "127.0.0.1":
                message["port"] = listener.port
        index.append({"name": name, "messages": messages})
    listener = Listener("::1")
    curl("{base}/six")(f"http://[::1]:{listener.port}", listener.port)
    write("requests", "curl-ipv6", listener.finish())
    index.append({"name": "curl-ipv6", "messages": [request("GET", "/six", host="::1", port=listener.port)]})


# Servers


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = b"hello " * 20
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        if self.path == "/length":
            self.send_header("Content-Length", str(len(content)))
        if self.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [b"hello ", b"hello "]) + b"0\r\n\r\n"
        self.end_headers()
        self.wfile.write(content)

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "120")
        self.end_headers()

    def do_DELETE(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def ask(port, method, path):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def capture_http_server(index, version, cases):
    handler = type("Handler", (Handler,), {"protocol_version": version})
    server = http.server.HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for method, path, status, content, framing in cases:
        name = f"python-{version[-3:].replace('.', '')}-{method.lower()}-{path[1:]}"
        write("responses", name, ask(server.server_port, method, path))
        index.append({"name": name, "method": method, "status": status, "content": content, "framing": framing})
    server.shutdown()
    server.server_close()


def capture_h11(index):
    for name, fields, parts, framing in [
        ("h11-length", [("Content-Length", "5")], [b"hello"], {"length": 5}),
        ("h11-chunked", [("Transfer-Encoding", "chunked")], [b"hel", b"lo"], CHUNKED),
    ]:
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.next_event()
        connection.next_event()
        sent = connection.send(h11.InformationalResponse(status_code=103, headers=[("Link", "</a>")]))
        sent += connection.send(h11.Response(status_code=200, headers=fields, reason=b"OK"))
        sent += b"".join(connection.send(h11.Data(data=part)) for part in parts)
        sent += connection.send(h11.EndOfMessage())
        write("responses", name, sent)
        index.append({"name": name, "method": "GET", "status": 200, "content": "hello", "framing": framing})


def write(folder, name, content):
    (FOLDER / folder / f"{name}.http").write_bytes(content)


def main():
    for folder in ["requests", "responses"]:
        shutil.rmtree(FOLDER / folder, ignore_errors=True)
        (FOLDER / folder).mkdir()
    requests, responses = [], []
    capture_requests(requests)
    hello = "hello " * 20
    capture_http_server(responses, "HTTP/1.0", [
        ("GET", "/open", 200, hello, {"untilClose": True}), ("GET", "/length", 200, hello, {"length": 120}),
        ("HEAD", "/length", 200, "", {"length": 0}), ("PATCH", "/unknown", 501, None, None),
    ])
    capture_http_server(responses, "HTTP/1.1", [
        ("GET", "/open", 200, hello, {"untilClose": True}), ("GET", "/length", 200, hello, {"length": 120}),
        ("GET", "/chunked", 200, "hello hello ", CHUNKED), ("HEAD", "/length", 200, "", {"length": 0}),
        ("DELETE", "/a", 204, "", {"length": 0}),
    ])
    capture_h11(responses)
    index = {"requests": requests, "responses": responses}
    (FOLDER / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
