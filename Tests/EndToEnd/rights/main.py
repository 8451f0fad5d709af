"""Who may do what: goes through the table with everyone, and through what else docs/access.md promises."""

import argparse
import shutil
import sys
import tempfile
import time
import traceback

import changes
import leaks
from credentials import Credentials, Who, everyone
from model import ROLES
from server import Server
from stage import prepare
from table import YES, knock, socket_rows, web_rows
from wire import Refused

# What somebody is told who is not let in, where it is not that his credentials are wrong.
NOT_LET_IN = {"nothing": "challenge", "withdrawn": "tls", "other's": "forbidden"}


def entering(server, who):
    """Whether somebody gets in; his connection, if he does."""
    try:
        return YES, knock(server.endpoint(who), who)
    except Refused as refused:
        # A handshake without a chance is refused with the status of HTTP.
        return {401: "unauthorized"}.get(refused.code, refused.code), None


def asked(row, server, who, agent):
    """What comes of a row for somebody; nothing where he has no way to ask."""
    if row.way == "ws":
        return row.act(agent, who) if agent else None
    if who.sign:
        return None
    headers = {**who.headers, "X-Agent": who.agent}
    endpoint = server.endpoint(who)
    try:
        return row.act(lambda method, path, body=None: endpoint.http(method, path, body, headers), who)
    except OSError as error:
        return "tls" if "SSL" in type(error).__name__ else f"{type(error).__name__}"


class Table:
    """What was found, beside what was expected."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = []
        self.cells = 0
        self.wrong = []

    def add(self, way, title, cells):
        marks = []
        for who, found, expected in cells:
            if found is None:
                marks.append("")
                continue
            self.cells += 1
            if found == expected:
                marks.append({"forbidden": "-", "unauthorized": "401", "not seen": "no"}.get(found, found))
            else:
                self.wrong.append(f"{way} {title}, {who.name}: {found}, not {expected}")
                marks.append(f"!{found}")
        self.rows.append((f"{way:4} {title}", marks))

    def show(self):
        widths = [max(len(who.name), *(len(marks[index].replace("unknown_", "no ")) for _, marks in self.rows))
                  for index, who in enumerate(self.columns)]
        first = max(len(title) for title, _ in self.rows)
        print(" " * first, *[who.name.ljust(width) for who, width in zip(self.columns, widths)])
        for title, marks in self.rows:
            print(title.ljust(first), *[mark.replace("unknown_", "no ").ljust(width)
                                        for mark, width in zip(marks, widths)])


def refusal(row, who):
    """What somebody is told by a row who is not let in."""
    if who.tls or who.name == "other's" and row.of_nobody != YES:
        return NOT_LET_IN[who.name]
    return row.of_nobody


def go_through(server, good, bad, stage):
    table = Table([*good, *bad])
    agents, cells = {}, []
    for who in table.columns:
        found, agents[who.name] = entering(server, who)
        cells.append((who, found, YES if who.rights else NOT_LET_IN.get(who.name, "unauthorized")))
    table.add("ws", "hello", cells)
    for row in [*socket_rows(stage), *web_rows(stage)]:
        cells = []
        for who in table.columns:
            expected = row.expect(who) if who.rights else refusal(row, who)
            try:
                found = asked(row, server, who, agents[who.name])
            except Exception as error:
                found = f"{type(error).__name__}: {error}"
            cells.append((who, found, expected))
        table.add(row.way, row.title, cells)
    for agent in agents.values():
        if agent:
            agent.close()
    return table


def run(made, words):
    began = time.monotonic()
    good, bad = everyone(made)
    made.keepers = {
        "default": Who("keeper", "keeper", ROLES["admin"], made.token("keeper", "--role", "admin")),
        "other": Who("far-keeper", "far-keeper", ROLES["agent"],
                     made.token("far-keeper", "--role", "agent", "--tenant", "other"), "other"),
    }
    made.people = {who.name: who for who in good} | {"planner": made.planner}
    changes.prepare(made)
    server = Server(made)
    failures = []
    try:
        stage, keepers = prepare(server, made, good)
        print(f"the stage is set after {time.monotonic() - began:.1f} s")
        table = go_through(server, good, bad, stage)
        table.show()
        failures += table.wrong
        print(f"\n{len(table.rows)} rows, {len(table.columns)} columns, {table.cells} cells, "
              f"{len(table.wrong)} wrong, after {time.monotonic() - began:.1f} s")
        for check in [*leaks.CHECKS, *changes.CHECKS]:
            if not all(word in check.__doc__ for word in words):
                continue
            start, failure = time.monotonic(), None
            try:
                check(server, made, keepers)
            except Exception as error:
                failure = "".join(traceback.format_exception(error, limit=-3))
            title = " ".join(check.__doc__.split())
            print(f"{'FAILED' if failure else 'ok':6} {time.monotonic() - start:5.2f} s  {title}")
            if failure:
                failures.append(f"{title}\n{failure}")
        code = server.stop()
        if code != 0:
            failures.append(f"the hub ended with {code}")
        found, searched = leaks.secrets(server, made)
        failures += found
        print(f"searched {searched} for {len(made.secrets)} secrets in their forms: {len(found)} found")
    finally:
        server.close()
    print(f"\n{len(failures)} failures in {time.monotonic() - began:.1f} s")
    for failure in failures:
        print(f"  {failure}")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only checks, of those behind the table, with these words")
    parser.add_argument("--keep", action="store_true", help="leave the folder with all files")
    wanted = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="agenthub-rights-")
    try:
        sys.exit(run(Credentials(folder), wanted.words))
    finally:
        if wanted.keep:
            print(f"all files are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


main()
