"""The table of who may do what: each row says how it is done and what the model expects of somebody."""

from urllib.parse import quote

from wire import Agent

YES, NO = "yes", "forbidden"
BASE = "/api/hub/v1"
NO_SUCH = "run-of-nobody"
DATA = {"command": "do", "status": "busy"}


class Row:
    """What is done, over which protocol; `act` does it and says what came of it, `expect` says what has to."""

    def __init__(self, title, way, expect, act, of_nobody="unauthorized"):
        self.title = title
        self.way = way
        self.expect = expect
        self.act = act
        self.of_nobody = of_nobody


class Stage:
    """What there is before the table is gone through, by its names."""

    def __init__(self, command, own, other, letters, victims, message, foreign_message):
        self.command = command
        self.own = own
        self.other = other
        self.letters = letters
        self.victims = victims
        self.message = message
        self.foreign_message = foreign_message


def said(answer, *good):
    return YES if answer["type"] in good else answer["code"] if answer["type"] == "error" else answer["type"]


def allowed(condition, otherwise=NO):
    return YES if condition else otherwise


# Over WebSocket

def socket_rows(stage):
    rows = []

    def row(title, expect, act):
        rows.append(Row(title, "ws", expect, act))

    def publishing(title, expect, **frame):
        row(title, expect, lambda agent, who: said(agent.ask(data=DATA, **fill(frame, who)), "receipt"))

    for topic in ("jobs.new", "jobs.a.b", "secret.x", "status.planner", "status.{agent}.up"):
        publishing(f"publish {topic}", lambda who, topic=topic: allowed(
            who.rights.may_publish(topic.replace("{agent}", who.agent))), type="message", topic=topic)
    for topic in ("$dead.x", "$status.planner", "$hub.x"):
        publishing(f"publish {topic}", lambda who: NO, type="message", topic=topic)
    for other in ("planner", "keeper", "nobody-there"):
        publishing(f"message to {other}", lambda who, other=other: allowed(who.rights.may_send(other)),
                   type="message", to=other)
    for other in ("planner", "printer-1"):
        publishing(f"command {other}", lambda who, other=other: allowed(who.rights.may_command(agent=other)),
                   type="command", to=other, timeout_ms=600_000)
    publishing("command topic jobs.new", lambda who: allowed(who.rights.may_command(topic="jobs.new")),
               type="command", topic="jobs.new", timeout_ms=600_000)
    publishing("status of its own", lambda who: YES, type="status")
    for session in ("run-{agent}", "plan-{agent}", "dm:keeper:planner", "topic:secret.x"):
        publishing(f"publish in {session}", lambda who, session=session: allowed(
            who.rights.may_publish("jobs.new") and who.rights.may_use(session)),
            type="message", topic="jobs.new", session=session)
    publishing("answer another's command", lambda who: "unknown_message",
               type="response", command_id=stage.command)

    for pattern in ("jobs.new", "jobs.*", "jobs.>", "*.new", ">", "$status.planner", "$status.>", "$dead.>", "$hub.>"):
        row(f"subscribe {pattern}", lambda who, pattern=pattern: allowed(who.rights.may_subscribe(pattern)),
            lambda agent, who, pattern=pattern: subscribe(agent, topics=[pattern]))
    row("subscribe jobs.new, secret.x",
        lambda who: allowed(who.rights.may_subscribe("jobs.new") and who.rights.may_subscribe("secret.x")),
        lambda agent, who: subscribe(agent, topics=["jobs.new", "secret.x"]))
    row("subscribe its inbox", lambda who: YES, lambda agent, who: subscribe(agent, inbox=True))
    row("take another's inbox", lambda who: allowed(who.tenant != "default"),
        lambda agent, who: subscribe(agent, inbox=True, consumer="keeper-inbox"))
    row("settle for another's consumer", lambda who: "unknown_consumer",
        lambda agent, who: said(settle(agent, "keeper-secret"), "heartbeat_ack"))
    row("settle for no consumer", lambda who: "unknown_consumer",
        lambda agent, who: said(settle(agent, "no-such"), "heartbeat_ack"))
    for name in ("keeper-secret", "no-such"):
        row(f"pause consumer {name}", lambda who: "unknown_consumer",
            lambda agent, who, name=name: said(agent.ask(type="pause", consumer=name), "paused"))
        row(f"delete consumer {name}", lambda who: "unknown_consumer", lambda agent, who, name=name: said(
            agent.ask(type="unsubscribe", consumer=name, delete=True), "unsubscribed"))
    row("join a consumer of secret.>", lambda who: allowed(who.rights.may_subscribe("secret.>")), join)

    for topic in ("jobs.new", "secret.x", ">"):
        row(f"replay topics {topic}", lambda who, topic=topic: allowed(who.rights.may_subscribe(topic)),
            lambda agent, who, topic=topic: said(agent.replay(topics=[topic])[0], "replay_end"))
    sessions_of(row, stage, lambda agent, who, session: said(agent.replay(session=session)[0], "replay_end"),
                "replay session")

    for session in ("run-{agent}-1", "plan-{agent}-1", "dm:a:b", "topic:x"):
        row(f"open session {session}", lambda who, session=session: allowed(who.rights.may_use(session)),
            lambda agent, who, session=session: said(
                agent.ask(type="session_open", session=session.replace("{agent}", who.agent)), "receipt"))
    for step, session in (("accept", "plan-of-keeper"), ("reject", "plan-of-keeper"), ("close", "plan-of-keeper")):
        row(f"{step} session {session}", lambda who: unknown_elsewhere(who, NO),
            lambda agent, who, step=step, session=session: said(
                agent.ask(type=f"session_{step}", session=session), "receipt"))
    for other in ("planner", "keeper"):
        row(f"see {other} in agents", lambda who, other=other: sight(who, other),
            lambda agent, who, other=other: seen(agent.ask(type="agents"), other))
        row(f"ask presence of {other}", lambda who, other=other: "seen" if who.rights.may_watch(other) else "not seen",
            lambda agent, who, other=other: seen(agent.ask(type="presence", agents=[other]), other))
    row("heartbeat", lambda who: YES, lambda agent, who: said(agent.ask(type="heartbeat"), "heartbeat_ack"))
    return rows


