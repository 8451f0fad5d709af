"""Many, and those who do not keep up."""

import asyncio
import json
import time

from suite import Suite, test, until


class Pressure(Suite):
    title = "Pressure"
    runs_alone = True

    @test("a message to 200 agents comes to each of them once, in order")
    async def fan_out(self):
        anna = await self.connect("anna")
        agents = await asyncio.gather(*[self.connect(f"fan-{number}") for number in range(200)])
        await asyncio.gather(*[agent.subscribe("fan", ack="auto") for agent in agents])
        began = time.monotonic()
        for number in range(20):
            await anna.send(type="message", topic="fan", data=number)
        await until(lambda: all(len(agent.frames) >= 20 for agent in agents), "all have all", limit=40)
        self.figure(f"4,000 deliveries to 200 agents in {time.monotonic() - began:.2f} s")
        await asyncio.sleep(0.1)
        for agent in agents:
            assert [frame["data"] for frame in agent.frames] == list(range(20)), agent.rest()

    @test("one that never reads costs a bounded amount of memory, and the others are served; it misses nothing", limit=90)
    async def slow(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("flood", ack="auto", consumer="quick")
        slow = await self.connect("slow")
        await slow.subscribe("flood", consumer="slow", max_in_flight=65536, ack_wait_ms=600000)
        # From here on it reads nothing: its buffers fill, then those of the system, then the hub notices.
        slow.socket.transport.pause_reading()
        before = self.hub.resident_bytes()
        size, count = 64 << 10, 1600
        text = "x" * size
        got = 0
        for number in range(0, count, 50):
            await asyncio.gather(*[
                anna.send(type="message", topic="flood", id=f"f{index}", data=[index, text])
                for index in range(number, number + 50)])
            for index in range(number, number + 50):
                await anna.take(type="receipt", re=f"f{index}")
            for _ in range(50):
                assert (await bob.message())["data"][0] == got
                got += 1
        grown = self.hub.resident_bytes() - before
        self.figure(f"{count * size >> 20} MiB were sent; the hub's memory grew by {grown >> 20} MiB, mapped pages "
                    "of the log among them")
        private = self.hub.private_bytes()
        self.figure(f"{private >> 20} MiB of it are the hub's own")
        assert private < 160 << 20, f"the hub has {private >> 20} MiB"
        slow.socket.transport.resume_reading()
        seen, last, unsettled = set(), -1, []
        while len(seen) < count:
            try:
                message = await slow.message()
            except AssertionError:
                # More waited than a connection holds: it was closed, and the rest comes on the next one.
                assert await slow.closed() == 1013, slow.socket.close_code
                slow = await self.connect("slow")
                await slow.subscribe("flood", consumer="slow", max_in_flight=65536, ack_wait_ms=600000)
                unsettled = []
                continue
            number = message["data"][0]
            if "attempt" not in message:
                assert number > last, (number, last)
                last = number
            seen.add(number)
            unsettled.append(message["offset"])
            if len(unsettled) >= 50:
                await slow.send(type="ack", consumer="slow", offsets=unsettled)
                unsettled = []
        assert seen == set(range(count))

    @test("many questions of one connection, none of whose answers is read, neither grow the hub nor hold others up", limit=60)
    async def questions(self):
        asker = await self.connect("asker")
        asker.socket.transport.pause_reading()
        batch = json.dumps([{"type": "agents", "id": f"q{number}"} for number in range(1000)])
        anna = await self.connect("anna")

        async def flood():
            for _ in range(300):
                await asker.say(batch)

        task = asyncio.create_task(flood())
        slowest = 0
        for number in range(10):
            began = time.monotonic()
            await anna.publish("alive", number)
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.3)
        private = self.hub.private_bytes()
        self.figure(f"{private >> 20} MiB while one asks and does not listen; another's receipts took at most "
                    f"{slowest * 1000:.0f} ms")
        task.cancel()
        assert private < 300 << 20, f"the hub has {private >> 20} MiB"
        assert slowest < 5, f"a receipt took {slowest:.1f} s"

    @test("watching ever more agents that nobody knows is refused in the end, and holds nobody up")
    async def unknown(self):
        watcher, anna = await self.connect("endless-watcher"), await self.connect("anna")
        refused = 0
        for turn in range(4):
            names = [f"{turn}-{number}-{'x' * 200}" for number in range(9000)]
            await watcher.do(type="presence", agents=names, watch=True)
            await watcher.do(type="presence", agents=["anna"], watch=False)
            refused += sum(frame["type"] == "error" for frame in watcher.frames)
            watcher.frames.clear()
            began = time.monotonic()
        assert refused > 0, "all were watched"
        await anna.publish("still", 1)
        self.figure(f"{refused} of 36,000 were refused; another's receipt took {time.monotonic() - began:.2f} s")
