"""The hub under test: the real program, on a port of its own and a directory of its own."""

import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAM = os.environ.get("AGENTHUB_PROGRAM", "agenthub")
# How long a hub may take to begin to listen, and to end: generous, since machines that test are busy.
START_LIMIT = 30
STOP_LIMIT = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Hub:
    """A hub that runs, until `close`."""

    def __init__(self, *options, config=None):
        self.folder = tempfile.mkdtemp(prefix="agenthub-e2e-")
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/hub"
        self.options = list(options)
        if config is not None:
            path = os.path.join(self.folder, "agenthub.json5")
            with open(path, "w") as file:
                json.dump(config, file)
            self.options += ["--config", path]
        self.process = None
        self.said = open(os.path.join(self.folder, "output"), "w+")

    def start(self):
        """Starts the program and returns once it takes connections."""
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", f"127.0.0.1:{self.port}", "--data", self.data, *self.options],
            stdout=self.said, stderr=self.said, stdin=subprocess.DEVNULL, cwd=self.folder,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the hub ended with {self.process.returncode}: {self.output()}")
            if self.listens():
                return self
            time.sleep(0.01)
        raise AssertionError(f"the hub does not listen after {START_LIMIT} s: {self.output()}")

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ensure(self):
        """Whatever happened to it, it runs."""
        if self.process.poll() is None and self.listens():
            return
        if self.process.poll() is None:
            self.kill()
        self.start()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for the end, and says with which code."""
        try:
            return self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the hub has not ended after {STOP_LIMIT} s") from None

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def close(self):
        """Whatever happened: no process and no file stay."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.said.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def output(self):
        with open(self.said.name) as file:
            return file.read()[-4000:]

    def resident_bytes(self):
        """How much memory the process has."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def private_bytes(self):
        """How much memory the process has for itself: without the log's pages, which are the system's cache."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("RssAnon"))

    def call(self, *words):
        """Calls the program beside the hub: its output, line by line as JSON where it is."""
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        if done.returncode != 0:
            raise AssertionError(f"agenthub {' '.join(words)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def log(self):
        """All records of the log."""
        return [json.loads(line) for line in self.call("log", "dump", self.data).splitlines()]

    async def http(self, method, path, body=None, headers=None, timeout=15):
        """A request; says the status, and the body: JSON where it is."""
        return await asyncio.to_thread(self._http, method, path, body, headers or {}, timeout)

    def _http(self, method, path, body, headers, timeout):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if body is not None:
                headers = {"Content-Type": "application/json", **headers}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if "json" in (answer.getheader("Content-Type") or ""):
                return answer.status, json.loads(text)
            return answer.status, text
        finally:
            connection.close()

    async def events(self, path, count, headers=None, timeout=15):
        """The first so many server-sent events: their ids and data."""
        return await asyncio.to_thread(self._events, path, count, headers or {}, timeout)

    def _events(self, path, count, headers, timeout):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            assert answer.status == 200, (answer.status, answer.read())
            assert answer.getheader("Content-Type").startswith("text/event-stream"), answer.getheaders()
            found, number, data = [], None, []
            while len(found) < count:
                line = answer.readline().decode().rstrip("\n")
                if line.startswith("id:"):
                    number = line[3:].strip()
                elif line.startswith("data:"):
                    data.append(line[5:].strip())
                elif not line and data:
                    found.append((number, json.loads("\n".join(data))))
                    data = []
            return found
        finally:
            connection.close()
