"""Commands with their answers, and sessions with their ends."""

import time

from agent import within
from suite import Suite, test


class Commands(Suite):
    title = "Commands"

    async def pair(self, name):
        """Somebody who commands, and somebody who obeys, with their inboxes."""
        boss, worker = await self.connect(f"{name}-boss"), await self.connect(f"{name}-worker")
        await boss.subscribe()
        await worker.subscribe()
        return boss, worker

    @test("a command comes to the agent, and its answer to who sent it")
    async def answer(self):
        boss, worker = await self.pair("answer")
        await boss.do(type="command", id="c1", to=worker.name, timeout_ms=10000,
                      data={"command": "resize", "args": {"width": 640}})
        command = await worker.take(type="command")
        assert (command["id"], command["from"], command["data"]) == (
            "c1", boss.name, {"command": "resize", "args": {"width": 640}}), command
        assert "expires" in command, command
        await worker.do(type="response", command_id="c1", data={"status": "ok"})
        answer = await boss.take(type="response")
        assert (answer["command_id"], answer["from"], answer["data"]) == ("c1", worker.name, {"status": "ok"}), answer
        assert "late" not in answer and "failure" not in answer

    @test("an answer may name the command in its data")
    async def plain_answer(self):
        boss, worker = await self.pair("plain")
        await boss.do(type="command", id="c2", to=worker.name, data={"command": "add", "timeout": 10000})
        await worker.take(type="command")
        await worker.do(type="response", data={"command_id": "c2", "status": "done"})
        assert (await boss.take(type="response"))["command_id"] == "c2"

    @test("a command that nobody answers is answered by the hub when its time is over")
    async def timeout(self):
        boss, worker = await self.pair("timeout")
        for number, fields in enumerate([
                {"timeout_ms": 300, "data": {"command": "sleep"}}, {"data": {"command": "sleep", "timeout": 300}}]):
            began = time.monotonic()
            await boss.do(type="command", id=f"t{number}", to=worker.name, **fields)
            answer = await boss.take(type="response")
            wait = time.monotonic() - began
            assert (answer["command_id"], answer["failure"]) == (f"t{number}", "timeout"), answer
            assert answer["data"]["status"] == "failed" and "from" not in answer, answer
            within(wait, 0.3, 0.8, "the time until the hub answered")
            self.figure(f"deadline of 300 ms: answered after {wait * 1000:.0f} ms")

    @test("an answer that comes after the deadline is delivered and marked as late")
    async def late(self):
        boss, worker = await self.pair("late")
        await boss.do(type="command", id="slow", to=worker.name, timeout_ms=150, data={"command": "sleep"})
        await worker.take(type="command")
        assert (await boss.take(type="response"))["failure"] == "timeout"
        await worker.do(type="response", command_id="slow", data={"status": "ok"})
        answer = await boss.take(type="response")
        assert answer.get("late") is True and answer["data"] == {"status": "ok"}, answer

    @test("the first answer ends a command; a second one is late")
    async def second(self):
        boss, worker = await self.pair("second")
        await boss.do(type="command", id="twice", to=worker.name, data={"command": "go"})
        await worker.take(type="command")
        await worker.do(type="response", command_id="twice", data=1)
        await worker.do(type="response", command_id="twice", data=2)
        first, second = await boss.take_many(2, type="response")
        assert (first["data"], second["data"], second.get("late")) == (1, 2, True), (first, second)
        assert "late" not in first
        await boss.quiet(0.2, type="response")

    @test("a command to a topic goes to one worker of a group, and his answer finds its way")
    async def group(self):
        boss = await self.connect("topic-boss")
        await boss.subscribe()
        workers = [await self.connect(f"topic-worker-{number}") for number in range(2)]
        for worker in workers:
            await worker.subscribe("tools.resize", consumer="tools", group=True)
        await boss.do(type="command", id="tool", topic="tools.resize", data={"command": "resize"})
        await boss.quiet(0.2)
        worker = next(each for each in workers if any(frame["type"] == "command" for frame in each.frames))
        await worker.do(type="response", command_id="tool", data="done", to=boss.name)
        assert (await boss.take(type="response"))["data"] == "done"

    @test("a command that becomes a dead letter is answered with that")
    async def dead(self):
        boss, worker = await self.pair("dead")
        await boss.do(type="command", id="bad", to=worker.name, data={"command": "impossible"})
        await worker.settle("term", await worker.take(type="command"), reason="I cannot")
        answer = await boss.take(type="response")
        assert (answer["command_id"], answer["failure"]) == ("bad", "dead_letter"), answer

    @test("two bosses with the same command id: the answer goes to the one that it names")
    async def same_id(self):
        one, worker = await self.pair("same")
        two = await self.connect("same-other")
        await two.subscribe()
        for boss in (one, two):
            await boss.do(type="command", id="same", to=worker.name, data={"command": boss.name})
        refused = await worker.ask(type="response", command_id="same", data="whose?")
        assert refused["type"] == "error", refused
        await worker.do(type="response", command_id="same", to=two.name, data="two")
        await worker.do(type="response", command_id="same", to=one.name, data="one")
        assert (await one.take(type="response"))["data"] == "one"
        assert (await two.take(type="response"))["data"] == "two"

    @test("a command for an agent that is away waits for it, as long as its time")
    async def away(self):
        boss, worker = await self.pair("away")
        await worker.do(type="subscribe", consumer="away-inbox", inbox=True)
        await worker.close()
        receipt = await boss.do(type="command", id="w1", to=worker.name, timeout_ms=20000, data={"command": "wait"})
        assert receipt.get("away") is True, receipt
        worker = await self.connect(worker.name)
        await worker.subscribe(consumer="away-inbox")
        await worker.take(type="command", id="w1")
        await worker.do(type="response", command_id="w1", data="here")
        assert (await boss.take(type="response"))["data"] == "here"


