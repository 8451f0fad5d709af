"""Agents that come back by themselves, whatever becomes of the hub, and remember all that they were told."""

import asyncio
import json
import time

import websockets

TOPICS = 5


class Client:
    """One agent: connects, and connects again when the connection ends."""

    def __init__(self, fleet, name):
        self.fleet = fleet
        self.name = name
        self.socket = None
        self.codes = []
        self.errors = []
        self.epochs = set()
        # When it was last given or receipted something, on the connection that it has.
        self.served_at = None

    async def live(self):
        pause = 0.02
        while not self.fleet.is_over:
            try:
                socket = await websockets.connect(
                    self.fleet.hub.url, proxy=None, max_size=None, ping_interval=None, close_timeout=1)
            except (OSError, websockets.WebSocketException):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.3)
                continue
            pause = 0.02
            try:
                await self.say(socket, type="hello", agent=self.name)
                welcome = json.loads(await socket.recv())
                if welcome["type"] == "welcome":
                    self.epochs.add(welcome["epoch"])
                    self.begin()
                    self.socket = socket
                    await self.greeted(socket)
                    async for text in socket:
                        await self.heard(socket, json.loads(text))
                elif welcome["code"] != "draining":
                    self.errors.append(welcome)
            except websockets.ConnectionClosed:
                pass
            self.socket = None
            self.served_at = None
            await socket.close()
            if welcome["type"] == "welcome":
                self.codes.append(socket.close_code)

    def begin(self):
        """A connection begins."""

    async def say(self, socket, **frame):
        await socket.send(json.dumps(frame))

    async def heard(self, socket, frame):
        if frame["type"] == "error" and frame["code"] != "draining":
            self.errors.append(frame)


class Publisher(Client):
    """Publishes one message after another, and again whatever has no receipt."""

    def __init__(self, fleet, name):
        super().__init__(fleet, name)
        self.waiting = {}
        self.receipts = {}
        self.count = 0

    async def greeted(self, socket):
        for frame in list(self.waiting.values()):
            await self.say(socket, **frame)

    async def publish(self):
        """Runs beside the connection: the load."""
        while not self.fleet.is_quiet:
            await asyncio.sleep(self.fleet.pause)
            if self.fleet.is_quiet or self.socket is None or len(self.waiting) >= 64:
                continue
            number, self.count = self.count, self.count + 1
            frame = {"type": "message", "id": f"{self.name}-{number}", "topic": f"load.{number % TOPICS}",
                     "data": {"by": self.name, "number": number}}
            self.waiting[frame["id"]] = frame
            try:
                await self.say(self.socket, **frame)
            except (websockets.ConnectionClosed, AttributeError):
                pass

    async def heard(self, socket, frame):
        await super().heard(socket, frame)
        if frame["type"] == "receipt":
            self.served_at = time.monotonic()
            self.waiting.pop(frame["re"], None)
            place = (frame["offset"], frame["session"], frame["seq"])
            if self.receipts.setdefault(frame["re"], place) != place:
                self.errors.append(f"{frame['re']} was receipted as {self.receipts[frame['re']]} and as {place}")


class Subscriber(Client):
    """Is given all that is published, and acknowledges most of it at once, some of it late."""

    def __init__(self, fleet, name, consumer, is_shared):
        super().__init__(fleet, name)
        self.consumer = consumer
        self.is_shared = is_shared
        # By offset: what it was given.
        self.seen = {}
        self.again = 0
        # Given and not acknowledged on a connection that is over: must be given again.
        self.owed = set()
        self.held = []
        # By offset: when it was given it last, as the fleet counts.
        self.turns = {}
        self.last = {}

    def begin(self):
        # Another one of the group may have come back sooner, and was given what this one had.
        self.owed |= {offset for offset in self.held
                      if self.fleet.turns[self.consumer, offset] == self.turns[offset]}
        self.held = []
        self.last = {}

    async def greeted(self, socket):
        await self.say(socket, type="subscribe", id="s", topics=["load.>"], consumer=self.consumer,
                       group=self.is_shared, max_in_flight=1000, **{"from": "all"})

    async def heard(self, socket, frame):
        await super().heard(socket, frame)
        if frame["type"] != "message":
            return
        self.served_at = time.monotonic()
        offset, session = frame["offset"], frame["session"]
        place = (offset, session, frame["seq"], frame["id"], frame["data"]["number"])
        if offset in self.seen:
            self.again += 1
        if self.seen.setdefault(offset, place) != place:
            self.errors.append(f"offset {offset} was {self.seen[offset]} and {place}")
        if "attempt" not in frame and not self.is_shared:
            if frame["seq"] <= self.last.get(session, 0):
                self.errors.append(f"{session}: {frame['seq']} came behind {self.last[session]}")
            self.last[session] = frame["seq"]
        self.turns[offset] = self.fleet.given(self.consumer, offset)
        self.held.append(offset)
        # The last few are acknowledged with those that follow, so that some are always open.
        if len(self.held) >= 20 or self.fleet.is_quiet:
            await self.acknowledge(socket)

    async def acknowledge(self, socket):
        ready = self.held if self.fleet.is_quiet else self.held[:-5]
        await self.say(socket, type="ack", consumer=self.consumer, offsets=ready)
        self.held = self.held[len(ready):]


