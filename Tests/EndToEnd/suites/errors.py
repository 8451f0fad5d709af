"""Every code that an agent can be refused with."""

import asyncio
import pathlib
import re

from suite import Suite, test

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "protocol.md"

# A frame, and the code that it is refused with.
REFUSED = [
    ("bad_json", "{"),
    ("bad_json", '{"type":"message","topic":"x","data":01}'),
    ("unknown_type", {"type": "mesage"}),
    ("missing_field", {"type": "message", "topic": "x"}),
    ("missing_field", {"type": "message", "data": 1}),
    ("missing_field", {"type": "command", "id": None, "to": "x", "data": {"command": "c"}}),
    ("missing_field", {"type": "command", "to": "x", "data": {}}),
    ("missing_field", {"type": "response", "data": 1}),
    ("missing_field", {"type": "subscribe"}),
    ("missing_field", {"type": "ack", "offset": 1}),
    ("missing_field", {"type": "ack", "consumer": "errors"}),
    ("missing_field", {"type": "replay"}),
    ("missing_field", {"type": "session_open"}),
    ("missing_field", {"type": "status", "data": {}}),
    ("bad_field", {"type": "message", "topic": "x", "to": "y", "data": 1}),
    ("bad_field", {"type": "message", "topic": 1, "data": 1}),
    ("bad_field", {"type": "message", "topic": "x", "data": 1, "ttl_ms": 0}),
    ("bad_field", {"type": "message", "topic": "x", "data": 1, "ttl_ms": -5}),
    ("bad_field", {"type": "message", "topic": "x", "data": 1, "retain": "yes"}),
    ("bad_field", {"type": "message", "topic": "x", "data": 1, "durability": "marble"}),
    ("bad_field", {"type": "command", "id": "e1", "to": "x", "timeout_ms": 0, "data": {"command": "c"}}),
    ("bad_field", {"type": "subscribe", "topics": ["x"], "from": "yesterday"}),
    ("bad_field", {"type": "subscribe", "topics": ["x"], "max_in_flight": 0}),
    ("bad_field", {"type": "subscribe", "topics": ["x"], "max_in_flight": 65537}),
    ("bad_field", {"type": "subscribe", "topics": ["x"], "ack": "perhaps"}),
    ("bad_field", {"type": "subscribe", "topics": ["x"], "backoff": {"factor": 0.5}}),
    ("bad_field", {"type": "subscribe", "topics": ["x"], "inbox": True}),
    ("bad_field", {"type": "ack", "consumer": "errors", "offset": 1, "up_to": 2}),
    ("bad_field", {"type": "replay", "id": "r", "topics": ["x"], "speed": 0}),
    ("bad_field", {"type": "replay", "id": "r", "topics": ["x"], "from": {"seq": 1}}),
    ("bad_topic", {"type": "message", "topic": "a..b", "data": 1}),
    ("bad_topic", {"type": "message", "topic": "a.*", "data": 1}),
    ("bad_topic", {"type": "message", "topic": "x" * 256, "data": 1}),
    ("bad_topic", {"type": "message", "topic": ".".join("t" * 33), "data": 1}),
    ("bad_topic", {"type": "subscribe", "topics": ["a.>.b"]}),
    ("bad_topic", {"type": "replay", "id": "r", "topics": ["a..b"]}),
    ("bad_name", {"type": "message", "to": "x" * 251, "data": 1}),
    ("bad_name", {"type": "subscribe", "topics": ["x"], "consumer": "x" * 129}),
    ("bad_name", {"type": "subscribe", "topics": ["x"], "consumer": "~mine"}),
    ("bad_name", {"type": "session_open", "session": "x" * 505}),
    ("too_large", {"type": "message", "topic": "x", "data": "x" * (1 << 20)}),
    ("too_large", {"type": "message", "id": "x" * 256, "topic": "x", "data": 1}),
    ("too_large", {"type": "nak", "consumer": "errors", "offset": 0, "reason": "x" * 4097}),
    ("forbidden", {"type": "message", "topic": "$status.x", "data": 1}),
    ("forbidden", {"type": "subscribe", "inbox": True, "consumer": "errors-inbox"}),
    ("unknown_session", {"type": "session_accept", "session": "never"}),
    ("unknown_session", {"type": "session_close", "session": "never"}),
    ("unknown_session", {"type": "replay", "id": "r", "session": "never"}),
    ("unknown_consumer", {"type": "ack", "consumer": "never", "offset": 1}),
    ("unknown_consumer", {"type": "unsubscribe", "consumer": "never"}),
    ("unknown_consumer", {"type": "pause", "consumer": "never"}),
    ("unknown_message", {"type": "cancel", "id": "never"}),
    ("unknown_message", {"type": "response", "command_id": "never", "data": 1}),
    ("conflict", {"type": "hello", "agent": "errors"}),
    ("conflict", {"type": "session_open", "session": "errors-open"}),
    ("conflict", {"type": "subscribe", "inbox": True, "consumer": "errors-group", "group": True}),
    ("session_closed", {"type": "message", "to": "x", "session": "errors-ended", "data": 1}),
]

# Codes that have a test elsewhere, or that no agent can bring about, and why.
ELSEWHERE = {
    "unauthorized": "Connections: whatever comes before hello",
    "replaced": "Connections: the newest connection",
    "draining": "Drained: the code with which connections end",
    "limit_reached": "Errors: too many replays",
    "rate_limited": "Quotas: who sends more",
    "timeout": "Commands: in the answer's `failure`",
    "expired": "a lifetime is counted from when the hub takes a message, so that none comes when it has expired",
    "unknown_agent": "a message for an agent that was never there is kept for it; the code is for operators",
    "storage_unavailable": "only with a full or failing disk; CrashHarness and HubServerTests have those",
    "internal_error": "would be a bug",
}


