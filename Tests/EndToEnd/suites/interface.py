"""The interface by HTTP."""

import asyncio
import json
import pathlib

from suite import Suite, test, until

BASE = "/api/hub/v1"


class Interface(Suite):
    title = "HTTP"

    async def get(self, path, expected=200):
        status, body = await self.http("GET", path)
        assert status == expected, (path, status, body)
        return body

    @test("health and readiness")
    async def health(self):
        for path, word in (("/health", "ok"), ("/ready", "ready")):
            body = await self.get(path)
            assert (body["status"], body["phase"]) == (word, "serving"), (path, body)

    @test("metrics are Prometheus text, and count messages")
    async def metrics(self):
        await (await self.connect("meter")).publish("metered", 1)
        status, body = await self.http("GET", "/metrics")
        assert status == 200, (status, body)
        text = body.decode()
        assert "# TYPE agenthub_" in text, text[:500]

    @test("a message that is posted is receipted and delivered; one from memory has the status 202")
    async def post(self):
        bob = await self.connect("bob")
        await bob.subscribe("posted")
        status, receipt = await self.http(
            "POST", f"{BASE}/messages", {"topic": "posted", "id": "p1", "data": [1]}, headers={"X-Agent": "curl"})
        assert status == 200 and receipt["type"] == "receipt" and receipt["seq"] == 1, (status, receipt)
        message = await bob.message([1])
        assert (message["from"], message["offset"]) == ("curl", receipt["offset"]), message
        status, again = await self.http(
            "POST", f"{BASE}/messages", {"topic": "posted", "id": "p1", "data": [1]}, headers={"X-Agent": "curl"})
        assert status == 200 and again["duplicate"] is True, (status, again)
        status, receipt = await self.http(
            "POST", f"{BASE}/messages", {"topic": "posted", "data": 2, "durability": "memory"})
        assert status == 202 and receipt["durability"] == "memory", (status, receipt)

    @test("a message that is refused has the status and the code of the table")
    async def refused(self):
        cases = [
            (400, "bad_json", "{"), (400, "missing_field", {"topic": "x"}), (400, "bad_topic", {"topic": "a..b", "data": 1}),
            (400, "unknown_type", {"type": "mesage", "topic": "x", "data": 1}),
            (413, "too_large", {"topic": "x", "data": "x" * (1 << 20)}),
            (403, "forbidden", {"topic": "$status.x", "data": 1}),
            (404, "unknown_message", {"type": "response", "command_id": "never", "data": 1}),
        ]
        for expected, code, body in cases:
            status, answer = await self.http("POST", f"{BASE}/messages", body)
            assert (status, answer["error"]["code"], answer["error"]["status"]) == (expected, code, expected), (
                str(body)[:100], status, answer)
        body = await self.get(f"{BASE}/nothing", 404)
        assert body["error"]["status"] == 404, body
        status, _ = await self.http("DELETE", f"{BASE}/messages")
        assert status in (404, 405), status

    @test("a message and its life: each delivery, attempt and acknowledgement")
    async def biography(self):
        bob = await self.connect("bob")
        await bob.subscribe("lived", consumer="lived")
        receipt = await bob.publish("lived", "me")
        message = await bob.message("me")
        await bob.settle("nak", message, delay_ms=10)
        await bob.ack(await bob.message("me"))

        async def told():
            body = await self.get(f"{BASE}/messages/{receipt['offset']}")
            assert body["message"]["data"] == "me", body
            events = [each["event"] for each in body["life"]]
            return events if "acknowledged" in events else None

        events = await until(told, "the acknowledgement is in its life")
        assert events[0] == "taken" and events.count("delivered") == 2 and "refused" in events, events
        await self.get(f"{BASE}/messages/9999999", 404)
        await self.get(f"{BASE}/messages/x", 400)

    @test("sessions, and the messages of one, page by page")
    async def sessions(self):
        anna = await self.connect("anna")
        for number in range(7):
            await anna.publish("paged", number)
        await anna.do(type="session_open", session="by-http", **{"with": "bob"})
        items, cursor = [], ""
        while True:
            body = await self.get(f"{BASE}/sessions?limit=2{cursor}")
            assert len(body["items"]) <= 2, body
            items += body["items"]
            if "next" not in body:
                break
            cursor = f"&cursor={body['next']}"
        assert "by-http" in [each["id"] for each in items], items
        one = await self.get(f"{BASE}/sessions/by-http")
        assert (one["phase"], one["opener"]) == ("proposed", "anna"), one
        await self.get(f"{BASE}/sessions/never", 404)
        numbers, start = [], ""
        while True:
            body = await self.get(f"{BASE}/sessions/topic%3Apaged/messages?limit=3{start}")
            numbers += [each["data"] for each in body["items"]]
            if "next" not in body:
                break
            start = f"&from={body['next']}"
        assert numbers == list(range(7)), numbers

    @test("topics, and the messages of one, with from, to and a limit")
    async def topics(self):
        anna = await self.connect("anna")
        receipts = [await anna.publish("topic.seen", number) for number in range(5)]
        body = await self.get(f"{BASE}/topics?limit=1000")
        topic = next(each for each in body["items"] if each["topic"] == "topic.seen")
        assert topic["last_offset"] == receipts[-1]["offset"], topic
        body = await self.get(f"{BASE}/topics/topic.seen/messages?from={receipts[1]['offset']}&to={receipts[3]['offset']}")
        assert [each["data"] for each in body["items"]] == [1, 2, 3], body
        body = await self.get(f"{BASE}/topics/topic.seen/messages?limit=2")
        assert [each["data"] for each in body["items"]] == [0, 1] and body["next"] > receipts[1]["offset"] - 1, body

    @test("agents, with their state and status, under both addresses")
    async def agents(self):
        anna = await self.connect("listed-anna")
        await anna.do(type="status", data={"status": "busy"})
        for path in ("/agents", f"{BASE}/agents?limit=1000"):
            body = await self.get(path)
            agent = next(each for each in body["items"] if each["agent"] == "listed-anna")
            assert agent["state"] == "online" and agent["status"] == {"status": "busy"}, agent

    @test("consumers: looked at, paused, moved and deleted; who is served by one is told")
    async def consumers(self):
        bob = await self.connect("bob")
        await bob.subscribe("steered", consumer="steered")
        for number in range(3):
            await bob.publish("steered", number)
        for message in await bob.take_many(3, type="message"):
            await bob.ack(message)
        await bob.do(type="ping")
        listed = await self.get(f"{BASE}/consumers?limit=1000")
        assert "steered" in [each["name"] for each in listed["items"]], listed
        one = await self.get(f"{BASE}/consumers/steered")
        assert one["topics"] == ["steered"] and one["members"] == ["bob"], one
        path = f"{BASE}/consumers/steered"
        status, body = await self.http("PATCH", path, {"paused": True})
        assert status == 200, (status, body)
        assert (await bob.take(type="consumer", event="paused"))["consumer"] == "steered"
        await bob.publish("steered", "held")
        await bob.quiet(0.3, type="message")
        status, body = await self.http("PATCH", path, {"position": 0, "paused": False})
        assert status == 200, (status, body)
        await bob.take(type="consumer", event="moved")
        await bob.take(type="consumer", event="resumed")
        assert [each["data"] for each in await bob.take_many(4, type="message")] == [0, 1, 2, "held"]
        status, body = await self.http("PATCH", path, {"speed": 3})
        assert status == 400, (status, body)
        status, body = await self.http("DELETE", path)
        assert status == 204, (status, body)
        assert (await bob.take(type="consumer", event="deleted"))["consumer"] == "steered"
        await self.get(path, 404)

    @test("the hub as it was at an offset")
    async def state(self):
        bob = await self.connect("state-bob")
        await bob.subscribe("then", consumer="then")
        receipt = await bob.publish("then", 1)
        message = await bob.message(1)
        # What was delivered is in the log soon after.
        await asyncio.sleep(0.2)
        moment = (await bob.publish("beside", 1))["offset"]
        await bob.ack(message)
        await asyncio.sleep(0.2)
        later = (await bob.publish("beside", 2))["offset"]
        for at, unsettled in ((receipt["offset"], []), (moment, [receipt["offset"]]), (later, [])):
            then = await self.get(f"{BASE}/state?at={at}")
            consumer = next(each for each in then["consumers"] if each["name"] == "then")
            assert then["applied_to"] == at, then
            assert [each["offset"] for each in consumer["unsettled"]] == unsettled, (at, consumer)
        assert (await self.get(f"{BASE}/state?at=99999999"))["applied_to"] <= later + 10, "it is the newest there is"

    @test("events: deliveries as they are committed, and again from the last one that was seen")
    async def events(self):
        anna = await self.connect("anna")
        first = await anna.publish("streamed", 0)

        async def read(path, count, headers=None):
            return await self.hub.events(path, count, headers)

        messages = await read(f"{BASE}/events?topic=streamed&from={first['offset']}", 1)
        assert [each["data"] for _, each in messages] == [0], messages
        for number in range(1, 4):
            await anna.publish("streamed", number)
        messages = await read(f"{BASE}/events?topic=streamed", 3, {"Last-Event-ID": messages[-1][0]})
        assert [each["data"] for _, each in messages] == [1, 2, 3], messages

    @test("the description is served as it is in the repository")
    async def description(self):
        page = pathlib.Path(__file__).parents[3] / "docs" / "protocol" / "openapi.json"
        assert await self.get(f"{BASE}/openapi.json") == json.loads(page.read_text())
