"""The hub under test: the program, with a plain listener and one with TLS, and all it says kept."""

import json
import os
import signal
import socket
import subprocess
import time

from credentials import PROGRAM
from wire import Endpoint

LIMIT = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, made):
        self.made = made
        self.plain = Endpoint(free_port())
        self.secured = free_port()
        self.log = made.path("hub.log")
        config = {
            "data": made.data,
            "drain": "1 s",
            "listeners": [
                {"address": f"127.0.0.1:{self.plain.port}"},
                {"address": f"127.0.0.1:{self.secured}", "tls": {
                    "certificate": made.path("cert-server.pem"), "key": made.path("cert-server.key"),
                    "client_ca": os.path.join(made.certs, "ca.pem"),
                    "client_crl": os.path.join(made.certs, "crl.pem")}},
            ],
            "logging": {"level": "debug", "file": self.log},
        }
        path = made.path("agenthub.json5")
        with open(path, "w") as file:
            json.dump(config, file)
        self.said = made.path("output")
        with open(self.said, "w") as output:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--config", path], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        deadline = time.monotonic() + LIMIT
        while not (self.listens(self.plain.port) and self.listens(self.secured)):
            assert self.process.poll() is None, f"the hub ended with {self.process.returncode}: {self.output()}"
            assert time.monotonic() < deadline, f"the hub does not listen: {self.output()}"
            time.sleep(0.02)

    @staticmethod
    def listens(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def endpoint(self, who):
        return Endpoint(self.secured, self.made.context(who.tls)) if who.tls else self.plain

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """Ends it as an operator does, in the middle of reloads; says the code."""
        for _ in range(5):
            self.reload()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def output(self):
        with open(self.said, errors="replace") as file:
            return file.read()