class Errors(Suite):
    title = "Errors"

    @test("each code is given for what the page says, and the connection goes on")
    async def table(self):
        agent = await self.connect("errors")
        other = await self.connect("errors-other")
        await other.subscribe(consumer="errors-inbox")
        await agent.subscribe("errors.group", consumer="errors-group", group=True)
        await other.subscribe("errors.group", consumer="errors-group", group=True)
        await agent.do(type="session_open", session="errors-ended", **{"with": "errors-other"})
        await agent.do(type="session_close", session="errors-ended")
        await agent.do(type="session_open", session="errors-open", **{"with": "errors-other"})
        await agent.subscribe("errors.none", consumer="errors")
        wrong = []
        for code, frame in REFUSED:
            if isinstance(frame, dict) and "id" not in frame and frame["type"] != "ack":
                frame = {"id": "e", **frame}
            if isinstance(frame, str):
                await agent.say(frame)
            else:
                await agent.send(**{key: value for key, value in frame.items() if value is not None})
            try:
                error = await agent.take(type="error", limit=3)
            except AssertionError as failure:
                wrong.append(f"{str(frame)[:150]} → {failure}")
                continue
            # Whatever else is said to it is said before this is answered.
            assert (await agent.do(type="resume"))["type"] == "resumed"
            answers, agent.frames = [error, *agent.frames], []
            if [each.get("code") for each in answers] != [code]:
                told = [{key: value for key, value in each.items() if key != "_text"} for each in answers]
                wrong.append(f"{str(frame)[:150]} → {str(told)[:200]}, not {code}")
            elif isinstance(frame, dict) and frame.get("id") == "e":
                if answers[0].get("re") != "e":
                    wrong.append(f"{str(frame)[:150]} → the error does not say to what: {answers[0]}")
        assert not wrong, "\n" + "\n".join(wrong)

    @test("every code of the page is provoked, or it is written down why not")
    async def complete(self):
        section = PAGE.read_text().split("## Errors")[1].split("## Reconnecting")[0]
        rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
        codes = {code for row in rows for code in re.findall(r"`(\w+)`", row)}
        tested = {code for code, _ in REFUSED} | set(ELSEWHERE)
        assert codes == tested, (codes - tested, tested - codes)

    @test("more replays at a time than a connection may have are refused, and those that run go on")
    async def limit(self):
        agent = await self.connect("errors-many")
        for number in range(2):
            await agent.publish("errors.slow", number)
        for number in range(9):
            # The first message of the past is shown at once and the second so long after it.
            await agent.send(type="replay", id=f"many{number}", topics=["errors.slow"], speed=0.001)
        assert (await agent.take(type="error"))["code"] == "limit_reached"
        for number in range(8):
            await agent.send(type="cancel", id=f"many{number}")
            await agent.take(type="cancelled", re=f"many{number}")

    @test("an error names the sentence's field and says what was meant")
    async def sentences(self):
        agent = await self.connect("errors-sentences")
        error = await agent.ask(type="mesage", topic="x", data=1)
        assert "message" in error["message"] and error["re"], error
        error = await agent.ask(type="message", topic="x", data=1, ttl_ms="soon")
        assert "ttl_ms" in error["message"], error


class Quotas(Suite):
    title = "Quotas"
    config = {"quota": {"agent": {"messages_per_second": 20, "sessions": 2, "consumers": 2}}}

    @test("who sends more than the quota is told when to try again, and then gets through")
    async def rate(self):
        agent = await self.connect("eager")
        for number in range(60):
            await agent.send(type="message", topic="quota", data=number, id=f"m{number}")
        answers = [await agent.take(re=f"m{number}") for number in range(60)]
        refused = [each for each in answers if each["type"] == "error"]
        assert refused and {each["code"] for each in refused} == {"rate_limited"}, answers
        assert len(answers) - len(refused) >= 20, answers
        wait = refused[-1]["retry_after_ms"]
        assert 0 < wait <= 5000, refused[-1]
        self.figure(f"{len(refused)} of 60 were refused; the last was told to wait {wait} ms")
        await asyncio.sleep(wait / 1000 + 0.05)
        await agent.publish("quota", "later")
        # Another agent has a quota of its own.
        await (await self.connect("patient")).publish("quota", "mine")

    @test("sessions and consumers beyond the quota are refused, and those that end make room")
    async def numbers(self):
        agent = await self.connect("collector")
        for number in range(2):
            await agent.do(type="session_open", session=f"quota-{number}", **{"with": "other"})
            await agent.subscribe("quota.none", consumer=f"quota-{number}")
        refused = await agent.ask(type="session_open", session="quota-2", **{"with": "other"})
        assert refused.get("code") == "limit_reached", refused
        refused = await agent.ask(type="subscribe", topics=["quota.none"], consumer="quota-2")
        assert refused.get("code") == "limit_reached", refused
        await agent.do(type="session_close", session="quota-0")
        await agent.do(type="unsubscribe", consumer="quota-0", delete=True)
        await agent.do(type="session_open", session="quota-2", **{"with": "other"})
        await agent.subscribe("quota.none", consumer="quota-2")