def unknown_elsewhere(who, otherwise):
    """What another tenant has is nothing to whoever might do it in his own."""
    return "unknown_session" if who.tenant != "default" and who.rights.may_use("plan-of-keeper") else otherwise


def sight(who, other):
    return "seen" if who.tenant == "default" and who.rights.may_watch(other) else "not seen"


def sessions_of(row, stage, act, words):
    """Rows about the past of sessions: the hub's own, one it is a party of, others', and one that is not there."""
    missing = lambda who: "unknown_session" if who.rights.may("sessions.read") else NO

    def expected(who, session, is_party=False):
        if not who.rights.may_replay(session, is_party):
            return NO
        # Everyone has published to these topics, each in his own tenant.
        return YES if who.tenant == "default" or session.startswith("topic:") else "unknown_session"

    for session in ("topic:jobs.new", "topic:secret.x", stage.other, "plan-of-keeper"):
        row(f"{words} {session}", lambda who, session=session: expected(who, session),
            lambda agent, who, session=session: act(agent, who, session))
    row(f"{words} of its own", lambda who: YES, lambda agent, who: act(agent, who, stage.own(who)))
    row(f"{words} that is not there", missing, lambda agent, who: act(agent, who, NO_SUCH))


def fill(frame, who):
    return {key: value.replace("{agent}", who.agent) if isinstance(value, str) else value
            for key, value in frame.items()}


def subscribe(agent, **wanted):
    answer = agent.ask(type="subscribe", **wanted)
    if answer["type"] == "subscribed":
        agent.ask(type="unsubscribe", consumer=answer["consumer"])
    return said(answer, "subscribed")


def settle(agent, consumer):
    """A settlement has no answer of its own; what is wrong with it comes before the next one."""
    agent.send(type="nak", consumer=consumer, offset=1)
    answer = agent.ask(type="heartbeat", working_on=[1])
    told = agent.next(lambda frame: frame["type"] == "error", 0.001)
    return told or answer


def join(agent, who):
    """Joins a shared consumer that has topics which not everyone may read; who may not, asks for others."""
    topic = "secret.>" if who.rights.may_subscribe("secret.>") else "jobs.new"
    answer = agent.ask(type="subscribe", topics=[topic], consumer="shared-secret", group=True)
    if answer["type"] == "subscribed":
        agent.ask(type="unsubscribe", consumer="shared-secret")
    return said(answer, "subscribed")


def seen(answer, other):
    assert answer["type"] == "agents", answer
    return "seen" if any(each["agent"] == other for each in answer["agents"]) else "not seen"


# Over HTTP

