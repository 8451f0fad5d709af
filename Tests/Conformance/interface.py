"""The HTTP interface against its description: a hub that has a bit of everything in it is asked what Schemathesis makes of
docs/protocol/openapi.json, right and wrong things, with and without credentials. `interface.py AGENTHUB [SECONDS]`."""

import asyncio
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import websockets

DESCRIPTION = pathlib.Path(__file__).resolve().parents[2] / "docs/protocol/openapi.json"
API = "/api/hub/v1"
SEED = "20"
# What may take long does so because the machine is busy.
LIMIT = 30


class Hub:
    """A hub that runs, in a directory of its own."""

    def __init__(self, program, folder):
        self.program, self.data = program, os.path.join(folder, "data")
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        self.said = open(os.path.join(folder, "said"), "w+")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None

    def token(self, agent, role, tenant="default"):
        """A new token."""
        words = ["tokens", "add", agent, "--role", role, "--tenant", tenant, "--data", self.data]
        return subprocess.run([self.program, *words], check=True, capture_output=True, text=True).stdout.split()[0]

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", self.data],
            stdout=self.said, stderr=self.said, stdin=subprocess.DEVNULL, env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise AssertionError("the hub does not listen")

    def stop(self):
        """Ends it, and says how many seconds that took."""
        began = time.monotonic()
        self.process.terminate()
        code = self.process.wait(LIMIT)
        assert code == 0, f"the hub ended with {code}"
        return time.monotonic() - began

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def ask(self, method, path, body=None, token=None, **fields):
        """One request; says status, fields and content, which is read if it is JSON."""
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        if token:
            fields["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        try:
            connection.request(method, path if path.startswith("/") else f"{API}/{path}", body, fields)
            answer = connection.getresponse()
            content = answer.read()
            if answer.getheader("Content-Type") == "application/json" and content:
                content = json.loads(content)
            return answer.status, answer.headers, content
        finally:
            connection.close()

    def expect(self, status, method, path, body=None, token=None, **fields):
        """As `ask`, for what has one right status; says the content."""
        found, _, content = self.ask(method, path, body, token, **fields)
        assert found == status, f"{method} {path} is answered with {found}, not {status}: {content}"
        return content


class Agent:
    """An agent by WebSocket, one question at a time."""

    def __init__(self, socket):
        self.socket, self.number, self.came = socket, 0, []

    @classmethod
    async def connect(cls, hub, name, token=None):
        agent = cls(await websockets.connect(
            f"ws://127.0.0.1:{hub.port}/hub", proxy=None, subprotocols=["agenthub.v1"], open_timeout=LIMIT))
        hello = {"token": token} if token else {}
        await agent.send(type="hello", agent=name, **hello)
        await agent.take(lambda frame: frame["type"] == "welcome")
        return agent

    async def send(self, **frame):
        await self.socket.send(json.dumps(frame))

    async def take(self, wanted):
        for place, frame in enumerate(self.came):
            if wanted(frame):
                return self.came.pop(place)
        while True:
            frames = json.loads(await asyncio.wait_for(self.socket.recv(), LIMIT))
            for frame in frames if isinstance(frames, list) else [frames]:
                if frame["type"] == "error":
                    raise AssertionError(frame)
                self.came.append(frame)
            for place, frame in enumerate(self.came):
                if wanted(frame):
                    return self.came.pop(place)

    async def do(self, **frame):
        self.number += 1
        frame.setdefault("id", f"q{self.number}")
        await self.send(**frame)
        return await self.take(lambda answer: answer.get("re") == frame["id"])


async def fill(hub, tokens=None):
    """A bit of everything."""
    tokens = tokens or {}
    planner = await Agent.connect(hub, "planner", tokens.get("planner"))
    worker = await Agent.connect(hub, "worker", tokens.get("worker"))
    await worker.do(type="subscribe", consumer="work", topics=["jobs.>"], max_in_flight=4, max_deliver=2,
                    backoff={"initial_ms": 1, "max_ms": 1})
    await worker.do(type="subscribe", inbox=True)
    for number in range(3):
        await planner.do(type="message", topic="jobs.new", data={"job": number})
    first, second, _ = [await worker.take(lambda frame: frame.get("topic") == "jobs.new") for _ in range(3)]
    await worker.send(type="ack", consumer="work", offset=first["offset"])
    await worker.send(type="term", consumer="work", offset=second["offset"], reason="no such thing")
    await planner.do(type="message", topic="weather.here", data={"sky": "blue"}, retain=True)
    await planner.do(type="message", to="worker", data="a word", session="run-1")
    await planner.do(type="session_open", session="talk", **{"with": "worker"}, purpose="to talk")
    await worker.do(type="status", data={"status": "busy"})
    await planner.do(type="command", to="worker", id="c1", data={"command": "go"}, timeout_ms=600_000)
    await worker.do(type="response", command_id="c1", data={"status": "ok", "result": 1})
    await planner.do(type="command", to="worker", id="c2", data={"command": "wait"}, timeout_ms=600_000)
    return planner, worker


async def let_settle(hub, token=None):
    """Waits until the dead letter is there: an operator may look."""
    for _ in range(LIMIT * 20):
        letters = hub.expect(200, "GET", "dead-letters", token=token)["items"]
        if letters:
            return letters[0]
        await asyncio.sleep(0.05)
    raise AssertionError("there is no dead letter")


def publishing(hub):
    """What is taken, and what is refused how."""
    def post(status, body, **fields):
        return hub.expect(status, "POST", "messages", body, **fields)

    receipt = post(200, {"topic": "by.http", "data": 1})
    assert receipt["durability"] == "fsynced", receipt
    assert post(202, {"topic": "by.http", "data": 2, "durability": "memory"})["durability"] == "memory"
    assert post(200, {"topic": "by.http", "data": 3, "id": "same"}).get("duplicate") is None
    assert post(200, {"topic": "by.http", "data": 3, "id": "same"})["duplicate"] is True
    named = post(200, {"type": "message", "topic": "by.http", "data": 4}, X_Agent="postman")
    life = hub.expect(200, "GET", f"messages/{named['offset']}")
    assert life["message"]["from"] == "postman" and life["life"][0]["event"] == "taken", life
    post(415, b'{"topic":"by.http","data":1}', Content_Type="text/plain")
    post(415, b'{"topic":"by.http","data":1}')
    post(400, {"topic": "by.http", "data": 1}, X_Agent="no name")
    post(400, {"topic": "by.http", "data": 1}, X_Agent="x" * 300)
    post(400, [{"topic": "by.http", "data": 1}])
    post(400, {"type": "subscribe", "topics": [">"]})
    post(400, b"{", Content_Type="application/json")
    post(400, {"data": 1})
    post(403, {"topic": "$dead.x", "data": 1})
    post(413, {"topic": "by.http", "data": "x" * (1 << 20)})
    post(413, {"topic": "by.http", "data": "x" * (2 << 20)})
    post(403, {"topic": "by.http", "data": 1}, Origin="https://elsewhere.example")
    # An agent's name that the router refuses must not spoil the next request.
    post(200, {"topic": "by.http", "data": 5})


def operating(hub):
    """Consumers and dead letters, each step twice where that could be asked."""
    for change in ({"paused": True}, {"paused": True}, {"paused": False}, {"paused": False}, {"position": "new"},
                   {"position": 0, "paused": True}, {"position": "all", "paused": False}):
        state = hub.expect(200, "PATCH", "consumers/work", change)
        assert (state["state"] == "paused") == change.get("paused", False), (change, state)
    hub.expect(400, "PATCH", "consumers/work", {})
    hub.expect(415, "PATCH", "consumers/work", b'{"paused":true}', Content_Type="text/plain")
    hub.expect(404, "PATCH", "consumers/nobody", {"paused": True})
    # Moved, it made dead letters again; two are dealt with, each once.
    letter = hub.expect(200, "GET", "dead-letters?consumer=work&limit=1")["items"][0]["offset"]
    hub.expect(202, "POST", f"dead-letters/{letter}")
    assert hub.ask("POST", f"dead-letters/{letter}")[0] in (202, 404, 409)
    hub.expect(404, "POST", "dead-letters/0")
    hub.expect(404, "DELETE", "consumers/nobody")


def events(hub):
    """Server-sent events: in order, and again from where somebody stopped."""
    def listen(count, path="events?topic=by.http", **fields):
        connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=LIMIT)
        connection.request("GET", f"{API}/{path}", headers={k.replace("_", "-"): v for k, v in fields.items()})
        answer = connection.getresponse()
        assert answer.getheader("Content-Type") == "text/event-stream", answer.headers
        found, event = [], {}
        while len(found) < count:
            line = answer.readline().decode().rstrip("\n")
            name, _, value = line.partition(":")
            if line == "" and event:
                found.append((int(event["id"]), json.loads(event["data"])))
                event = {}
            elif name:
                event[name] = value.removeprefix(" ")
        connection.close()
        return found

    all_of_them = listen(4, "events?topic=by.http&from=0")
    offsets = [offset for offset, _ in all_of_them]
    assert offsets == sorted(set(offsets)), offsets
    assert all(offset == data["offset"] and data["topic"] == "by.http" for offset, data in all_of_them)
    again = listen(2, Last_Event_ID=str(offsets[1]))
    assert again == all_of_them[2:], (again, all_of_them)
    hub.expect(400, "GET", "events?topic=by..http")
    hub.expect(400, "GET", "events", Last_Event_ID="x")
    status, fields, content = hub.ask("HEAD", "events")
    assert (status, fields["Content-Type"], content) == (200, "text/event-stream", b"")


