"""What nobody may learn: of other tenants, of what he may not see, and any secret from what the hub writes."""

import base64
import os

from stage import SECRET
from wire import Agent, Refused

BASE = "/api/hub/v1"


def entered(server, made, name, tenant="default"):
    who = made.people[name]
    agent = Agent(server.endpoint(who), who.token)
    agent.hello(who.agent)
    return agent


def tenants_are_apart(server, made, keepers):
    """Tenants see nothing of each other: agents, sessions, topics, consumers, dead letters, events, presence, state."""
    foreign, default = made.people["foreign"], made.people["admin"]
    own = entered(server, made, "foreign")
    own.ask(type="presence", watch=True)
    everything = own.ask(type="subscribe", topics=[">"])
    dead = own.ask(type="subscribe", topics=["$dead.>"])
    states = own.ask(type="subscribe", topics=["$status.>"])
    assert {each["type"] for each in (everything, dead, states)} == {"subscribed"}
    stream, events = server.plain.stream(f"{BASE}/events?topic=%3E", foreign.headers)
    marks = ("far-side-topic", "far-side-agent")
    keeper = keepers["default"]
    keeper.ask(type="message", topic=f"{marks[0]}.x", data=SECRET)
    keeper.ask(type="message", to=marks[1], data=SECRET)
    keeper.ask(type="message", to="foreign", data=SECRET)
    keeper.ask(type="status", data={"status": SECRET})
    entered(server, made, "agent").close()
    keepers["other"].ask(type="message", topic="end.of.it", data="the end")
    assert own.next(lambda frame: frame.get("data") == "the end"), "the own tenant's messages do not come"
    seen = [frame for frame in own.frames if SECRET in str(frame) or "agent" == frame.get("agent")]
    assert not seen, f"messages of another tenant: {seen}"
    line = b""
    while b"the end" not in line:
        line = events.readline()
        assert SECRET.encode() not in line and marks[0].encode() not in line, line
    stream.close()
    names = {"keeper", "observer", "narrow", "keeper-mail", "mail.lost", "dm:keeper:observer", SECRET, *marks}
    for path in ("agents", "sessions", "topics", "consumers", "dead-letters", "state"):
        status, answer = server.plain.http("GET", f"{BASE}/{path}?limit=1000" if path != "state" else f"{BASE}/state",
                                           headers=foreign.headers)
        assert status == 200, (path, status, answer)
        found = sorted(name for name in names if f"'{name}'" in str(answer))
        assert not found, f"{path} of another tenant shows {found}"
        status, answer = server.plain.http("GET", f"{BASE}/{path}", headers=default.headers)
        assert status == 200 and "far-keeper" not in str(answer), f"{path} shows the other tenant"
    own.close()


def watchers_see_whom_they_may(server, made, keepers):
    """Who watches everyone's presence is told of those whom he may see, and of nobody else."""
    watcher = entered(server, made, "narrow")
    watcher.ask(type="presence", watch=True)
    watcher.ask(type="presence", agents=["agent", "planner"], watch=True)
    entered(server, made, "agent").close()
    planner = entered(server, made, "planner")
    assert watcher.next(lambda frame: frame["type"] == "presence" and frame["agent"] == "planner"), "planner came"
    told = {frame["agent"] for frame in watcher.frames if frame["type"] == "presence"}
    assert told <= {"planner", "narrow"}, f"it was told of {told}"
    planner.close()
    watcher.close()


def holding_back_gives_nothing(server, made, keepers):
    """Who holds back or resumes a session that he has no part in does not get one by that."""
    agent = entered(server, made, "narrow")
    for session in ("dm:keeper:planner", "plan-of-keeper", "topic:secret.x"):
        agent.ask(type="pause", session=session)
        agent.ask(type="resume", session=session)
        end, shown = agent.replay(session=session)
        assert end.get("code") == "forbidden" and not shown, (session, end, shown)
    there = agent.ask(type="resume", session="plan-of-keeper")
    missing = agent.ask(type="resume", session="plan-of-nobody")
    assert alike(there, missing, "plan-of-keeper", "plan-of-nobody"), (there, missing)
    agent.close()


def others_consumers_are_theirs(server, made, keepers):
    """Nobody pauses a consumer by the hub's own label for it, in his tenant or another."""
    for name in ("narrow", "foreign", "operator"):
        agent = entered(server, made, name)
        for index in range(24):
            for generation in range(4):
                answer = agent.ask(type="pause", consumer=f"~{index}.{generation}")
                assert answer["type"] == "error", f"{name} paused ~{index}.{generation}: {answer}"
        agent.close()
    status, answer = server.plain.http("GET", f"{BASE}/consumers?limit=1000", headers=made.people["admin"].headers)
    paused = [each["name"] for each in answer["items"] if each.get("paused")]
    assert status == 200 and not paused, f"paused: {paused}"


