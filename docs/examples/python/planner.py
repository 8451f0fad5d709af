#!/usr/bin/env python3
"""A planner: tells a worker what to do, and tells everyone who listens what came of it.

    pip install websockets
    python3 planner.py [ws://127.0.0.1:8000/hub]

A receipt says that a command is on the hub's disk, and whether the worker is away just now.
"""

import asyncio
import json
import sys
import uuid

import websockets

URL = sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8000/hub"
WORKER = "worker-1"


async def main() -> None:
    async with websockets.connect(URL) as hub:
        async def send(**frame) -> None:
            await hub.send(json.dumps(frame))

        async def receive() -> dict:
            return json.loads(await hub.recv())

        await send(type="hello", agent="planner")
        print(f"connected as {(await receive())['agent']}")
        await send(type="subscribe", id="inbox", inbox=True, ack="auto")
        for command, args in [("add", {"a": 20, "b": 22}), ("shout", {"text": "hello"}), ("fly", {})]:
            ask = f"{command}-{uuid.uuid4()}"
            await send(
                type="command", id=ask, to=WORKER,
                data={"command": command, "args": args}, timeout_ms=60_000)
            while True:
                frame = await receive()
                if frame["type"] == "receipt" and frame.get("re") == ask:
                    away = "; it is away, the hub keeps it" if frame.get("away") else ""
                    print(f"{command} is number {frame['seq']} of {frame['session']}{away}")
                elif frame["type"] == "response" and frame.get("command_id") == ask:
                    break
                elif frame["type"] == "error":
                    sys.exit(f"the hub says: {frame['code']}: {frame['message']}")
            answer = frame["data"]
            print(f"{command}: {answer['status']}, {answer.get('result', answer.get('error'))}")
            await send(
                type="message", id=f"report-{ask}", topic="reports.planner",
                data={"command": command, "answer": answer})
        while (await receive()).get("re") != f"report-{ask}":
            pass


asyncio.run(main())