def manners(hub):
    """What any path does."""
    for path in ("nothing", "/nothing", "sessions/a/b", "messages//", "topics//messages", "/"):
        assert hub.ask("GET", path)[0] in (400, 404), path
    status, fields, _ = hub.ask("PUT", "messages")
    assert (status, fields["Allow"]) == (405, "POST")
    status, fields, content = hub.ask("OPTIONS", "consumers/work")
    assert (status, fields["Allow"], content) == (204, "GET, HEAD, PATCH, DELETE", b"")
    status, fields, content = hub.ask("HEAD", "state")
    assert status == 200 and content == b"" and int(fields["Content-Length"]) > 100
    assert hub.ask("GET", "state", Host="elsewhere.example")[0] == 403
    with socket.create_connection(("127.0.0.1", hub.port), LIMIT) as peer:
        head = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
        paths = [f"{API}/state", "/agents", f"{API}/nothing", f"{API}/openapi.json", f"{API}/topics"]
        peer.sendall("".join(head % path for path in paths).encode())
        file = peer.makefile("rb")
        order = []
        for _ in paths:
            status = int(file.readline().split()[1])
            length = 0
            while (line := file.readline().strip()):
                name, _, value = line.decode().partition(":")
                length = int(value) if name.lower() == "content-length" else length
            order.append((status, sorted(json.loads(file.read(length)))[0]))
        assert order == [(200, "agents"), (200, "items"), (404, "error"), (200, "components"), (200, "items")], order


