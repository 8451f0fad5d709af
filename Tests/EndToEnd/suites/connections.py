"""Coming, going, and those who do not mean well."""

import asyncio
import json
import socket
import time

import websockets

from agent import Agent, within
from suite import Suite, test


class Connections(Suite):
    title = "Connections"

    @test("welcome says who the agent is, the epoch, the head and the limits")
    async def welcome(self):
        anna = await self.connect("anna")
        welcome = anna.welcome
        assert (welcome["agent"], welcome["hub"]) == ("anna", "agenthub"), welcome
        assert len(welcome["epoch"]) == 16 and welcome["heartbeat_s"] > 0, welcome
        assert welcome["limits"]["message_bytes"] > 0 and welcome["limits"]["batch_frames"] > 0, welcome
        receipt = await anna.publish("head", 1)
        assert receipt["offset"] >= welcome["head"], (receipt, welcome)
        assert anna.socket.subprotocol == "agenthub.v1"

    @test("the newest connection of an agent replaces the older one, which is told and closed with 4001")
    async def replaced(self):
        old = await self.connect("twin")
        new = await self.connect("twin")
        error = await old.take(type="error")
        assert error["code"] == "replaced", error
        assert await old.closed() == 4001
        assert (await new.do(type="ping"))["type"] == "pong"

    @test("what the older connection had in flight comes to the newer one")
    async def inherited(self):
        anna, old = await self.connect("anna"), await self.connect("heir")
        await old.subscribe("estate", consumer="estate")
        await anna.publish("estate", 1)
        await old.message(1)
        new = await self.connect("heir")
        await new.subscribe("estate", consumer="estate")
        assert (await new.message(1))["attempt"] == 2

    @test("a second hello is refused, and the connection goes on")
    async def hello_twice(self):
        anna = await self.connect("anna")
        refused = await anna.ask(type="hello", agent="anna")
        assert refused.get("code") == "conflict", refused
        assert (await anna.do(type="ping"))["type"] == "pong"

    @test("whatever comes before hello ends the connection with 1008")
    async def before_hello(self):
        silent = await self.open()
        await silent.send(type="message", id="m", topic="early", data=1)
        assert (await silent.take(type="error"))["code"] == "unauthorized"
        assert await silent.closed() == 1008

    @test("who says no hello within ten seconds is let go", limit=30)
    async def no_hello(self):
        silent = await self.open()
        began = time.monotonic()
        assert (await silent.take(type="error", limit=20))["code"] in ("unauthorized", "timeout")
        assert await silent.closed() in (1008, 4002)
        wait = time.monotonic() - began
        self.figure(f"let go after {wait:.1f} s")
        within(wait, 9.9, 13, "the time without a hello")

    @test("an agent's name that breaks the rules is refused, and the connection ends")
    async def bad_name(self):
        for name in ("", "a\u0000b", "x" * 251, "\u007f"):
            agent = await self.open()
            await agent.send(type="hello", agent=name)
            error = await agent.take(type="error")
            assert error["code"] in ("bad_name", "bad_field", "missing_field"), (name, error)
            assert await agent.closed() in (1002, 1008), name

    @test("a hello with this epoch is welcomed; with another one it is told that positions mean nothing")
    async def epochs(self):
        anna = await self.connect("anna")
        head = anna.welcome["head"]
        again = await self.connect("epoch-1", epoch=anna.welcome["epoch"], offset=head)
        await again.quiet(0.2, type="gap")
        other = await self.connect("epoch-2", epoch="0123456789abcdef", offset=head + 500)
        gap = await other.take(type="gap")
        assert (gap["reason"], gap["to"]) == ("epoch", head + 500) and "consumer" not in gap, gap
        assert gap["from"] <= other.welcome["head"], (gap, other.welcome)

    @test("a restart keeps the epoch, the names and the numbers")
    async def restart(self):
        anna = await self.connect("anna")
        receipt = await anna.publish("lasting", 1)
        epoch = anna.welcome["epoch"]
        assert await asyncio.to_thread(self.hub.stop) == 0
        await asyncio.to_thread(self.hub.start)
        anna = await self.connect("anna")
        assert anna.welcome["epoch"] == epoch and anna.welcome["head"] > receipt["offset"], anna.welcome
        assert (await anna.publish("lasting", 2))["seq"] == 2

    @test("WebSocket's own pings are answered")
    async def pings(self):
        anna = await self.connect("anna")
        await asyncio.wait_for(await anna.socket.ping(b"hello"), 5)

    @test("an agent that closes is told goodbye, with its own code")
    async def goodbye(self):
        anna = await self.connect("anna")
        await anna.socket.close(1000, "done")
        assert await anna.closed() == 1000