class Fleet:
    """Twenty agents with work."""

    def __init__(self, hub, pause=0.03):
        self.hub = hub
        self.pause = pause
        self.is_quiet = False
        self.is_over = False
        # By consumer and offset: when that was given last.
        self.turn = 0
        self.turns = {}
        self.publishers = [Publisher(self, f"publisher-{number}") for number in range(8)]
        self.subscribers = [
            Subscriber(self, f"viewer-{number}", f"view-{number}", is_shared=False) for number in range(8)]
        self.workers = [Subscriber(self, f"worker-{number}", "workers", is_shared=True) for number in range(4)]
        self.clients = self.publishers + self.subscribers + self.workers
        self.tasks = []

    def start(self):
        self.tasks = [asyncio.create_task(client.live()) for client in self.clients]
        self.tasks += [asyncio.create_task(publisher.publish()) for publisher in self.publishers]

    def given(self, consumer, offset):
        """Whoever it is of a group that is given something again, it is not owed any more. Counts, for all to compare."""
        self.turn += 1
        self.turns[consumer, offset] = self.turn
        for client in self.subscribers + self.workers:
            if client.consumer == consumer:
                client.owed.discard(offset)
        return self.turn

    def check_tasks(self):
        """A client that ended by itself has a bug, or the hub said something that it does not know."""
        for task in self.tasks:
            if task.done() and task.exception():
                raise AssertionError(f"a client ended: {task.exception()!r}") from task.exception()

    async def served(self, since, limit):
        """Waits until every client was given something, or receipted; says how long it took from then on."""
        while True:
            self.check_tasks()
            waiting = [client.name for client in self.clients
                       if client.served_at is None or client.served_at < since]
            if not waiting:
                return max(client.served_at for client in self.clients) - since
            assert time.monotonic() - since < limit, f"not served within {limit} s: {waiting}; {self.complaints()}"
            await asyncio.sleep(0.01)

    def complaints(self):
        return [(client.name, error) for client in self.clients for error in client.errors][:10]

    async def finish(self, limit=30):
        """No more is published; waits until all was receipted, and given to everyone."""
        self.is_quiet = True
        deadline = time.monotonic() + limit
        while True:
            self.check_tasks()
            for client in self.subscribers + self.workers:
                if client.socket is not None and client.held:
                    try:
                        await client.acknowledge(client.socket)
                    except websockets.ConnectionClosed:
                        pass
            all_of_it = {place[0] for publisher in self.publishers for place in publisher.receipts.values()}
            missing = {publisher.name: len(publisher.waiting) for publisher in self.publishers if publisher.waiting}
            for subscriber in self.subscribers:
                if left := all_of_it - set(subscriber.seen):
                    missing[subscriber.name] = len(left)
                if subscriber.owed:
                    missing[f"{subscriber.name}, again"] = sorted(subscriber.owed)[:5]
            if left := all_of_it - {offset for worker in self.workers for offset in worker.seen}:
                missing["workers"] = len(left)
            if owed := {offset for worker in self.workers for offset in worker.owed}:
                missing["workers, again"] = sorted(owed)[:5]
            if not missing:
                return
            assert time.monotonic() < deadline, f"missing after {limit} s: {missing}; {self.complaints()}"
            await asyncio.sleep(0.05)

    async def end(self):
        self.is_quiet = self.is_over = True
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await asyncio.gather(*[client.socket.close() for client in self.clients if client.socket],
                             return_exceptions=True)

    def check(self, log):
        """Compares all that the clients were told with the log."""
        complaints = self.complaints()
        assert not complaints, complaints
        assert len({epoch for client in self.clients for epoch in client.epochs}) <= 1, "the epoch changed"
        messages = {each["offset"]: each for each in log if each["kind"] == "message"}
        places = {offset: (offset, each["session"], each["sequence"], each["id"], each["data"]["number"])
                  for offset, each in messages.items()}
        for publisher in self.publishers:
            for name, place in publisher.receipts.items():
                assert places.get(place[0], ())[:4] == (*place, name), (
                    f"receipt {name} {place} is not in the log, which has {places.get(place[0])} there and ends with "
                    f"{log[-1]}")
        for client in self.subscribers + self.workers:
            for offset, place in client.seen.items():
                assert places.get(offset) == place, f"{client.name} saw {place}; the log has {places.get(offset)}"
        self.check_sessions(log, messages)

    @staticmethod
    def check_sessions(log, messages):
        numbers, ids, order = {}, set(), {}
        for each in log:
            if "sequence" in each:
                numbers.setdefault(each["session"], []).append(each["sequence"])
        for session, found in numbers.items():
            assert found == list(range(1, len(found) + 1)), f"{session} has gaps or repeats"
        for each in messages.values():
            assert each["id"] not in ids, f"{each['id']} is twice in the log"
            ids.add(each["id"])
            key = each["from"], each["session"]
            assert order.get(key, -1) < each["data"]["number"], f"{key}: {each['data']} is out of order"
            order[key] = each["data"]["number"]
