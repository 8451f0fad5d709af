"""HTTP and WebSocket clients of the plainest kind: what goes over the wire is what stands here."""

import base64
import http.client
import itertools
import json
import os
import socket
import ssl
import struct
import time

LIMIT = 15


class Refused(Exception):
    """The hub did not let somebody in: by the status of the handshake, or by an error before the welcome."""

    def __init__(self, code, message="", close=None):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.close = close


class Endpoint:
    """Where a hub listens, and by which certificate one comes, if by any."""

    def __init__(self, port, context=None):
        self.port = port
        self.context = context

    def http(self, method, path, body=None, headers=None):
        """A request; says the status and the body, as JSON where it is."""
        if self.context is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        else:
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=LIMIT, context=self.context)
        try:
            headers = dict(headers or {})
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            kind = answer.getheader("Content-Type") or ""
            # A stream of events has no end.
            if kind.startswith("text/event-stream"):
                return answer.status, None
            text = answer.read()
            return answer.status, json.loads(text) if "json" in kind and text else text
        finally:
            connection.close()

    def stream(self, path, headers):
        """A stream of server-sent events that is left open."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        connection.request("GET", path, headers=headers)
        return connection, connection.getresponse()

    def socket(self):
        plain = socket.create_connection(("127.0.0.1", self.port), LIMIT)
        return plain if self.context is None else self.context.wrap_socket(plain, server_hostname="127.0.0.1")


class Agent:
    """A WebSocket on which an agent speaks the native protocol."""

    numbers = itertools.count(1)

    def __init__(self, endpoint, token=None):
        self.socket = endpoint.socket()
        self.buffer = b""
        self.frames = []
        self.closed = None
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /hub HTTP/1.1", f"Host: 127.0.0.1:{endpoint.port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more(time.monotonic() + LIMIT)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            raise Refused(status, head.decode())

    def hello(self, agent=None, sign=None, **more):
        """Says hello, signs the challenge if there is one, and returns the welcome; `Refused` if there is none."""
        if agent is not None:
            more["agent"] = agent
        self.send(type="hello", **more)
        first = self.next(lambda frame: frame["type"] in ("welcome", "challenge", "error"))
        if first is not None and first["type"] == "challenge":
            if sign is None:
                raise Refused("challenge", "a signature is asked for")
            self.send(type="hello", agent=agent, key="mine", signature=sign(first["nonce"]))
            first = self.next(lambda frame: frame["type"] in ("welcome", "error"))
        if first is None or first["type"] == "error":
            self.next(lambda frame: False, 2)
            raise Refused((first or {}).get("code"), (first or {}).get("message", ""), self.closed)
        return first

    def send(self, **frame):
        text = json.dumps(frame).encode()
        mask = os.urandom(4)
        if len(text) < 126:
            head = struct.pack("!BB", 0x81, 0x80 | len(text))
        else:
            head = struct.pack("!BBH", 0x81, 0x80 | 126, len(text))
        self.socket.sendall(head + mask + bytes(byte ^ mask[i & 3] for i, byte in enumerate(text)))

    def ask(self, **frame):
        """Sends a frame and returns what answers it."""
        number = frame.setdefault("id", f"q{next(self.numbers)}")
        self.send(**frame)
        found = self.next(lambda answer: answer.get("re") == number)
        assert found is not None, f"{frame} has no answer; the connection is closed with {self.closed}: {self.frames}"
        return found

    def replay(self, **what):
        """A replay: its end or the error, and the messages."""
        number = f"q{next(self.numbers)}"
        self.send(type="replay", id=number, **what)
        end = self.next(lambda frame: frame.get("re") == number)
        shown = [frame for frame in self.frames if frame.get("replay") == number]
        self.frames = [frame for frame in self.frames if frame.get("replay") != number]
        return end, shown

    def settled(self):
        """Whatever was sent to it before now has come."""
        self.ask(type="ping")

    def next(self, wanted, seconds=LIMIT):
        """The first frame of those wanted; none if the connection ends or the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            for index, frame in enumerate(self.frames):
                if wanted(frame):
                    return self.frames.pop(index)
            if self.closed is not None or not self._message(deadline):
                return None

    def _message(self, deadline):
        """Reads one frame of the WebSocket; false if none comes in time."""
        try:
            head = self._take(2, deadline)
            size = head[1] & 127
            if size == 126:
                size = struct.unpack("!H", self._take(2, deadline))[0]
            elif size == 127:
                size = struct.unpack("!Q", self._take(8, deadline))[0]
            body = self._take(size, deadline)
        except TimeoutError:
            return False
        except (EOFError, OSError):
            self.closed = self.closed or 1006
            return False
        kind = head[0] & 15
        if kind == 8:
            self.closed = struct.unpack("!H", body[:2])[0] if body else 1005
        elif kind == 1:
            self.frames.append(json.loads(body))
        return True

    def _take(self, count, deadline):
        while len(self.buffer) < count:
            self._more(deadline)
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def _more(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)
        try:
            came = self.socket.recv(65536)
        except ssl.SSLError as error:
            # A certificate that is refused shows in the first answer.
            raise Refused("tls", str(error)) from None
        if not came:
            raise EOFError
        self.buffer += came

    def close(self):
        self.socket.close()