class HostileFrames(Suite):
    title = "Hostile frames"

    async def refuses(self, text, *codes):
        """The text is refused with one of these codes, and the hub goes on."""
        agent = await self.connect("hostile")
        await agent.say(text)
        error = await agent.take(type="error")
        assert error["code"] in codes, error
        try:
            await agent.send(type="ping", id="after")
            await agent.take(type="pong", re="after")
        except (websockets.ConnectionClosed, AssertionError):
            assert await agent.closed() in (1002, 1003, 1007, 1009), agent.socket.close_code
        await agent.close()

    @test("what is no JSON is refused with the place, and the connection goes on")
    async def no_json(self):
        for text in ("", "{", "hello", '{"type":"ping"', '{"type":"ping"}}', "[1,2", "nul", '{"type":"ping",}', "\u0000"):
            await self.refuses(text, "bad_json", "bad_field", "missing_field", "unknown_type")

    @test("JSON that is no frame is refused")
    async def no_frame(self):
        for text in ("1", '"x"', "null", "{}", "[1]", '{"type":1}', '{"type":"ping","type":"ping"}', "[[]]",
                     '{"type":null}', '{"id":"x"}'):
            await self.refuses(text, "bad_json", "bad_field", "missing_field", "unknown_type")

    @test("a binary message is refused")
    async def binary(self):
        agent = await self.connect("hostile")
        await agent.socket.send(b"\x00\xff\x01")
        assert (await agent.take(type="error"))["code"] == "bad_json"
        assert (await agent.do(type="ping"))["type"] == "pong"

    @test("text that is no UTF-8 ends the connection with 1007")
    async def bad_text(self):
        agent = await self.connect("hostile")
        await agent.socket.send(b'{"type":"ping","id":"\xff\xfe"}', text=True)
        assert await agent.closed() == 1007

    @test("data that are nested deeper than 64 are refused, and 64 are taken")
    async def deep(self):
        anna = await self.connect("deep")
        await anna.say('{"type":"message","topic":"deep","id":"ok","data":' + "[" * 64 + "]" * 64 + "}")
        assert (await anna.take(re="ok"))["type"] == "receipt"
        for depth in (65, 1000, 200_000):
            await self.refuses('{"type":"message","topic":"deep","data":' + "[" * depth + "]" * depth + "}",
                               "bad_json", "too_large")
        await self.refuses("[" * 100_000, "bad_json", "bad_field", "too_large")

    @test("a message that is larger than a WebSocket may carry ends the connection with 1009")
    async def huge(self):
        agent = await self.connect("huge")
        try:
            await agent.say('{"type":"message","topic":"huge","data":"' + "x" * (40 << 20) + '"}')
        except (websockets.ConnectionClosed, OSError):
            pass
        assert await agent.closed() in (1009, 1006), agent.socket.close_code
        assert self.hub.resident_bytes() < 400 << 20

    @test("names with zero bytes, half surrogates and controls are refused")
    async def names(self):
        for topic in ("a\\u0000b", "\\ud800", "a b\\n", "a..b", ".a", "a.", "*", "a.>"):
            await self.refuses(f'{{"type":"message","topic":"{topic}","data":1}}', "bad_topic", "bad_json", "bad_name",
                               "bad_field")

    @test("a batch with more frames than welcome names is refused")
    async def batch(self):
        agent = await self.connect("batcher")
        most = agent.welcome["limits"]["batch_frames"]
        await agent.say("[" + ",".join(['{"type":"ping"}'] * (most + 1)) + "]")
        assert (await agent.take(type="error"))["code"] == "too_large"

    @test("bytes that are no WebSocket, and half a handshake, disturb nobody")
    async def raw(self):
        anna = await self.connect("anna")
        sockets = []
        for text in (b"\x16\x03\x01\x02\x00\x01", b"GET /hub HTTP/1.1\r\nHost: localhost\r\nUpgrade: webs", b"\x00" * 100000,
                     b"GET / HTTP/9.9\r\n\r\n", b"A" * 70000):
            plain = socket.create_connection(("127.0.0.1", self.hub.port), timeout=5)
            sockets.append(plain)
            try:
                plain.sendall(text)
            except OSError:
                pass
        await anna.publish("still", "here")
        for plain in sockets:
            plain.close()

    @test("a frame of a WebSocket that is not masked, and one of a reserved kind, end the connection with 1002")
    async def unmasked(self):
        for frame in (b"\x81\x02{}", b"\x83\x80\x00\x00\x00\x00", b"\xc1\xfe\xff\xff\x00\x00\x00\x00"):
            agent = await self.connect("unmasked")
            agent.socket.transport.write(frame)
            assert await agent.closed() in (1002, 1006), agent.socket.close_code

    @test("settlements of what was never delivered are refused or do nothing, and numbers at the edge are taken")
    async def settlements(self):
        agent = await self.connect("settler")
        await agent.subscribe("settle", consumer="settle")
        for offset in (0, 10**6, 2**53, 2**63 - 1):
            for verdict in ("ack", "nak", "working", "term"):
                await agent.send(type=verdict, consumer="settle", offset=offset)
        await agent.send(type="ack", consumer="settle", up_to=2**63 - 1)
        await agent.do(type="ping")
        for text in ("-1", "1.5", "9223372036854775808", '"1"', "1e400"):
            await agent.say(f'{{"type":"ack","consumer":"settle","offset":{text}}}')
            assert (await agent.take(type="error"))["code"] in ("bad_field", "bad_json"), text
        await agent.publish("settle", "alive")
        await agent.message("alive")

    @test("an open and close storm leaves nobody behind")
    async def storm(self):
        async def visit(number):
            try:
                agent = await Agent.open(self.hub)
                if number % 3:
                    await agent.send(type="hello", agent=f"storm-{number % 7}")
                if number % 2:
                    agent.drop()
                else:
                    await agent.close()
            except (OSError, websockets.WebSocketException):
                pass

        await asyncio.gather(*[visit(number) for number in range(150)])
        anna = await self.connect("calm")
        await asyncio.sleep(0.3)
        agents = (await anna.do(type="agents", filter="storm-"))["agents"]
        assert all(each["state"] == "offline" for each in agents), agents
