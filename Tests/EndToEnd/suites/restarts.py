"""The hub is killed, or ends, while twenty agents have work."""

import asyncio
import random
import signal
import statistics
import time

from agent import Agent
from fleet import Fleet
from suite import Suite, test

# How long consumers may take to go on by themselves, from the hub's return.
RESUME_LIMIT = 3


class Killed(Suite):
    title = "Killed"
    runs_alone = True

    @test("killed under load: all views agree with the log, no receipt is lost, all consumers go on by themselves",
          limit=1200)
    async def rounds(self):
        fleet = Fleet(self.hub)
        resumed = []
        fleet.start()
        try:
            await fleet.served(time.monotonic(), 10)
            for _ in range(self.kill_rounds):
                await asyncio.sleep(random.uniform(0.2, 1.2))
                self.hub.kill()
                # The log alone says what was: no hub has looked at it since.
                fleet.check(await asyncio.to_thread(self.hub.log))
                await asyncio.to_thread(self.hub.start)
                resumed.append(await fleet.served(time.monotonic(), RESUME_LIMIT))
            await fleet.finish()
            log = await asyncio.to_thread(self.hub.log)
            fleet.check(log)
            await self.nothing_left(fleet)
        finally:
            await fleet.end()
        self.tell(fleet, log, resumed)

    async def nothing_left(self, fleet):
        """All was acknowledged: on the next connection nothing comes."""
        await asyncio.sleep(0.5)
        await fleet.end()
        probe = await Agent.connect(self.hub, fleet.subscribers[0].name)
        self.agents.append(probe)
        await probe.subscribe("load.>", consumer=fleet.subscribers[0].consumer)
        await probe.quiet(0.5, type="message")

    def tell(self, fleet, log, resumed):
        receipts = sum(len(publisher.receipts) for publisher in fleet.publishers)
        seen = sum(len(client.seen) for client in fleet.subscribers + fleet.workers)
        again = sum(client.again for client in fleet.subscribers + fleet.workers)
        self.figure(f"{len(resumed)} rounds, {receipts} receipts, {seen} messages seen, {again} of them again, "
                    f"{len(log)} records")
        self.figure(f"the last of 20 clients was served {statistics.median(resumed):.2f} s after the hub's return, "
                    f"at most {max(resumed):.2f} s")


class Drained(Suite):
    title = "Drained"
    runs_alone = True

    @test("SIGTERM under load: every client sees 1012, and goes on with a successor; nothing is lost", limit=120)
    async def successor(self):
        fleet = Fleet(self.hub)
        fleet.start()
        try:
            await fleet.served(time.monotonic(), 10)
            took, resumed = [], []
            for number in range(1, 4):
                await asyncio.sleep(0.7)
                began = time.monotonic()
                self.hub.signal(signal.SIGTERM)
                code = await asyncio.to_thread(self.hub.wait)
                took.append(time.monotonic() - began)
                assert code == 0, f"the hub ended with {code}"
                fleet.check(await asyncio.to_thread(self.hub.log))
                await asyncio.to_thread(self.hub.start)
                resumed.append(await fleet.served(time.monotonic(), RESUME_LIMIT))
                codes = {client.name: client.codes for client in fleet.clients if client.codes != [1012] * number}
                assert not codes, f"closed with something else than 1012: {codes}"
            await fleet.finish()
            fleet.check(await asyncio.to_thread(self.hub.log))
        finally:
            await fleet.end()
        receipts = sum(len(publisher.receipts) for publisher in fleet.publishers)
        self.figure(f"{receipts} receipts; ended within {max(took):.2f} s, served again {max(resumed):.2f} s after "
                    "the successor listened")

    @test("a hub that is going says so, and takes nobody new", limit=60)
    async def going(self):
        agents = [await self.connect(f"stayer-{number}") for number in range(5)]
        self.hub.signal(signal.SIGTERM)
        for agent in agents:
            error = await agent.take(type="error")
            assert error["code"] == "draining", error
            assert await agent.closed() == 1012
        assert await asyncio.to_thread(self.hub.wait) == 0
        await asyncio.to_thread(self.hub.start)

    @test("SIGTERM twice, and SIGINT, end it as well")
    async def twice(self):
        for signals in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT,)):
            anna = await self.connect("anna")
            await anna.publish("kept", 1)
            for number in signals:
                self.hub.signal(number)
            assert await asyncio.to_thread(self.hub.wait) == 0
            assert await anna.closed() == 1012
            await asyncio.to_thread(self.hub.start)
