"""With credentials: who may come in, and tenants that do not see each other."""

import asyncio
import signal

from agent import Agent
from suite import Suite, test, until


class Tenants(Suite):
    title = "Tenants"

    def prepare(self):
        """Tokens for the same names in two tenants, made with the program."""
        self.tokens = {}
        for tenant in ("acme", "globex"):
            for agent in ("planner", "worker"):
                self.tokens[tenant, agent] = self.hub.call(
                    "tokens", "add", agent, "--tenant", tenant, "--role", "agent", "--data", self.hub.data).strip()
        self.tokens["acme", "chief"] = self.hub.call(
            "tokens", "add", "chief", "--tenant", "acme", "--role", "admin", "--data", self.hub.data).strip()

    async def enter(self, tenant, agent):
        return await self.connect(agent, token=self.tokens[tenant, agent])

    @test("without a token, with a wrong one, and with another agent's, nobody comes in")
    async def refused(self):
        real = self.tokens["acme", "planner"]
        for hello in ({"agent": "planner", "token": "ahub_0123456789ab_" + "0" * 64},
                      {"agent": "planner", "token": "nonsense"}, {"agent": "worker", "token": real},
                      {"agent": "planner", "token": real[:-1] + ("0" if real[-1] != "0" else "1")}):
            agent = await self.open()
            await agent.send(type="hello", **hello)
            error = await agent.take(type="error")
            assert error["code"] in ("unauthorized", "forbidden"), (hello, error)
            assert await agent.closed() == 1008
        agent = await self.open()
        await agent.send(type="hello", agent="planner")
        # Who shows nothing is asked to sign.
        await agent.take(type="challenge")
        await agent.send(type="hello", agent="planner", key="none", signature="AAAA")
        assert (await agent.take(type="error"))["code"] == "unauthorized"
        assert await agent.closed() == 1008

    @test("the token's agent comes in without naming itself, and with the token in the handshake")
    async def token(self):
        agent = await self.open()
        await agent.send(type="hello", token=self.tokens["acme", "worker"])
        assert (await agent.take(type="welcome"))["agent"] == "worker"
        agent = await Agent.open(self.hub, {"Authorization": f"Bearer {self.tokens['globex', 'worker']}"})
        self.agents.append(agent)
        await agent.send(type="hello", agent="worker")
        assert (await agent.take(type="welcome"))["agent"] == "worker"

    @test("the same names of topics, agents, consumers and sessions in two tenants are different things")
    async def apart(self):
        acme = await self.enter("acme", "planner"), await self.enter("acme", "worker")
        globex = await self.enter("globex", "planner"), await self.enter("globex", "worker")
        for pair, name in ((acme, "acme"), (globex, "globex")):
            await pair[1].subscribe("jobs.>", consumer="workers")
            await pair[1].subscribe(consumer="worker-inbox")
        for pair, name in ((acme, "acme"), (globex, "globex")):
            receipt = await pair[0].publish("jobs.new", name, id="same", retain=True)
            assert "duplicate" not in receipt and receipt["seq"] == 1, receipt
            await pair[0].do(type="message", to="worker", data=f"to {name}")
            await pair[0].do(type="session_open", session="same-session", **{"with": "worker"})
        for pair, name in ((acme, "acme"), (globex, "globex")):
            assert (await pair[1].message(consumer="workers"))["data"] == name
            assert (await pair[1].message(consumer="worker-inbox"))["data"] == f"to {name}"
            await pair[1].quiet(0.2, type="message")
            await pair[0].send(type="replay", id="all", topics=[">"])
            await pair[0].take(type="replay_end", re="all")
            shown = [each["data"] for each in pair[0].frames if each.get("replay") == "all"]
            assert shown == [name], shown

    @test("who is there, and who watches, is each tenant's own")
    async def presence(self):
        acme = await self.enter("acme", "planner")
        # Those of the tests before are on their way out.
        await until(lambda: not acme.frames, "nobody goes any more", pause=0.3)
        await acme.do(type="presence", watch=True)
        await asyncio.sleep(0.3)
        acme.frames.clear()
        await self.enter("globex", "worker")

        async def sees_itself():
            agents = (await acme.do(type="agents"))["agents"]
            return [each["agent"] for each in agents if each["agent"] == "planner"] == ["planner"]

        await until(sees_itself, "the list has its own planner, and no other")
        await acme.quiet(0.3, type="presence", agent="worker")

    @test("by HTTP too: without a token 401, without the right 403, and one's own tenant alone")
    async def by_http(self):
        acme = await self.enter("acme", "planner")
        await acme.publish("http.seen", "acme")

        async def get(path, token=None):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return await self.http("GET", path, headers=headers)

        base = "/api/hub/v1"
        status, body = await get(f"{base}/topics")
        assert status == 401 and body["error"]["code"] == "unauthorized", (status, body)
        status, body = await get(f"{base}/topics", self.tokens["acme", "worker"])
        assert status == 403 and body["error"]["code"] == "forbidden", (status, body)
        status, body = await get(f"{base}/topics/http.seen/messages", self.tokens["acme", "chief"])
        assert status == 200 and [each["data"] for each in body["items"]] == ["acme"], (status, body)
        status, body = await get(f"{base}/topics/http.seen/messages", self.tokens["globex", "planner"])
        assert status in (200, 403, 404) and not (body.get("items")), (status, body)
        status, _ = await get("/health")
        assert status == 200, status

    @test("a token that is revoked lets nobody in any more, and ends the connection that it opened")
    async def revoked(self):
        token = self.hub.call("tokens", "add", "leaver", "--tenant", "acme", "--data", self.hub.data).strip()
        self.hub.signal(signal.SIGHUP)

        async def comes_in():
            agent = await self.open()
            await agent.send(type="hello", token=token)
            while not agent.frames and not agent.reader.done():
                await asyncio.sleep(0.01)
            return agent if agent.frames[0]["type"] == "welcome" else None

        leaver = await until(comes_in, "the new token is known", pause=0.2)
        assert (await leaver.do(type="ping"))["type"] == "pong"
        self.hub.call("tokens", "revoke", token.split("_")[1], "--data", self.hub.data)
        self.hub.signal(signal.SIGHUP)
        assert (await leaver.take(type="error"))["code"] == "unauthorized"
        assert await leaver.closed() == 1008
        again = await self.open()
        await again.send(type="hello", token=token)
        assert (await again.take(type="error"))["code"] == "unauthorized"