class Sessions(Suite):
    title = "Sessions"

    async def opened(self, name):
        anna, bob = await self.connect(f"{name}-anna"), await self.connect(f"{name}-bob")
        await anna.subscribe()
        await bob.subscribe()
        receipt = await anna.do(type="session_open", session=name, purpose="plan the week", **{"with": bob.name})
        assert (receipt["type"], receipt["session"], receipt["seq"]) == ("receipt", name, 1), receipt
        opening = await bob.take(type="session_open", session=name)
        assert (opening["from"], opening["data"]) == (anna.name, {"purpose": "plan the week"}), opening
        return anna, bob

    @test("opened, accepted, talked in, closed: both are told each step, and the numbers go on")
    async def whole(self):
        anna, bob = await self.opened("plan")
        await bob.do(type="session_accept", session="plan")
        accepted = await anna.take(type="session_accept", session="plan")
        assert (accepted["from"], accepted["seq"]) == (bob.name, 2), accepted
        receipt = await anna.do(type="message", to=bob.name, session="plan", data="Monday?")
        assert (receipt["session"], receipt["seq"]) == ("plan", 3), receipt
        assert (await bob.message("Monday?"))["session"] == "plan"
        receipt = await bob.do(type="session_close", session="plan", reason="done")
        assert receipt["seq"] == 4, receipt
        closing = await anna.take(type="session_close", session="plan")
        assert (closing["from"], closing["data"]) == (bob.name, {"reason": "done"}), closing

    @test("nobody writes to a session that has ended")
    async def ended(self):
        anna, bob = await self.opened("ended")
        await bob.do(type="session_accept", session="ended")
        await anna.do(type="session_close", session="ended")
        for agent, other in ((anna, bob), (bob, anna)):
            refused = await agent.ask(type="message", to=other.name, session="ended", data=1)
            assert refused.get("code") == "session_closed", refused
        refused = await bob.ask(type="session_close", session="ended")
        assert refused.get("code") == "session_closed", refused

    @test("a session that is rejected has ended, with the reason or the data that were said")
    async def rejected(self):
        anna, bob = await self.opened("rejected")
        await bob.do(type="session_reject", session="rejected", data={"busy_until": "2026-12-01"})
        rejection = await anna.take(type="session_reject", session="rejected")
        assert rejection["data"] == {"busy_until": "2026-12-01"}, rejection
        refused = await anna.ask(type="message", to=bob.name, session="rejected", data=1)
        assert refused.get("code") == "session_closed", refused

    @test("others have no say in a session")
    async def others(self):
        anna, bob = await self.opened("private")
        carl = await self.connect("private-carl")
        for kind in ("session_accept", "session_reject", "session_close"):
            refused = await carl.ask(type=kind, session="private")
            assert refused.get("code") in ("forbidden", "conflict"), (kind, refused)
        refused = await carl.ask(type="message", to=bob.name, session="private", data=1)
        assert refused.get("code") in ("forbidden", "conflict"), refused
        await bob.do(type="session_accept", session="private")

    @test("one that is opened without a partner goes to whoever accepts first")
    async def open_to_all(self):
        anna = await self.connect("public-anna")
        await anna.subscribe()
        await anna.do(type="session_open", session="public")
        bob, carl = await self.connect("public-bob"), await self.connect("public-carl")
        await bob.do(type="session_accept", session="public")
        refused = await carl.ask(type="session_accept", session="public")
        assert refused.get("code") in ("conflict", "forbidden"), refused
        assert (await anna.take(type="session_accept"))["from"] == bob.name

    @test("a session cannot be opened twice")
    async def twice(self):
        anna, bob = await self.opened("twice")
        refused = await anna.ask(type="session_open", session="twice", **{"with": bob.name})
        assert refused.get("code") == "conflict", refused
