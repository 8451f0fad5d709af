"""Publishing: receipts, ids, batches, what is kept and for how long."""

import asyncio
import json

from agent import Agent
from suite import Suite, test


class Messages(Suite):
    title = "Messages"

    @test("a message is receipted with its session, its number and its offset, and comes as it was sent")
    async def receipt(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("first.>")
        receipt = await anna.publish("first.one", {"x": 1}, id="m1")
        assert (receipt["type"], receipt["session"], receipt["seq"], receipt["durability"]) == (
            "receipt", "topic:first.one", 1, "fsynced"), receipt
        message = await bob.message()
        for key in ("session", "seq", "offset"):
            assert message[key] == receipt[key], (message, receipt)
        assert (message["id"], message["from"], message["topic"], message["data"]) == (
            "m1", "anna", "first.one", {"x": 1}), message
        assert "attempt" not in message and message["timestamp"].endswith("Z"), message

    @test("a message without an id is taken without a receipt")
    async def no_id(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("plain")
        await anna.send(type="message", topic="plain", data="hello")
        assert "id" not in await bob.message("hello")
        await anna.do(type="ping")
        await anna.quiet(0.2)

    @test("the numbers of a session are 1, 2, 3, and receipts come in the order of their messages")
    async def order(self):
        anna = await self.connect("anna")
        for number in range(200):
            await anna.send(type="message", topic=f"order.{number % 3}", data=number, id=f"o{number}")
        receipts = await anna.take_many(200, type="receipt")
        assert [each["re"] for each in receipts] == [f"o{number}" for number in range(200)]
        for session in range(3):
            numbers = [each["seq"] for each in receipts if each["session"] == f"topic:order.{session}"]
            assert numbers == list(range(1, len(numbers) + 1)), numbers
        offsets = [each["offset"] for each in receipts]
        assert offsets == sorted(set(offsets))

    @test("what two agents send each other is one session, whoever begins")
    async def direct(self):
        zoe, adam = await self.connect("zoe"), await self.connect("adam")
        await adam.subscribe()
        first = await zoe.do(type="message", to="adam", data=1)
        second = await adam.do(type="message", to="zoe", data=2)
        assert first["session"] == second["session"] == "dm:adam:zoe", (first, second)
        assert (first["seq"], second["seq"]) == (1, 2)
        message = await adam.message(1)
        assert (message["from"], message["to"]) == ("zoe", "adam") and "topic" not in message, message

    @test("a message with an id that its sender used is not taken again, and has the numbers of the first")
    async def duplicate(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("twice")
        first = await anna.publish("twice", "once", id="same")
        again = await anna.publish("twice", "once more", id="same")
        assert "duplicate" not in first and again["duplicate"] is True, (first, again)
        assert (first["seq"], first["offset"]) == (again["seq"], again["offset"])
        await bob.message("once")
        await anna.publish("twice", "last")
        await bob.message("last")
        await bob.quiet(0.1, type="message")
        # The same id of another agent is another message.
        assert "duplicate" not in await bob.publish("twice", "mine", id="same")

    @test("the same id twice in one go is one message")
    async def duplicate_on_the_way(self):
        anna = await self.connect("anna")
        frame = {"type": "message", "topic": "go", "data": 1, "id": "twin"}
        await anna.say(json.dumps([frame, frame, frame]))
        receipts = await anna.take_many(3, type="receipt", re="twin")
        assert len({each["offset"] for each in receipts}) == 1, receipts
        assert sorted(each.get("duplicate", False) for each in receipts) == [False, True, True], receipts

    @test("a duplicate is known after another hello")
    async def duplicate_reconnected(self):
        anna = await self.connect("anna-again")
        first = await anna.publish("again", 1, id="kept")
        await anna.close()
        anna = await self.connect("anna-again")
        again = await anna.publish("again", 1, id="kept")
        assert again.get("duplicate") is True and again["offset"] == first["offset"], again

    @test("a message that has expired is not delivered")
    async def expiry(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await anna.publish("brief", "short", ttl_ms=150)
        await anna.publish("brief", "long", ttl_ms=60000)
        await asyncio.sleep(0.3)
        await bob.subscribe("brief", **{"from": "all"})
        message = await bob.message()
        assert message["data"] == "long" and "expires" in message, message
        await bob.quiet(0.2, type="message")

    @test("a receipt from memory says so")
    async def memory(self):
        anna = await self.connect("anna")
        receipt = await anna.publish("quick", 1, durability="memory")
        assert receipt["durability"] == "memory", receipt

    @test("data come byte for byte as they were written")
    async def verbatim(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("verbatim")
        for number, text in enumerate([
                '{"b":1,"a":2,"b":3}', "1.50e+3", "123456789012345678901234567890", "-0.0", '"\\u00e9\\n\\/"', "null",
                '{"x" : [ 1 ,2, {} ] }', '"żółć 😀"', "[]", '""', "true", "1E400"]):
            await anna.say(f'{{"data":{text},"type":"message","id":"v{number}","topic":"verbatim"}}')
            await anna.take(type="receipt", re=f"v{number}")
            message = await bob.take(type="message", id=f"v{number}")
            assert f'"data":{text}' in message["_text"], (text, message["_text"])

    @test("what brought a message about, and its trace, come with it")
    async def causes(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        await bob.subscribe("caused")
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        await anna.publish("caused", 1, cause="m-before", traceparent=trace)
        message = await bob.message(1)
        assert (message["cause"], message["traceparent"]) == ("m-before", trace), message

    @test("a batch is handled frame by frame; one that is refused does not stop those behind it")
    async def batch_to_hub(self):
        anna = await self.connect("anna")
        frames = [{"type": "message", "topic": "batch", "data": number, "id": f"b{number}"} for number in range(5)]
        frames[2] = {"type": "message", "topic": "a..b", "data": 2, "id": "b2"}
        await anna.say(json.dumps(frames))
        receipts = [await anna.take(re=f"b{number}") for number in range(5)]
        assert [each["type"] for each in receipts] == ["receipt", "receipt", "error", "receipt", "receipt"], receipts
        assert [each["seq"] for each in receipts if "seq" in each] == [1, 2, 3, 4]

    @test("in a batch that is no JSON any more, what is in front of the place was handled")
    async def broken_batch(self):
        anna = await self.connect("anna")
        await anna.say('[{"type":"message","topic":"broken","data":1,"id":"k1"},{"type":"message",]')
        assert (await anna.take(re="k1"))["type"] == "receipt"
        assert (await anna.take(type="error"))["code"] == "bad_json"
        assert (await anna.do(type="ping"))["type"] == "pong"

    @test("who takes arrays gets arrays, with everything in order")
    async def batch_to_agent(self):
        anna, bob = await self.connect("anna"), await self.connect("bob", batch=True)
        await bob.subscribe("arrays", max_in_flight=1000)
        await anna.say(json.dumps(
            [{"type": "message", "topic": "arrays", "data": number} for number in range(300)]))
        messages = await bob.take_many(300, type="message")
        assert [each["data"] for each in messages] == list(range(300))
        assert all(each["_text"].startswith("[") for each in messages)
        assert len({each["_text"] for each in messages}) < 300, "each came alone"

    @test("a message that names no session belongs to the one of the hello, if there is one")
    async def own_session(self):
        anna = await self.connect("anna", session="work-1")
        assert (await anna.publish("sessions.mine", 1))["session"] == "work-1"
        assert (await anna.publish("sessions.mine", 2, session="work-2"))["session"] == "work-2"

    @test("a message of the size that welcome names goes through, one that is larger does not")
    async def size(self):
        anna, bob = await self.connect("anna"), await self.connect("bob")
        most = anna.welcome["limits"]["message_bytes"]
        await bob.subscribe("large")
        await anna.publish("large", "x" * (most - 2))
        assert len((await bob.message())["data"]) == most - 2
        refused = await anna.ask(type="message", topic="large", data="x" * (most - 1))
        assert refused.get("code") == "too_large", refused
        assert (await anna.do(type="ping"))["type"] == "pong"

    @test("to an agent that is away: the receipt says so, and it is given everything when it comes")
    async def away(self):
        anna, carl = await self.connect("anna"), await self.connect("carl")
        await carl.subscribe(consumer="carl-inbox")
        here = await anna.do(type="message", to="carl", data="here")
        assert "away" not in here, here
        await carl.ack(await carl.message("here"))
        await carl.do(type="ping")
        await carl.close()
        receipts = [await anna.do(type="message", to="carl", data=number) for number in range(3)]
        assert receipts[-1].get("away") is True, receipts
        carl = await Agent.connect(self.hub, "carl")
        self.agents.append(carl)
        await carl.subscribe(consumer="carl-inbox")
        assert [each["data"] for each in await carl.take_many(3, type="message")] == [0, 1, 2]
        await carl.quiet(0.2, type="message")

    @test("to an agent that never was there: it is kept for its inbox, which begins with it if it has a name")
    async def never_there(self):
        anna = await self.connect("anna")
        receipt = await anna.do(type="message", to="newcomer", data="welcome")
        assert receipt.get("away") is True, receipt
        newcomer = await self.connect("newcomer")
        await newcomer.subscribe()
        await newcomer.quiet(0.2, type="message")
        for more in ({"consumer": "newcomer-inbox"}, {"from": "all"}):
            name = await newcomer.subscribe(**more)
            assert (await newcomer.message(consumer=name))["data"] == "welcome"
