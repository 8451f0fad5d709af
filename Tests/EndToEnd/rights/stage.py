"""What there is before the table is gone through: sessions, consumers, dead letters and commands of a keeper."""

from table import Stage
from wire import Agent

SECRET = "nobody else's business"


def prepare(server, made, good):
    """Sets the stage; says it, and the keeper's connections."""
    keepers = {}
    for tenant in ("default", "other"):
        who = made.keepers[tenant]
        keepers[tenant] = Agent(server.plain, who.token)
        keepers[tenant].hello(who.agent)
    keeper, foreign = keepers["default"], keepers["other"]
    do(keeper, type="subscribe", inbox=True, consumer="keeper-inbox")
    do(keeper, type="subscribe", topics=["secret.>"], consumer="keeper-secret")
    do(keeper, type="subscribe", topics=["secret.>"], consumer="shared-secret", group=True)
    do(keeper, type="unsubscribe", consumer="shared-secret")
    do(keeper, type="message", topic="jobs.new", data=1)
    do(keeper, type="message", topic="secret.x", data=SECRET)
    do(keeper, type="message", to="planner", data=SECRET)
    do(keeper, type="command", id="command-of-keeper", to="planner", timeout_ms=600_000,
       data={"command": SECRET})
    do(keeper, type="session_open", session="plan-of-keeper", **{"with": "planner"}, purpose=SECRET)
    message = do(keeper, type="message", topic="jobs.new", data=2)["offset"]
    foreign_message = do(foreign, type="message", topic="jobs.new", data="foreign")["offset"]
    planner = Agent(server.plain, made.planner.token)
    planner.hello("planner")
    planner.close()
    own = {}
    for who in good:
        one = "keeper" if who.tenant == "default" else "far-keeper"
        do(keepers[who.tenant], type="message", to=who.agent, data="for you alone")
        own[who.name] = "dm:" + ":".join(sorted((one, who.agent)))
    return Stage(
        "command-of-keeper", lambda who: own.get(who.name, "dm:keeper:planner"), "dm:keeper:planner",
        dead_letters(keeper, good), victims(keeper, good), message, foreign_message), keepers


def do(agent, **frame):
    answer = agent.ask(**frame)
    assert answer["type"] != "error", f"{frame} was refused: {answer}"
    return answer


def victims(keeper, good):
    """A consumer for each to delete."""
    names = {who.name: f"victim-{number}" for number, who in enumerate(good)}
    for name in names.values():
        do(keeper, type="subscribe", topics=["jobs.done"], consumer=name)
        do(keeper, type="unsubscribe", consumer=name)
    return names


def dead_letters(keeper, good):
    """Two dead letters for each: one to bring back, one to drop."""
    do(keeper, type="subscribe", topics=["mail.>"], consumer="keeper-mail")
    watching = do(keeper, type="subscribe", topics=["$dead.keeper-mail"])["consumer"]
    offsets = []
    for _ in range(2 * len(good)):
        do(keeper, type="message", topic="mail.lost", data=SECRET)
        mail = keeper.next(lambda frame: frame.get("consumer") == "keeper-mail")
        keeper.send(type="term", consumer="keeper-mail", offset=mail["offset"], reason="lost")
        letter = keeper.next(lambda frame: frame.get("consumer") == watching)
        assert letter is not None, "a message that was given up is no dead letter"
        offsets.append(letter["offset"])
        keeper.send(type="ack", consumer=watching, offset=letter["offset"])
    do(keeper, type="unsubscribe", consumer=watching)
    return {who.name: (offsets[2 * number], offsets[2 * number + 1]) for number, who in enumerate(good)}