def web_rows(stage):
    rows = []

    def row(title, expect, act, **more):
        rows.append(Row(title, "http", expect, act, **more))

    def request(method, path, body=None, good=(200, 202, 204)):
        def act(call, who):
            there = path(who) if callable(path) else path
            status, answer = call(method, there, body(who) if callable(body) else body)
            if status in good:
                return YES
            return answer["error"]["code"] if isinstance(answer, dict) and "error" in answer else str(status)
        return act

    def needing(action, title, method, path, body=None, missing=None):
        def expect(who):
            if not who.rights.may(action):
                return NO
            return missing if missing and who.tenant != "default" else YES
        row(title, expect, request(method, path, body))

    for path in ("/health", "/ready", f"{BASE}/openapi.json"):
        row(f"GET {path}", lambda who: YES, request("GET", path), of_nobody=YES)
    needing("$hub.metrics", "GET /metrics", "GET", "/metrics")

    def posting(title, expect, **frame):
        row(f"POST messages: {title}", expect, request(
            "POST", f"{BASE}/messages", lambda who: {"type": "message", **fill(frame, who), "data": DATA}))

    for topic in ("jobs.new", "secret.x", "status.{agent}.up"):
        posting(f"publish {topic}", lambda who, topic=topic: allowed(
            who.rights.may_publish(topic.replace("{agent}", who.agent))), topic=topic)
    posting("publish $dead.x", lambda who: NO, topic="$dead.x")
    for other in ("planner", "keeper"):
        posting(f"message to {other}", lambda who, other=other: allowed(who.rights.may_send(other)), to=other)
    for other in ("planner", "printer-1"):
        posting(f"command {other}", lambda who, other=other: allowed(who.rights.may_command(agent=other)),
                type="command", to=other, id="web-{agent}-" + other, timeout_ms=600_000)
    posting("publish in plan-{agent}", lambda who: allowed(
        who.rights.may_publish("jobs.new") and who.rights.may_use("plan-x")), topic="jobs.new",
        session="plan-{agent}")
    posting("answer another's command", lambda who: "unknown_message", type="response", command_id=stage.command)

    for path in (f"{BASE}/agents", "/agents"):
        for other in ("planner", "keeper"):
            row(f"GET {path} has {other}", lambda who, other=other: sight(who, other),
                lambda call, who, path=path, other=other: listed(call("GET", path), "agent", other))
    needing("sessions.read", "GET sessions", "GET", f"{BASE}/sessions")
    for part in ("", "/messages"):
        def ask(call, who, session, part=part):
            return request("GET", f"{BASE}/sessions/{quote(session, safe='')}{part}")(call, who)
        sessions_of(row, stage, ask, f"GET session{part}")
    needing("topics.read", "GET topics", "GET", f"{BASE}/topics")
    for topic in ("jobs.new", "secret.x", "never.x"):
        def expect(who, topic=topic):
            if not (who.rights.may_subscribe(topic) or who.rights.may("messages.read")):
                return NO
            return YES if topic != "never.x" else "unknown_message"
        row(f"GET topics/{topic}/messages", expect, request("GET", f"{BASE}/topics/{topic}/messages"))
    for topic in ("jobs.new", "jobs.>", ">", "$dead.>"):
        row(f"GET events of {topic}", lambda who, topic=topic: allowed(who.rights.may_subscribe(topic)),
            request("GET", f"{BASE}/events?topic={quote(topic)}"))
    needing("consumers.read", "GET consumers", "GET", f"{BASE}/consumers")
    needing("consumers.read", "GET consumers/{name}", "GET", f"{BASE}/consumers/keeper-secret",
            missing="unknown_consumer")
    needing("consumers.change", "PATCH consumers/{name}", "PATCH", f"{BASE}/consumers/keeper-secret",
            {"paused": False}, missing="unknown_consumer")
    needing("consumers.change", "DELETE consumers/{name}", "DELETE",
            lambda who: f"{BASE}/consumers/{stage.victims.get(who.name, 'none')}", missing="unknown_consumer")
    needing("dead.read", "GET dead-letters", "GET", f"{BASE}/dead-letters")
    needing("dead.read", "GET dead-letters/{offset}", "GET",
            lambda who: f"{BASE}/dead-letters/{stage.letters.get(who.name, (1, 1))[0]}", missing="unknown_message")
    needing("dead.change", "POST dead-letters/{offset}", "POST",
            lambda who: f"{BASE}/dead-letters/{stage.letters.get(who.name, (1, 1))[0]}", missing="unknown_message")
    needing("dead.change", "DELETE dead-letters/{offset}", "DELETE",
            lambda who: f"{BASE}/dead-letters/{stage.letters.get(who.name, (1, 1))[1]}", missing="unknown_message")
    needing("messages.read", "GET messages/{offset}", "GET", f"{BASE}/messages/{stage.message}",
            missing="unknown_message")
    row("GET messages/{offset} of the other tenant",
        lambda who: NO if not who.rights.may("messages.read") else YES if who.tenant == "other"
        else "unknown_message", request("GET", f"{BASE}/messages/{stage.foreign_message}"))
    needing("state.read", "GET state", "GET", f"{BASE}/state")
    # What is not there says so to everyone alike, and to nobody without credentials.
    row("GET what is not there", lambda who: "unknown_message", request("GET", f"{BASE}/nothing"))
    return rows


def listed(answer, key, wanted):
    status, document = answer
    if status != 200:
        return document["error"]["code"]
    return "seen" if any(each[key] == wanted for each in document["items"]) else "not seen"


# Those who are not let in

def knock(endpoint, who):
    """Comes in by WebSocket, with the token in the handshake or a signature if that is how he comes."""
    agent = Agent(endpoint, who.token)
    agent.welcome = agent.hello(who.agent, who.sign)
    return agent
