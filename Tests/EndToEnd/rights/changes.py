"""Rights that change while somebody is connected: the commands of the program, SIGHUP, and how soon it shows."""

import time

from credentials import Who
from model import Rights
from wire import Agent, Refused

# How long a change may take, as is promised.
PROMISE = 2.0
NAMES = ("changed", "ended", "outcast", "listener", "watcher", "streamer")


def prepare(made):
    """Agents that only these checks use."""
    made.movers = {}
    for name in NAMES:
        made.register(name, Rights(["jobs.>"], ["jobs.>"], sessions=["run-*"]))
        made.movers[name] = Who(name, name, None, made.token(name))


def enter(server, made, name):
    agent = Agent(server.plain, made.movers[name].token)
    agent.hello(name)
    return agent


def within_promise(holds, what):
    """How long it takes until something holds; it has to within what is promised."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PROMISE, f"not within {PROMISE} s: {what}"
        time.sleep(0.02)


def rights_reach_connections(server, made, keepers):
    """Rights that the command gives and takes reach an open connection, and requests, within two seconds of SIGHUP."""
    agent = enter(server, made, "changed")
    headers = made.movers["changed"].headers

    def may(topic):
        by_socket = agent.ask(type="message", topic=topic, data=1)["type"] == "receipt"
        status, _ = server.plain.http("POST", "/api/hub/v1/messages",
                                      {"type": "message", "topic": topic, "data": 1}, headers)
        return {by_socket, status == 200}
    assert may("jobs.x") == {True} and may("other.x") == {False}
    made.call("agents", "rights", "changed", "--publish", "other.>", "--data", made.data)
    server.reload()
    within_promise(lambda: may("jobs.x") == {False} and may("other.x") == {True}, "the rights are the new ones")
    made.call("agents", "rights", "changed", "--publish", "jobs.>", "--data", made.data)
    server.reload()
    within_promise(lambda: may("jobs.x") == {True} and may("other.x") == {False}, "the rights are the first again")
    agent.close()


def revoked_token_ends(server, made, keepers):
    """A token that is revoked ends its connection within two seconds of SIGHUP, and lets nobody in again."""
    agent = enter(server, made, "ended")
    made.revoke(made.movers["ended"].token)
    server.reload()
    error = agent.next(lambda frame: frame["type"] == "error", PROMISE)
    assert error is not None and error["code"] == "unauthorized", error
    agent.next(lambda frame: False, PROMISE)
    assert agent.closed == 1008, agent.closed
    try:
        enter(server, made, "ended")
        raise AssertionError("a revoked token lets somebody in")
    except Refused as refused:
        assert refused.code == "unauthorized", refused
    status, _ = server.plain.http("GET", "/agents", headers=made.movers["ended"].headers)
    assert status == 401, status


def shut_out_ends(server, made, keepers):
    """An agent that is shut out loses its connection, and comes back when it is let in."""
    agent = enter(server, made, "outcast")
    made.call("agents", "rights", "outcast", "--shut-out", "--data", made.data)
    server.reload()
    assert agent.next(lambda frame: frame["type"] == "error", PROMISE), "the connection goes on"
    made.call("agents", "rights", "outcast", "--let-in", "--data", made.data)
    server.reload()

    def comes_in():
        try:
            enter(server, made, "outcast").close()
            return True
        except Refused:
            return False
    within_promise(comes_in, "it is let in")


def lost_right_ends_deliveries(server, made, keepers):
    """Who may no longer subscribe to a topic is given nothing more of it by a subscription that he has, and a slow replay
    of it ends."""
    keeper, agent = keepers["default"], enter(server, made, "listener")
    named = agent.ask(type="subscribe", topics=["jobs.>"], consumer="listener-jobs")
    nameless = agent.ask(type="subscribe", topics=["jobs.new"])
    inbox = agent.ask(type="subscribe", inbox=True)
    assert {each["type"] for each in (named, nameless, inbox)} == {"subscribed"}
    keeper.ask(type="message", topic="jobs.new", data="before")
    for _ in range(2):
        assert agent.next(lambda frame: frame.get("data") == "before"), "a subscription brings nothing"
    agent.send(type="replay", id="slow", topics=["jobs.>"], speed=0.001)
    shown = agent.next(lambda frame: frame.get("replay") == "slow" or frame.get("re") == "slow")
    assert shown and shown["type"] == "message", f"the replay shows nothing: {shown}"
    made.call("agents", "rights", "listener", "--subscribe", "other.>", "--data", made.data)
    server.reload()
    time.sleep(PROMISE)
    keeper.ask(type="message", topic="jobs.new", data="behind")
    keeper.ask(type="message", to="listener", data="for you")
    assert agent.next(lambda frame: frame.get("data") == "for you"), "the inbox is no topic, and goes on"
    agent.settled()
    leaked = [frame for frame in agent.frames if frame.get("data") == "behind"]
    assert not leaked, f"what may not be read any more came: {leaked}"
    assert agent.ask(type="cancel", id="slow")["type"] == "error", "the replay goes on"
    agent.close()


def stream_ends(server, made, keepers):
    """A stream of events ends when the right to its topics does."""
    connection, answer = server.plain.stream(
        "/api/hub/v1/events?topic=jobs.%3E", made.movers["streamer"].headers)
    assert answer.status == 200, answer.status
    keepers["default"].ask(type="message", topic="jobs.new", data="streamed")
    line = b""
    while b"streamed" not in line:
        line = answer.readline()
    made.call("agents", "rights", "streamer", "--subscribe", "other.>", "--data", made.data)
    server.reload()
    time.sleep(PROMISE)
    keepers["default"].ask(type="message", topic="jobs.new", data="leaked")
    text = answer.read()
    assert b"leaked" not in text and b"forbidden" in text, text
    connection.close()


def broken_file_changes_nothing(server, made, keepers):
    """An access file that cannot be read changes nothing: the hub goes on with what it had."""
    path = f"{made.data}/access.json"
    with open(path) as file:
        whole = file.read()
    try:
        with open(path, "w") as file:
            file.write(whole[: len(whole) // 2])
        server.reload()
        time.sleep(1)
        assert keepers["default"].ask(type="message", topic="jobs.new", data=1)["type"] == "receipt"
        Agent(server.plain, made.movers["changed"].token).hello("changed")
    finally:
        with open(path, "w") as file:
            file.write(whole)
        server.reload()


CHECKS = [rights_reach_connections, revoked_token_ends, shut_out_ends, lost_right_ends_deliveries, stream_ends,
          broken_file_changes_nothing]