def tenants(hub, tokens):
    """Nobody sees anything of another tenant, and rights are asked for."""
    mine, other, agent = tokens["admin"], tokens["stranger"], tokens["worker"]
    offset = hub.expect(200, "POST", "messages", {"topic": "secret", "data": 1}, mine)["offset"]
    letter = hub.expect(200, "GET", "dead-letters", token=mine)["items"][0]["offset"]
    for path in ("agents", "sessions", "topics", "consumers", "dead-letters"):
        names = json.dumps(hub.expect(200, "GET", path, token=other))
        assert not any(word in names for word in ("planner", "worker", "secret", "talk", "work", "jobs")), names
        assert hub.expect(200, "GET", path, token=mine)["items"], path
    state = hub.expect(200, "GET", "state", token=other)
    assert not state["consumers"] and not state["retained"] and not state["commands"], state
    for path in (f"messages/{offset}", "consumers/work", f"dead-letters/{letter}", "sessions/talk",
                 "sessions/talk/messages", "topics/secret/messages"):
        hub.expect(404, "GET", path, token=other)
        hub.expect(200, "GET", path, token=mine)
    hub.expect(404, "PATCH", "consumers/work", {"paused": True}, other)
    hub.expect(404, "DELETE", "consumers/work", token=other)
    hub.expect(404, "POST", f"dead-letters/{letter}", token=other)
    hub.expect(404, "DELETE", f"dead-letters/{letter}", token=other)
    for method, path in (("GET", f"messages/{offset}"), ("GET", "sessions"), ("GET", "topics"), ("GET", "consumers"),
                         ("GET", "consumers/work"), ("DELETE", "consumers/work"), ("GET", "dead-letters"),
                         ("GET", f"dead-letters/{letter}"), ("POST", f"dead-letters/{letter}"),
                         ("DELETE", f"dead-letters/{letter}"), ("GET", "state"), ("GET", "events?topic=$dead.>"),
                         ("GET", "sessions/dm:admin:planner"), ("GET", "topics/$dead.work/messages")):
        status = hub.ask(method, path, token=agent)[0]
        assert status == 403 or status == 404 and "dm:" in path, f"{method} {path}: {status}"
        status, fields, _ = hub.ask(method, path)
        assert status == 401 and fields["WWW-Authenticate"] == "Bearer", f"{method} {path}: {status}"
    hub.expect(403, "PATCH", "consumers/work", {"paused": True}, agent)
    hub.expect(401, "POST", "messages", {"topic": "secret", "data": 1})
    hub.expect(200, "GET", "openapi.json")
    assert hub.ask("POST", "messages", {"topic": "a", "data": 1}, agent, X_Agent="planner")[0] in (401, 403)


