#!/usr/bin/env python3
"""A worker: answers the commands that are sent to it, and loses none while it is away.

    pip install websockets
    python3 worker.py [ws://127.0.0.1:8000/hub]

It needs nothing of the hub but its WebSocket. Stop it, send it commands, start it again: it answers them then.
"""

import asyncio
import json
import random
import sys

import websockets

URL = sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8000/hub"
NAME = "worker-1"


def carry_out(command: str, args: dict) -> object:
    """What this worker can do."""
    if command == "add":
        return args["a"] + args["b"]
    if command == "shout":
        return str(args["text"]).upper()
    raise ValueError(f"no such command: {command}")


async def serve(hub) -> None:
    async def send(**frame) -> None:
        await hub.send(json.dumps(frame))

    await send(type="hello", agent=NAME)
    # The inbox under a name of its own is durable: the hub remembers what was not acknowledged.
    await send(type="subscribe", id="inbox", inbox=True, consumer=f"{NAME}-inbox", ack="explicit")
    async for text in hub:
        frame = json.loads(text)
        if frame["type"] == "welcome":
            print(f"connected as {frame['agent']}", flush=True)
        elif frame["type"] == "error":
            print(f"the hub says: {frame['code']}: {frame['message']}", flush=True)
        elif frame["type"] == "command":
            order = frame["data"]
            print(f"{frame['from']} asks: {order}", flush=True)
            try:
                answer = {"status": "completed", "result": carry_out(order["command"], order.get("args", {}))}
            except Exception as problem:
                answer = {"status": "failed", "error": str(problem)}
            await send(
                type="response", id=f"answer-to-{frame['offset']}",
                data={"command_id": frame["id"], **answer})
            await send(type="ack", consumer=frame["consumer"], offset=frame["offset"])
        elif "consumer" in frame and "offset" in frame:
            await send(type="ack", consumer=frame["consumer"], offset=frame["offset"])


async def main() -> None:
    pause = 1.0
    while True:
        try:
            async with websockets.connect(URL) as hub:
                pause = 1.0
                await serve(hub)
        except (OSError, websockets.WebSocketException) as problem:
            print(f"not connected: {problem}", flush=True)
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(pause * 2, 120)


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
