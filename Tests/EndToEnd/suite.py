"""Suites of tests that share a hub, and the one that runs them."""

import asyncio
import itertools
import time
import traceback

from agent import Agent
from hub import Hub

TEST_LIMIT = 60


def test(sentence, limit=TEST_LIMIT, waits_for=None):
    """Marks a method as a test. One that waits for something runs too, and has to fail until the mark is removed."""

    def mark(method):
        method.sentence = sentence
        method.limit = limit
        method.waits_for = waits_for
        return method

    return mark


class Suite:
    """Tests that share a hub. The names that they use are their own, so that none disturbs another."""

    title = ""
    options = ()
    config = None
    # What all of its tests wait for, if anything: as with single tests, nothing may pass until then.
    waits_for = None
    # Suites that measure, or put load on the machine, run when all others are done.
    runs_alone = False

    def __init__(self):
        self.hub = None
        self.agents = []
        self.figures = []
        self.kill_rounds = 3
        self.numbers = itertools.count(1)

    def prepare(self):
        """Before the hub starts."""

    async def connect(self, name, **hello):
        agent = await Agent.connect(self.hub, name, **hello)
        self.agents.append(agent)
        return agent

    async def open(self, **more):
        agent = await Agent.open(self.hub, **more)
        self.agents.append(agent)
        return agent

    def figure(self, text):
        """Something that was measured, printed below the test."""
        self.figures.append(text)

    async def http(self, method, path, body=None, **more):
        return await self.hub.http(method, path, body, **more)

    async def end_connections(self):
        for agent in self.agents:
            agent.drop()
            agent.reader.cancel()
        self.agents = []

    @classmethod
    def tests(cls):
        found = [getattr(cls, name) for name in vars(cls)]
        return [each for each in found if hasattr(each, "sentence")]


class Outcome:
    def __init__(self, suite, sentence):
        self.suite = suite
        self.sentence = sentence
        self.seconds = 0.0
        self.failure = None
        self.waits_for = None
        self.figures = []


async def until(holds, what, limit=15, pause=0.02):
    """Waits until something holds."""
    deadline = time.monotonic() + limit
    while True:
        found = holds()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {limit} s: {what}"
        await asyncio.sleep(pause)


async def run_test(suite, method):
    """One test: what became of it."""
    outcome = Outcome(suite.title, method.sentence)
    waits_for = method.waits_for or suite.waits_for
    began = time.monotonic()
    suite.figures = []
    try:
        await asyncio.wait_for(method(suite), method.limit)
        if suite.hub.process.poll() is not None:
            raise AssertionError(f"the hub ended with {suite.hub.process.returncode}")
    except asyncio.TimeoutError:
        outcome.failure = f"not done after {method.limit} s; {where()}"
    except Exception as error:  # Whatever it is, it is this test that failed, and the others go on.
        outcome.failure = "".join(traceback.format_exception(error, limit=-3))
    if outcome.failure and (said := suite.hub.output().strip()):
        outcome.failure += f"\nthe hub said: {said[-1500:]}"
    outcome.seconds = time.monotonic() - began
    outcome.figures = suite.figures
    await suite.end_connections()
    if waits_for:
        if outcome.failure:
            outcome.failure, outcome.waits_for = None, waits_for
        else:
            outcome.failure = f"passes, though it is said to wait for this: {waits_for}. Remove the mark"
    return outcome


def where():
    return "; ".join(f"waiting in {task.get_name()}" for task in list(asyncio.all_tasks())[:3])


async def run_suite(kind, words, kill_rounds, told):
    """All tests of a suite whose names have the words, on one hub."""
    chosen = [each for each in kind.tests() if all(word in f"{kind.title} {each.sentence}" for word in words)]
    if not chosen:
        return
    suite = kind()
    suite.kill_rounds = kill_rounds
    suite.hub = Hub(*kind.options, config=kind.config)
    try:
        suite.prepare()
        await asyncio.to_thread(suite.hub.start)
        for method in chosen:
            # What comes behind a crash is tested all the same.
            await asyncio.to_thread(suite.hub.ensure)
            told(await run_test(suite, method))
    except AssertionError as error:
        failed = Outcome(kind.title, "the hub starts")
        if kind.waits_for:
            failed.waits_for = kind.waits_for
        else:
            failed.failure = str(error)
        told(failed)
    finally:
        suite.hub.close()