def schemathesis(hub, seconds, *options):
    """Asks what follows from the description."""
    words = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", str(DESCRIPTION), "--url",
        f"http://127.0.0.1:{hub.port}", "--seed", SEED, "--generation-deterministic", "--mode", "all",
        "--max-examples", "30", "--max-time", str(seconds), "--request-timeout", str(LIMIT),
        "--continue-on-failure", "--no-color", "--warnings", "off",
        # A description cannot say all that makes a request right, which is for the sentences of refusals.
        "--exclude-checks", "positive_data_acceptance",
        # A stream of events does not end; `events` has a look at it.
        "--exclude-operation-id", "events", *options]
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=seconds * 3 + 60)
    print(run.stdout[-6000:] if run.returncode else run.stdout[run.stdout.rfind("Test cases:"):].strip(), flush=True)
    assert "No test cases" not in run.stdout, "there was no time to ask anything"
    assert run.returncode == 0, f"schemathesis found something: {run.returncode} {run.stderr[-2000:]}"


def main():
    program, seconds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40
    folder = tempfile.mkdtemp(prefix="agenthub-interface-")
    hub, closed = Hub(program, os.path.join(folder, "open")), Hub(program, os.path.join(folder, "closed"))
    try:
        asyncio.run(without_credentials(hub.start(), seconds))
        tokens = {"admin": closed.token("admin", "admin"), "stranger": closed.token("admin", "admin", "acme")}
        for agent in ("planner", "worker"):
            tokens[agent] = closed.token(agent, "agent")
        asyncio.run(with_credentials(closed.start(), tokens, seconds))
    except BaseException:
        for one in (hub, closed):
            one.said.seek(0)
            print(f"a hub said:\n{one.said.read()[-2000:]}", file=sys.stderr)
        raise
    finally:
        hub.end()
        closed.end()
        shutil.rmtree(folder, ignore_errors=True)
    print("the HTTP interface is as described")


async def without_credentials(hub, seconds):
    await fill(hub)
    await let_settle(hub)
    for check in (publishing, operating, events, manners):
        await asyncio.to_thread(check, hub)
    await asyncio.to_thread(schemathesis, hub, seconds)
    # Neither a stream nor an idle connection keeps it.
    streams = [http.client.HTTPConnection("127.0.0.1", hub.port, timeout=LIMIT) for _ in range(2)]
    streams[0].request("GET", f"{API}/events")
    streams[1].request("GET", "/agents")
    for stream in streams:
        stream.getresponse().read(10)
    took = await asyncio.to_thread(hub.stop)
    assert took < 20, f"the hub took {took} s to end"


async def with_credentials(hub, tokens, seconds):
    await fill(hub, tokens)
    await let_settle(hub, tokens["admin"])
    await asyncio.to_thread(tenants, hub, tokens)
    for token, part in (("admin", 3), ("worker", 4)):
        await asyncio.to_thread(schemathesis, hub, max(10, seconds // part), "-H", f"Authorization: Bearer {tokens[token]}")
    await asyncio.to_thread(hub.stop)


main()
