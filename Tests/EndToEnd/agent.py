"""An agent, as somebody would write it who knows nothing but docs/protocol.md."""

import asyncio
import itertools
import json

import websockets

# How long an answer may take: generous, since machines that test are busy.
LIMIT = 15


class Agent:
    """A connection of an agent. What comes is kept until somebody takes it."""

    numbers = itertools.count(1)

    def __init__(self, socket, name=None):
        self.socket = socket
        self.name = name
        self.frames = []
        self.welcome = None
        self.news = asyncio.Condition()
        self.reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, hub, headers=None):
        """A WebSocket on which nothing has been said."""
        socket = await websockets.connect(
            hub.url, max_size=None, proxy=None, ping_interval=None, additional_headers=headers,
            subprotocols=["agenthub.v1"], open_timeout=LIMIT, close_timeout=2)
        return cls(socket)

    @classmethod
    async def connect(cls, hub, name, headers=None, **hello):
        """An agent that has said hello and was welcomed."""
        agent = await cls.open(hub, headers)
        agent.name = name
        await agent.send(type="hello", agent=name, **hello)
        agent.welcome = await agent.take(type="welcome")
        return agent

    async def _read(self):
        try:
            async for text in self.socket:
                read = json.loads(text)
                # An array comes to whoever said that it takes them.
                for frame in read if isinstance(read, list) else [read]:
                    frame["_text"] = text
                    self.frames.append(frame)
                async with self.news:
                    self.news.notify_all()
        except websockets.ConnectionClosed:
            pass
        async with self.news:
            self.news.notify_all()

    # Saying

    async def send(self, **frame):
        await self.say(json.dumps(frame))

    async def say(self, text):
        await self.socket.send(text)

    async def ask(self, **frame):
        """Sends a frame with an id and returns what answers it, an error included."""
        frame.setdefault("id", f"q{next(self.numbers)}")
        await self.send(**frame)
        return await self.take(re=frame["id"])

    async def do(self, **frame):
        """As `ask`, for what must be done."""
        answer = await self.ask(**frame)
        assert answer["type"] != "error", f"{frame} was refused: {answer}"
        return answer

    async def publish(self, topic, data, **more):
        return await self.do(type="message", topic=topic, data=data, **more)

    async def subscribe(self, *topics, **more):
        """Subscribes; says the consumer's name."""
        wanted = {"topics": list(topics)} if topics else {"inbox": True}
        answer = await self.do(type="subscribe", **wanted, **more)
        assert answer["type"] == "subscribed", answer
        return answer["consumer"]

    async def settle(self, verdict, delivery, **more):
        await self.send(type=verdict, consumer=delivery["consumer"], offset=delivery["offset"], **more)

    async def ack(self, delivery):
        await self.settle("ack", delivery)

    # Hearing

    async def take(self, limit=LIMIT, **fields):
        """The first frame that has these fields, of those that nobody took."""
        found = None

        def look():
            nonlocal found
            found = next((frame for frame in self.frames if self._matches(frame, fields)), None)
            return found is not None or self.reader.done()

        async with self.news:
            try:
                await asyncio.wait_for(self.news.wait_for(look), limit)
            except asyncio.TimeoutError:
                pass
        if found is None:
            state = f"it is closed ({self.socket.close_code})" if self.reader.done() else "it is open"
            raise AssertionError(f"{self.name} was told nothing with {fields}; {state}; what came: {self.rest()}")
        self.frames.remove(found)
        return found

    async def take_many(self, count, limit=LIMIT, **fields):
        return [await self.take(limit, **fields) for _ in range(count)]

    async def message(self, data=None, limit=LIMIT, **fields):
        """A delivery, with these data if any are named."""
        if data is not None:
            fields["data"] = data
        return await self.take(limit, type="message", **fields)

    async def quiet(self, seconds=0.3, **fields):
        """Nothing with these fields comes for so long."""
        await asyncio.sleep(seconds)
        came = [frame for frame in self.frames if self._matches(frame, fields)]
        assert not came, f"{self.name} was told what it should not be: {came}"

    async def closed(self, limit=LIMIT):
        """Waits for the end of the connection; says the code."""
        await asyncio.wait_for(self.socket.wait_closed(), limit)
        await self.reader
        return self.socket.close_code

    def rest(self):
        """What came and nobody took."""
        return [{key: value for key, value in frame.items() if key != "_text"} for frame in self.frames][-12:]

    @staticmethod
    def _matches(frame, fields):
        return all(key in frame and frame[key] == value for key, value in fields.items())

    async def close(self):
        await self.socket.close()
        await self.reader

    def drop(self):
        """Ends without a word, as a killed process does."""
        self.socket.transport.abort()


def within(value, low, high, what):
    assert low <= value <= high, f"{what} is {value:.3f}, not between {low:.3f} and {high:.3f}"
