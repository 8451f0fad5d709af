"""Who gets what, from where on, and what is held back."""

import asyncio
import json
from collections import Counter

from suite import Suite, test, until


class Consumers(Suite):
    title = "Consumers"

    @test("a durable consumer that was away is given exactly what it missed, in order")
    async def durable(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        name = await bob.subscribe("missed.>", consumer="durable")
        for number in range(20):
            await anna.publish(f"missed.{number % 2}", number)
        for message in await bob.take_many(20, type="message"):
            await bob.ack(message)
        await bob.do(type="ping")
        await bob.close()
        for number in range(20, 60):
            await anna.publish(f"missed.{number % 2}", number)
        bob = await self.connect("bob")
        await bob.subscribe("missed.>", consumer=name)
        messages = await bob.take_many(40, type="message")
        assert [each["data"] for each in messages] == list(range(20, 60)), [each["data"] for each in messages]
        assert not any("attempt" in each for each in messages)
        await bob.quiet(0.3, type="message")

    @test("what was delivered and not acknowledged comes again at once on the next connection, counted")
    async def unsettled(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("unsettled", consumer="unsettled")
        for number in range(4):
            await anna.publish("unsettled", number)
        messages = await bob.take_many(4, type="message")
        await bob.ack(messages[1])
        await bob.ack(messages[3])
        await bob.do(type="ping")
        bob.drop()
        await bob.closed()
        bob = await self.connect("bob")
        await bob.subscribe("unsettled", consumer="unsettled")
        again = await bob.take_many(2, type="message", limit=5)
        assert [(each["data"], each["attempt"]) for each in again] == [(0, 2), (2, 2)], again
        await bob.quiet(0.3, type="message")

    @test("a consumer that is known goes on from where it was, whatever `from` says")
    async def known(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("known", consumer="known")
        await anna.publish("known", 1)
        await bob.ack(await bob.message(1))
        await bob.do(type="unsubscribe", consumer="known")
        await anna.publish("known", 2)
        await bob.subscribe("known", consumer="known", **{"from": "all"})
        assert (await bob.message())["data"] == 2

    @test("acknowledgements of a list and of all up to one")
    async def acks(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("acks", consumer="acks")
        for number in range(10):
            await anna.publish("acks", number)
        offsets = [each["offset"] for each in await bob.take_many(10, type="message")]
        await bob.send(type="ack", consumer="acks", up_to=offsets[3])
        await bob.send(type="ack", consumer="acks", offsets=[offsets[5], offsets[7], offsets[9]])
        await bob.do(type="ping")
        await bob.close()
        bob = await self.connect("bob")
        await bob.subscribe("acks", consumer="acks")
        again = await bob.take_many(3, type="message")
        assert [each["data"] for each in again] == [4, 6, 8], again
        await bob.quiet(0.2, type="message")

    @test("from new, all, last, an offset and a time")
    async def beginnings(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        first = [await anna.publish(f"begin.{number % 2}", number) for number in range(4)]
        await asyncio.sleep(0.05)
        await bob.subscribe("begin.0", consumer="probe", **{"from": {"offset": first[2]["offset"]}})
        time = (await bob.message(2))["timestamp"]
        await bob.do(type="unsubscribe", consumer="probe", delete=True)
        expected = {
            "new": [], "all": [0, 1, 2, 3], "last": [2, 3], "offset": [1, 2, 3], "time": [2, 3]}
        begins = {"offset": {"offset": first[1]["offset"]}, "time": {"time": time}}
        for name, numbers in expected.items():
            await bob.subscribe("begin.*", consumer=f"begin-{name}", **{"from": begins.get(name, name)})
            for number in numbers:
                message = await bob.take(type="message", consumer=f"begin-{name}")
                assert message["data"] == number, (name, message)
        await anna.publish("begin.0", "end")
        for name in expected:
            message = await bob.take(type="message", consumer=f"begin-{name}")
            assert message["data"] == "end", (name, message)

    @test("patterns: a star is one token, > is the rest, and several are one consumer")
    async def patterns(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        wanted = {"star": ["pat.*.x"], "rest": ["pat.a.>"], "exact": ["pat.a.x"], "two": ["pat.a.x", "pat.*.y"]}
        for name, topics in wanted.items():
            await bob.subscribe(*topics, consumer=f"pattern-{name}")
        for topic in ("pat.a.x", "pat.b.x", "pat.a.y", "pat.a.x.z", "pat.a"):
            await anna.publish(topic, topic)
        expected = {
            "star": ["pat.a.x", "pat.b.x"], "rest": ["pat.a.x", "pat.a.y", "pat.a.x.z"], "exact": ["pat.a.x"],
            "two": ["pat.a.x", "pat.a.y"]}
        for name, topics in expected.items():
            messages = await bob.take_many(len(topics), type="message", consumer=f"pattern-{name}")
            assert [each["data"] for each in messages] == topics, (name, messages)
        await bob.quiet(0.2, type="message")

    @test("a consumer without a name ends with its connection")
    async def nameless(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        name = await bob.subscribe("nameless")
        await anna.publish("nameless", 1)
        assert (await bob.message(1))["consumer"] == name
        await bob.close()
        bob = await self.connect("bob")
        answer = await bob.ask(type="unsubscribe", consumer=name)
        assert answer["type"] == "error", answer
        await bob.quiet(0.2, type="message")

    @test("a consumer that is deleted is unknown, and one of its name begins anew")
    async def deleted(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("gone", consumer="gone")
        await anna.publish("gone", 1)
        await bob.message(1)
        answer = await bob.do(type="unsubscribe", consumer="gone", delete=True)
        assert (answer["type"], answer["consumer"]) == ("unsubscribed", "gone"), answer
        await bob.send(type="ack", consumer="gone", offset=0)
        assert (await bob.take(type="error"))["code"] == "unknown_consumer"
        await bob.subscribe("gone", consumer="gone", **{"from": "all"})
        assert "attempt" not in await bob.message(1)

    @test("never more than max_in_flight are out; that it waits is said once")
    async def stalled(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("stall", consumer="stall", max_in_flight=3)
        for number in range(8):
            await anna.publish("stall", number)
        messages = await bob.take_many(3, type="message")
        notice = await bob.take(type="stalled")
        assert (notice["consumer"], notice["in_flight"], notice["limit"]) == ("stall", 3, 3), notice
        await bob.quiet(0.3)
        for expected in range(3, 8):
            await bob.ack(messages.pop(0))
            messages.append(await bob.message())
            assert messages[-1]["data"] == expected

    @test("with automatic acknowledgement nothing comes twice and nothing stalls")
    async def automatic(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("auto", consumer="auto", ack="auto", max_in_flight=2)
        for number in range(50):
            await anna.send(type="message", topic="auto", data=number)
        messages = await bob.take_many(50, type="message")
        assert [each["data"] for each in messages] == list(range(50))
        await bob.close()
        bob = await self.connect("bob")
        await bob.subscribe("auto", consumer="auto", ack="auto")
        await bob.quiet(0.3, type="message")

    @test("a consumer is deleted and made again in one go: the new one is another, and is served")
    async def made_again(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        wanted = {"type": "subscribe", "topics": ["phoenix"], "consumer": "phoenix", "from": "all"}
        await bob.do(**wanted)
        await anna.publish("phoenix", 1)
        await bob.ack(await bob.message(1))
        await bob.do(type="ping")
        await bob.say(json.dumps([
            {"type": "unsubscribe", "id": "end", "consumer": "phoenix", "delete": True}, {**wanted, "id": "again"}]))
        assert (await bob.take(re="end"))["type"] == "unsubscribed"
        assert (await bob.take(re="again"))["type"] == "subscribed"
        assert "attempt" not in await bob.message(1)
        await anna.publish("phoenix", 2)
        await bob.message(2)

    @test("welcome says which consumers the agent has, and what waits for each",
          waits_for="the log does not say whose a consumer of topics is, and nobody counts what waits for it")
    async def welcome(self):
        anna, bob = await self.connect("anna"), await self.connect("bob-waits")
        await bob.subscribe("waits", consumer="waits")
        await bob.close()
        for number in range(3):
            await anna.publish("waits", number)
        bob = await self.connect("bob-waits")
        assert [each["name"] for each in bob.welcome["consumers"]] == ["waits"], bob.welcome


class Groups(Suite):
    title = "Groups"

    async def members(self, consumer, topic, count=3, **more):
        agents = [await self.connect(f"{consumer}-{number}") for number in range(count)]
        for agent in agents:
            await agent.subscribe(topic, consumer=consumer, group=True, **more)
        return agents

    @test("three workers: each message goes to one of them, and all have about the same share")
    async def spread(self):
        anna = await self.connect("anna")
        workers = await self.members("spread", "spread.>")
        for number in range(90):
            await anna.send(type="message", topic=f"spread.{number}", data=number)
        got = Counter()
        shares = [0, 0, 0]

        async def work(index):
            while True:
                message = await workers[index].message()
                got[message["data"]] += 1
                shares[index] += 1
                await workers[index].ack(message)

        tasks = [asyncio.create_task(work(index)) for index in range(3)]
        await until(lambda: sum(got.values()) >= 90, "all 90 messages")
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        assert sorted(got) == list(range(90)) and set(got.values()) == {1}, got
        self.figure(f"shares: {shares}")
        assert min(shares) >= 15, shares

    @test("what a worker had when it died comes to the others")
    async def death(self):
        anna = await self.connect("anna")
        workers = await self.members("mortal", "mortal")
        for number in range(30):
            await anna.publish("mortal", number)
        await until(lambda: sum(len(worker.frames) for worker in workers) >= 30, "all are out")
        dead = {frame["data"] for frame in workers[0].frames if frame["type"] == "message"}
        assert dead, "the first has none"
        workers[0].drop()
        await workers[0].closed()
        def inherited():
            return [frame for worker in workers[1:] for frame in worker.frames if "attempt" in frame]

        await until(lambda: {frame["data"] for frame in inherited()} == dead, "the others have what it had")
        assert len(inherited()) == len(dead) and all(frame["attempt"] == 2 for frame in inherited()), inherited()

    @test("in a sticky group all messages of a session go to one member")
    async def sticky(self):
        anna = await self.connect("anna")
        workers = await self.members("sticky", "sticky.*", sticky=True)
        for number in range(120):
            await anna.publish(f"sticky.{number % 12}", number)

        def given(worker):
            return [frame for frame in worker.frames if frame["type"] == "message"]

        await until(lambda: sum(len(given(worker)) for worker in workers) == 120, "all are out")
        owners = {}
        for index, worker in enumerate(workers):
            for frame in given(worker):
                owners.setdefault(frame["session"], set()).add(index)
        assert len(owners) == 12 and all(len(each) == 1 for each in owners.values()), owners
        assert len({next(iter(each)) for each in owners.values()}) > 1, "one member has all"

    @test("a group's work goes on when a member leaves, and a new one takes part")
    async def change(self):
        anna = await self.connect("anna")
        workers = await self.members("change", "change", count=2)
        await workers[0].do(type="unsubscribe", consumer="change")
        for number in range(10):
            await anna.publish("change", number)
        messages = await workers[1].take_many(10, type="message")
        assert [each["data"] for each in messages] == list(range(10))
        await workers[0].quiet(0.1, type="message")
        await workers[0].subscribe("change", consumer="change", group=True)
        for number in range(10):
            await anna.publish("change", number)
        # The one with less in flight comes first.
        await until(lambda: len([each for each in workers[0].frames if each["type"] == "message"]) == 10,
                    "the one that came back has ten")


class Pauses(Suite):
    title = "Pauses"

    @test("a paused connection is given nothing, and all of it in order when it resumes")
    async def connection(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("pause.connection")
        answer = await bob.do(type="pause")
        assert (answer["type"], answer["scope"]) == ("paused", "all"), answer
        for number in range(5):
            await anna.publish("pause.connection", number)
        await bob.quiet(0.3, type="message")
        assert (await bob.do(type="resume"))["type"] == "resumed"
        assert [each["data"] for each in await bob.take_many(5, type="message")] == list(range(5))

    @test("a paused consumer is given nothing while the agent's other one goes on")
    async def consumer(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("pause.held", consumer="held")
        await bob.subscribe("pause.free", consumer="free")
        answer = await bob.do(type="pause", consumer="held")
        assert (answer["type"], answer["consumer"]) == ("paused", "held"), answer
        await anna.publish("pause.held", 1)
        await anna.publish("pause.free", 2)
        assert (await bob.message())["data"] == 2
        await bob.quiet(0.3, type="message")
        answer = await bob.do(type="resume", consumer="held")
        assert (answer["type"], answer["consumer"]) == ("resumed", "held"), answer
        await bob.message(1)

    @test("a paused session is held back while others go on")
    async def session(self):
        anna, bob = await self.connect("held-anna"), await self.connect("held-bob")
        await bob.subscribe(consumer="pause-inbox")
        await anna.do(type="session_open", session="held-talk", **{"with": bob.name})
        await bob.take(type="session_open", session="held-talk")
        await bob.do(type="session_accept", session="held-talk")
        answer = await bob.do(type="pause", session="held-talk")
        assert (answer["type"], answer["session"]) == ("paused", "held-talk"), answer
        for number in range(3):
            await anna.do(type="message", to=bob.name, session="held-talk", data=number)
        await anna.do(type="message", to=bob.name, data="beside")
        assert (await bob.message())["data"] == "beside"
        await bob.quiet(0.3, type="message")
        answer = await bob.do(type="resume", session="held-talk")
        assert (answer["type"], answer["session"]) == ("resumed", "held-talk"), answer
        assert [each["data"] for each in await bob.take_many(3, type="message")] == [0, 1, 2]

    @test("with the scope work only commands and sessions that are opened wait")
    async def work(self):
        anna, bob = await self.connect("work-anna"), await self.connect("work-bob")
        await bob.subscribe(consumer="work-inbox")
        answer = await bob.do(type="pause", scope="work")
        assert answer["scope"] == "work", answer
        await anna.do(type="command", to=bob.name, data={"command": "dig"}, timeout_ms=60000)
        await anna.do(type="session_open", session="later-talk", **{"with": bob.name})
        await anna.do(type="message", to=bob.name, data="news")
        assert (await bob.message())["data"] == "news"
        await bob.quiet(0.3, type="command")
        await bob.quiet(0, type="session_open")
        await bob.do(type="resume")
        assert (await bob.take(type="command"))["data"] == {"command": "dig"}
        await bob.take(type="session_open", session="later-talk")
