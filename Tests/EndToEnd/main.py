"""Runs the end-to-end tests and says which passed, how long each took, and what was measured."""

import argparse
import asyncio
import signal
import sys
import time

from suite import run_suite
from suites import SUITES

# Most of the tests wait for time to pass, so that several hubs at once cost little.
SUITES_AT_A_TIME = 4


def describe(outcomes, title):
    print(f"\n{title}")
    for outcome in (each for each in outcomes if each.suite == title):
        word = "FAILED" if outcome.failure else "waits" if outcome.waits_for else "ok"
        print(f"  {word:6} {outcome.seconds:6.2f} s  {outcome.sentence}")
        for figure in outcome.figures:
            print(f"                     {figure}")
        if outcome.waits_for:
            print(f"                     waits for: {outcome.waits_for}")
        if outcome.failure:
            print("\n".join(f"         | {line}" for line in outcome.failure.strip().splitlines()))


async def run(words, kill_rounds):
    outcomes = []
    room = asyncio.Semaphore(SUITES_AT_A_TIME)

    async def one(kind):
        async with room:
            await run_suite(kind, words, kill_rounds, outcomes.append)
        if any(each.suite == kind.title for each in outcomes):
            describe(outcomes, kind.title)
            sys.stdout.flush()

    await asyncio.gather(*[one(kind) for kind in SUITES if not kind.runs_alone])
    for kind in SUITES:
        if kind.runs_alone:
            await one(kind)
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only tests whose suite and sentence have all of these in them")
    parser.add_argument("--kill-rounds", type=int, default=3, help="how often the hub is killed under load")
    wanted = parser.parse_args()
    # Whoever stops the tests stops their hubs as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    began = time.monotonic()
    outcomes = asyncio.run(run(wanted.words, wanted.kill_rounds))
    failed = [each for each in outcomes if each.failure]
    waiting = [each for each in outcomes if each.waits_for]
    print(f"\n{len(outcomes) - len(failed) - len(waiting)} of {len(outcomes)} end-to-end tests passed, "
          f"{len(failed)} failed, {len(waiting)} wait, in {time.monotonic() - began:.1f} s")
    for outcome in failed:
        print(f"  FAILED {outcome.suite}: {outcome.sentence}")
    sys.exit(1 if failed or not outcomes else 0)


main()