def refusals_say_nothing(server, made, keepers):
    """Refusals are the same, word for word, for what is there and what is not."""
    headers, agent = made.people["narrow"].headers, entered(server, made, "narrow")
    pairs = [("sessions/{}", "plan-of-keeper", "plan-of-nobody"), ("sessions/{}/messages", "dm:keeper:planner", "dm:x:y"),
             ("topics/{}/messages", "secret.x", "secret.y"), ("consumers/{}", "keeper-secret", "no-secret"),
             ("dead-letters/{}", "20", "999999"), ("messages/{}", "20", "999999")]
    for path, there, missing in pairs:
        answers = [server.plain.http("GET", f"{BASE}/{path.format(name)}", headers=headers) for name in (there, missing)]
        assert alike(*answers, there, missing), f"{path}: {answers}"
    for frame, there, missing in (
        (lambda name: {"type": "message", "to": name, "data": {"command": "x"}}, "keeper", "nobody-there"),
        (lambda name: {"type": "command", "to": name, "data": {"command": "x"}}, "keeper", "nobody-there"),
        (lambda name: {"type": "message", "topic": name, "data": 1}, "secret.x", "secret.y"),
        (lambda name: {"type": "subscribe", "topics": [name]}, "secret.x", "secret.y"),
        (lambda name: {"type": "session_open", "session": name}, "plan-of-keeper", "plan-of-nobody"),
        (lambda name: {"type": "session_close", "session": name}, "plan-of-keeper", "plan-of-nobody"),
        (lambda name: {"type": "pause", "consumer": name}, "keeper-secret", "no-secret"),
        (lambda name: {"type": "ack", "consumer": name, "offset": 1}, "keeper-secret", "no-secret"),
        (lambda name: {"type": "unsubscribe", "consumer": name}, "keeper-secret", "no-secret"),
        (lambda name: {"type": "response", "command_id": name, "data": {}}, "command-of-keeper", "command-of-nobody"),
        (lambda name: {"type": "presence", "agents": [name]}, "keeper", "nobody-there"),
    ):
        answers = []
        for name in (there, missing):
            if frame(name)["type"] == "ack":
                agent.send(**frame(name))
                answers.append(agent.next(lambda each: each["type"] == "error"))
            else:
                answers.append(agent.ask(**frame(name)))
        assert alike(*answers, there, missing), answers
    answers = [agent.replay(session=name)[0] for name in ("plan-of-keeper", "plan-of-nobody")]
    assert alike(*answers, "plan-of-keeper", "plan-of-nobody"), answers
    # Whom no credential names learns nothing of which agents there are.
    answers = []
    for token in (made.secrets["wrong token"], made.secrets["unknown token"]):
        try:
            Agent(server.plain, token).hello("agent")
        except Refused as refused:
            answers.append((refused.code, refused.message, refused.close))
    assert len(set(answers)) == 1, answers
    agent.close()


def alike(one, other, name, missing):
    """Whether two answers differ in nothing but what was asked for."""
    plain = [{key: value for key, value in each.items() if key != "re"} if isinstance(each, dict) else each
             for each in (one, other)]
    return str(plain[0]).replace(name, "?") == str(plain[1]).replace(missing, "?")


CHECKS = [tenants_are_apart, watchers_see_whom_they_may, holding_back_gives_nothing, others_consumers_are_theirs,
          refusals_say_nothing]


def secrets(server, made):
    """Where a secret stands in what the hub and the commands wrote, the log of messages included."""
    texts = {"the hub's output": server.output().encode(), "what the commands told": "\n".join(made.known).encode()}
    if os.path.exists(server.log):
        with open(server.log, "rb") as file:
            texts["the hub's log"] = file.read()
    for name in os.listdir(made.data):
        path = os.path.join(made.data, name)
        # Key sets hold what is secret in them; that is what their mode is for.
        if os.path.isfile(path) and name != "jwks.json":
            with open(path, "rb") as file:
                # Most of a new log is room.
                texts[name] = file.read().replace(bytes(4096), b"")
    # What is no secret is found where it has to be: the search reads what it says that it reads.
    shown = made.people["agent"].token.split("_")[1].encode()
    found = [] if shown in texts["access.json"] else ["the access file does not have the id of a token"]
    if b"somebody was not let in" not in texts.get("the hub's log", b""):
        found.append("the hub's log does not have those who were not let in")
    for title, secret in made.secrets.items():
        # The half of a token that is no secret stands in lists and lines.
        parts = {secret, secret.split("_")[-1], secret.split(".")[-1]}
        forms = {form for part in parts for form in (part.encode(), base64.b64encode(part.encode()).rstrip(b"="))}
        found += [f"{title} stands in {name}" for name, text in texts.items() if any(form in text for form in forms)]
    sizes = ", ".join(f"{name} ({len(text):,} bytes)" for name, text in sorted(texts.items()))
    return found, sizes
