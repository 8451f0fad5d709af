"""What was: last values, replays, gaps. And who is there."""

import asyncio
import time

from agent import within
from suite import Suite, test, until


class LastValues(Suite):
    title = "Last values"

    @test("the last value of a topic comes first to a new consumer; one without data takes it back")
    async def retained(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        for number in range(3):
            await anna.publish("value.x", number, retain=True)
        await anna.publish("value.y", "not kept")
        await bob.subscribe("value.*")
        message = await bob.message()
        assert (message["data"], message["retain"]) == (2, True), message
        await bob.quiet(0.2, type="message")
        await anna.do(type="message", topic="value.x", retain=True)
        await bob.close()
        bob = await self.connect("bob")
        await bob.subscribe("value.*")
        await bob.quiet(0.2, type="message")

    @test("an agent's status is kept, and comes to who watches it")
    async def status(self):
        anna, bob = await self.connect("status-anna"), await self.connect("bob")
        for progress in (0.1, 0.9):
            receipt = await anna.do(type="status", data={"status": "busy", "progress": progress})
        assert receipt["session"] == "topic:$status.status-anna", receipt
        await bob.subscribe("$status.status-anna")
        status = await bob.take(type="status")
        assert (status["from"], status["data"]["progress"]) == ("status-anna", 0.9), status
        await anna.do(type="status", data={"status": "idle"})
        assert (await bob.take(type="status"))["data"] == {"status": "idle"}

    @test("from last: the last message of each topic")
    async def last(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        for number in range(9):
            await anna.publish(f"lasting.{number % 3}", number)
        await bob.subscribe("lasting.*", **{"from": "last"})
        assert [each["data"] for each in await bob.take_many(3, type="message")] == [6, 7, 8]
        await bob.quiet(0.2, type="message")


class Presence(Suite):
    title = "Presence"

    @test("who watches an agent is told when it comes and when it goes")
    async def watch(self):
        anna = await self.connect("watcher")
        answer = await anna.do(type="presence", agents=["watched"], watch=True)
        assert answer["type"] == "agents", answer
        assert [each["agent"] for each in answer["agents"]] == ["watched"], answer
        assert answer["agents"][0]["state"] in ("offline", "unknown"), answer
        bob = await self.connect("watched")
        assert (await anna.take(type="presence", agent="watched"))["state"] == "online"
        await bob.close()
        assert (await anna.take(type="presence", agent="watched"))["state"] == "offline"
        await anna.do(type="presence", watch=False)
        await self.connect("watched")
        await anna.quiet(0.3, type="presence")

    @test("one that nobody knew is watched while a checkpoint is made, and then comes")
    async def watch_unknown(self):
        anna = await self.connect("patient-watcher")
        for number in range(4):
            name = f"unheard-of-{number}"
            await anna.do(type="presence", agents=[name], watch=True)
            # The name is in no record yet. What changed before goes into a checkpoint, which is made every few seconds.
            await asyncio.sleep(0.7)
            await self.connect(name)
            assert (await anna.take(type="presence", agent=name, limit=5))["state"] == "online"

    @test("who watches all is told of all")
    async def watch_all(self):
        anna = await self.connect("watches-all")
        await anna.do(type="presence", watch=True)
        for name in ("anybody", "somebody"):
            await self.connect(name)
            assert (await anna.take(type="presence", agent=name))["state"] == "online"

    @test("agents are listed, those whose id begins so if asked for, each with its status")
    async def listed(self):
        anna = await self.connect("lister")
        bob = await self.connect("listed-1")
        await self.connect("listed-2")
        await bob.do(type="status", data={"status": "busy"})
        answer = await anna.do(type="agents", filter="listed-")
        agents = {each["agent"]: each for each in answer["agents"]}
        assert set(agents) == {"listed-1", "listed-2"}, answer
        assert all(each["state"] == "online" and each["since"] for each in agents.values()), answer
        assert agents["listed-1"].get("status") == {"status": "busy"}, answer
        assert "lister" in {each["agent"] for each in (await anna.do(type="agents"))["agents"]}

    @test("an agent that does not beat is silent, online with its next word, and in the end gone: closed with 4002",
          limit=40)
    async def silence(self):
        anna = await self.connect("listener")
        await anna.do(type="presence", agents=["mute"], watch=True)
        mute = await self.connect("mute", heartbeat_s=1)
        await anna.take(type="presence", state="online")
        began = time.monotonic()
        await anna.take(type="presence", state="silent")
        silent = time.monotonic() - began
        await mute.do(type="ping")
        await anna.take(type="presence", state="online")
        began = time.monotonic()
        await anna.take(type="presence", state="offline", limit=20)
        self.figure(f"beats every second: silent after {silent:.1f} s, offline after {time.monotonic() - began:.1f} s")
        within(silent, 1, 6, "the time until it is silent")
        assert (await mute.take(type="error"))["code"] == "timeout"
        assert await mute.closed() == 4002


class Replays(Suite):
    title = "Replay"

    async def ended(self, agent, name):
        end = await agent.take(type="replay_end", re=name, limit=20)
        messages = [frame for frame in agent.frames if frame.get("replay") == name]
        agent.frames = [frame for frame in agent.frames if frame.get("replay") != name]
        return end, messages

    async def history(self, topic, count, pause=0):
        anna = await self.connect("anna")
        receipts = []
        for number in range(count):
            receipts.append(await anna.publish(topic, number))
            await asyncio.sleep(pause)
        return anna, receipts

    @test("at once: everything of a topic, marked with the replay's id, and no consumer notices")
    async def instant(self):
        bob = await self.connect("bob")
        await bob.subscribe("film.a", consumer="audience")
        anna, receipts = await self.history("film.a", 5)
        await bob.take_many(5, type="message")
        await anna.send(type="replay", id="r1", topics=["film.a"])
        end, messages = await self.ended(anna, "r1")
        assert [each["data"] for each in messages] == list(range(5)), messages
        assert (end["sent"], end["reason"]) == (5, "complete") and end["next"] > receipts[-1]["offset"], end
        assert "consumer" not in messages[0] and "attempt" not in messages[0], messages[0]
        await bob.quiet(0.2, type="message")

    @test("a session, by its numbers")
    async def session(self):
        anna, _ = await self.history("film.b", 8)
        await anna.send(type="replay", id="r2", session="topic:film.b", **{"from": {"seq": 3}, "to": {"seq": 6}})
        end, messages = await self.ended(anna, "r2")
        assert [each["seq"] for each in messages] == [3, 4, 5, 6], messages
        assert end["reason"] == "complete", end

    @test("between offsets, both included, and between times")
    async def between(self):
        anna, receipts = await self.history("film.c", 6, pause=0.01)
        first, last = receipts[1]["offset"], receipts[3]["offset"]
        await anna.send(type="replay", id="r3", topics=["film.c"], **{"from": first, "to": {"offset": last}})
        _, messages = await self.ended(anna, "r3")
        assert [each["data"] for each in messages] == [1, 2, 3], messages
        since, until_ = messages[1]["timestamp"], messages[2]["timestamp"]
        await anna.send(type="replay", id="r4", topics=["film.c"], **{"from": {"time": since}, "to": {"time": until_}})
        _, messages = await self.ended(anna, "r4")
        assert [each["data"] for each in messages] == [2, 3], messages

    @test("a limit, and another replay that goes on from there")
    async def limit(self):
        anna, receipts = await self.history("film.d", 7)
        start = receipts[0]["offset"]
        seen = []
        for name, reason in (("l1", "limit"), ("l2", "limit"), ("l3", "complete")):
            await anna.send(type="replay", id=name, topics=["film.d"], limit=3, **{"from": start})
            end, messages = await self.ended(anna, name)
            assert end["reason"] == reason, end
            seen += [each["data"] for each in messages]
            start = end["next"]
        assert seen == list(range(7)), seen

    @test("at the original speed, and twice as fast")
    async def speed(self):
        anna, _ = await self.history("film.e", 4, pause=0.3)
        for name, speed, factor in (("s1", "original", 1), ("s2", 2, 2)):
            await anna.send(type="replay", id=name, topics=["film.e"], speed=speed)
            moments, times = [], []
            for number in range(4):
                message = await anna.message(number, replay=name)
                moments.append(time.monotonic())
                times.append(float(message["timestamp"].rstrip("Z").split(":")[-1]))
            assert (await anna.take(type="replay_end", re=name))["sent"] == 4
            shown = moments[-1] - moments[0]
            taken = (times[-1] - times[0]) % 60
            self.figure(f"{speed}: {taken:.2f} s of the past in {shown:.2f} s")
            within(shown, taken / factor - 0.05, taken / factor + 0.8, f"the time that speed {speed} takes")

    @test("a replay that is cancelled stops, and says where it was")
    async def cancel(self):
        anna, receipts = await self.history("film.f", 3, pause=0.4)
        await anna.send(type="replay", id="c1", topics=["film.f"], speed="original")
        await anna.message(0, replay="c1")
        await anna.send(type="cancel", id="c1")
        await anna.take(type="cancelled", re="c1")
        end = await anna.take(type="replay_end", re="c1")
        assert (end["reason"], end["sent"], end["next"]) == ("cancelled", 1, receipts[0]["offset"] + 1), end
        await anna.quiet(0.9, type="message")

    @test("several replays at once, while live messages come, each in order")
    async def several(self):
        anna, _ = await self.history("film.g", 20)
        await anna.subscribe("film.g", consumer="live")
        for number in range(5):
            await anna.send(type="replay", id=f"many{number}", topics=["film.g"])
        await anna.publish("film.g", "live")
        for number in range(5):
            end, messages = await self.ended(anna, f"many{number}")
            assert [each["data"] for each in messages if each["data"] != "live"] == list(range(20)), messages
            assert end["reason"] == "complete"
        assert (await anna.message("live", consumer="live"))


class Gaps(Suite):
    title = "Gaps"
    config = {"log": {"retention": {"records": 20}}}

    @test("what retention took away is explained to a consumer and to a replay, once, with both ends")
    async def retention(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        receipts = []
        for number in range(0, 2000, 20):
            for index in range(number, number + 20):
                await anna.send(type="message", topic="worn", data=index, id=f"w{index}")
            receipts += await anna.take_many(20, type="receipt")

        async def shortened():
            await bob.send(type="replay", id="probe", topics=["worn"], limit=1)
            await bob.take(type="replay_end", re="probe")
            first = await bob.message(replay="probe")
            return first["data"] > 0

        await until(shortened, "retention removes something", pause=0.3)
        bob = await self.connect("bob")
        await bob.subscribe("worn", consumer="late", **{"from": {"offset": receipts[0]["offset"]}})
        gap = await bob.take(type="gap")
        first = await bob.message()
        assert (gap["consumer"], gap["reason"], gap["from"]) == ("late", "retention", receipts[0]["offset"]), gap
        assert gap["to"] < first["offset"], (gap, first)
