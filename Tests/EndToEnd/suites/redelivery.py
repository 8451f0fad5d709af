"""What comes again and when, and what becomes of it when it does not go."""

import time

from agent import within
from suite import Suite, test, until

# Nothing may come early but by the grain of a clock; on a busy machine it may come late.
EARLY = 0.003
LATE = 0.4


class Redelivery(Suite):
    title = "Delivered again"
    runs_alone = True

    async def refuse_and_time(self, agent, message, **more):
        """Refuses a delivery; says how long it takes to come again, and the delivery."""
        began = time.monotonic()
        await agent.settle("nak", message, **more)
        again = await agent.take(type="message", offset=message["offset"])
        return time.monotonic() - began, again

    @test("what is refused comes again after initial · factor^(attempt-1), spread by the jitter, at most max")
    async def backoff(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        backoff = {"initial_ms": 100, "factor": 2, "max_ms": 500, "jitter_percent": 20}
        await bob.subscribe("backoff", consumer="backoff", backoff=backoff)
        await anna.publish("backoff", 1)
        message = await bob.message(1)
        waits = []
        for attempt, expected in enumerate([0.1, 0.2, 0.4, 0.5, 0.5], start=2):
            wait, message = await self.refuse_and_time(bob, message)
            assert message["attempt"] == attempt, message
            waits.append(wait)
            within(wait, expected * 0.8 - EARLY, expected * 1.2 + LATE, f"the pause before attempt {attempt}")
        self.figure("100 ms · 2^n ± 20 %, at most 500 ms: " + ", ".join(f"{wait * 1000:.0f} ms" for wait in waits))

    @test("without jitter the pauses are exact, and differ from one another with it")
    async def jitter(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        waits = {}
        for percent in (0, 50):
            name = f"jitter-{percent}"
            await bob.subscribe(name, consumer=name,
                                backoff={"initial_ms": 600, "factor": 1, "max_ms": 5000, "jitter_percent": percent})
            for number in range(30):
                await anna.publish(name, number)
            messages = await bob.take_many(30, type="message", consumer=name)
            began = time.monotonic()
            await bob.send(type="nak", consumer=name, offsets=[each["offset"] for each in messages])
            waits[percent] = []
            for _ in messages:
                await bob.take(type="message", consumer=name)
                waits[percent].append(time.monotonic() - began)
            self.figure(f"30 times 600 ms ± {percent} %: " + ", ".join(
                f"{wait * 1000:.0f}" for wait in waits[percent][::5]) + f", {waits[percent][-1] * 1000:.0f} ms")
        within(min(waits[0]), 0.6 - EARLY, 0.6 + LATE, "the first without jitter")
        within(min(waits[50]), 0.3 - EARLY, 0.6, "the first with jitter")
        within(max(waits[50]), 0.6, 0.9 + LATE, "the last with jitter")
        assert max(waits[50]) - min(waits[50]) > 0.15, "the jitter does not spread"

    @test("a refusal may name the delay")
    async def delay(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("delay", consumer="delay")
        await anna.publish("delay", 1)
        message = await bob.message(1)
        for milliseconds in (0, 300):
            wait, message = await self.refuse_and_time(bob, message, delay_ms=milliseconds, reason="not now")
            within(wait, milliseconds / 1000 - EARLY, milliseconds / 1000 + LATE, f"a delay of {milliseconds} ms")
            self.figure(f"delay of {milliseconds} ms: {wait * 1000:.0f} ms")
        assert message["attempt"] == 3, message

    @test("what is not settled within ack_wait comes again at once")
    async def lapse(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("lapse", consumer="lapse", ack_wait_ms=300)
        await anna.publish("lapse", 1)
        await bob.message(1)
        began = time.monotonic()
        again = await bob.message(1)
        wait = time.monotonic() - began
        self.figure(f"ack_wait of 300 ms: {wait * 1000:.0f} ms")
        assert again["attempt"] == 2, again
        within(wait, 0.28, 0.3 + LATE, "the wait")

    @test("working begins the time anew, and so does a heartbeat that names the delivery")
    async def working(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("working", consumer="working", ack_wait_ms=600)
        await anna.publish("working", 1)
        message = await bob.message(1)
        for turn in range(6):
            await bob.quiet(0.25, type="message")
            if turn % 2 == 0:
                await bob.settle("working", message)
            else:
                beat = await bob.do(type="heartbeat", data={"status": "busy", "working_on": [message["offset"]]})
                assert beat["type"] == "heartbeat_ack", beat
        await bob.ack(message)
        await bob.quiet(0.9, type="message")

    @test("a settlement that comes late, after the message came again, counts")
    async def late_ack(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        backoff = {"initial_ms": 50, "factor": 1, "max_ms": 50}
        await bob.subscribe("late", consumer="late", ack_wait_ms=200, backoff=backoff)
        await anna.publish("late", 1)
        first = await bob.message(1)
        await bob.message(1, attempt=2)
        await bob.ack(first)
        await bob.do(type="ping")
        bob.frames.clear()
        await bob.quiet(0.6, type="message")

    @test("attempts are counted on over connections")
    async def counted(self):
        anna = await self.connect("anna")
        await anna.publish("counted", 1)
        for attempt in range(1, 4):
            bob = await self.connect("bob")
            await bob.subscribe("counted", consumer="counted", **{"from": "all"})
            message = await bob.message(1)
            assert message.get("attempt", 1) == attempt, message
            bob.drop()
            await bob.closed()


class DeadLetters(Suite):
    title = "Dead letters"

    async def letter(self, name, **more):
        """A message that its consumer gave up, and the dead letter of it."""
        anna, bob = await self.connect(f"{name}-anna"), await self.connect(f"{name}-bob")
        undertaker = await self.connect(f"{name}-undertaker")
        await undertaker.subscribe(f"$dead.{name}", consumer=f"{name}-undertaker")
        await bob.subscribe(name, consumer=name, **more)
        await anna.publish(name, {"job": name})
        message = await bob.message({"job": name})
        return bob, undertaker, message

    @test("a message that is given up goes to $dead and its consumer's name, and does not come again")
    async def term(self):
        bob, undertaker, message = await self.letter("given-up")
        await bob.settle("term", message, reason="not an image")
        letter = await undertaker.take(type="dead_letter")
        assert (letter["topic"], letter["data"]) == ("$dead.given-up", {"job": "given-up"}), letter
        await bob.quiet(0.2, type="message")

    @test("after max_deliver deliveries a message is a dead letter")
    async def attempts(self):
        backoff = {"initial_ms": 20, "factor": 1, "max_ms": 20}
        bob, undertaker, message = await self.letter("tried", max_deliver=3, backoff=backoff)
        for attempt in (2, 3):
            await bob.settle("nak", message)
            message = await bob.message(attempt=attempt)
        await undertaker.quiet(0.1, type="dead_letter")
        await bob.settle("nak", message, reason="no memory left")
        await undertaker.take(type="dead_letter", topic="$dead.tried")
        await bob.quiet(0.2, type="message")

    @test("a message that expires while somebody has it is a dead letter")
    async def expired(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("$dead.brief", consumer="brief-undertaker")
        await bob.subscribe("brief", consumer="brief", ack_wait_ms=300, backoff={"initial_ms": 10})
        await anna.publish("brief", 1, ttl_ms=200)
        await bob.message(1)
        await bob.take(type="dead_letter", topic="$dead.brief")

    @test("operators list dead letters, with the reason, the attempts and what the consumer said")
    async def listed(self):
        bob, undertaker, message = await self.letter("listed")
        await bob.settle("term", message, reason="not an image")
        letter = await undertaker.take(type="dead_letter")
        status, body = await self.http("GET", "/api/hub/v1/dead-letters?consumer=listed")
        assert status == 200 and len(body["items"]) == 1, (status, body)
        item = body["items"][0]
        assert (item["offset"], item["message"], item["consumer"], item["reason"], item["attempts"]) == (
            letter["offset"], message["offset"], "listed", "terminated", 1), item
        assert item["remark"] == "not an image", item
        status, body = await self.http("GET", f"/api/hub/v1/dead-letters/{letter['offset']}")
        assert status == 200 and body["message"] == message["offset"], (status, body)

    @test("a dead letter that is brought back is delivered as if for the first time")
    async def redriven(self):
        bob, undertaker, message = await self.letter("redriven")
        await bob.settle("term", message)
        letter = await undertaker.take(type="dead_letter")
        status, body = await self.http("POST", f"/api/hub/v1/dead-letters/{letter['offset']}")
        assert status == 202, (status, body)
        again = await bob.message()
        assert again["offset"] == message["offset"] and "attempt" not in again, again
        await bob.ack(again)

        async def gone():
            return (await self.http("GET", "/api/hub/v1/dead-letters?consumer=redriven"))[1]["items"] == []

        await until(gone, "the letter is off the list")

    @test("a dead letter that is dropped is off the list and cannot be brought back")
    async def dropped(self):
        bob, undertaker, message = await self.letter("dropped")
        await bob.settle("term", message)
        letter = await undertaker.take(type="dead_letter")
        path = f"/api/hub/v1/dead-letters/{letter['offset']}"
        status, body = await self.http("DELETE", path)
        assert status == 204, (status, body)

        status, body = await self.http("POST", path)
        assert status in (404, 409), (status, body)
        assert (await self.http("GET", "/api/hub/v1/dead-letters?consumer=dropped"))[1]["items"] == []
        await bob.quiet(0.2, type="message")
