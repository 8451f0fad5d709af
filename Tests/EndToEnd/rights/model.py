"""What docs/access.md promises, written a second time: rights as lists of patterns, and who may do what with them."""

import re


class Rights:
    def __init__(self, publish=(), subscribe=(), command=(), sessions=(), admin=()):
        self.publish = list(publish)
        self.subscribe = list(subscribe)
        self.command = list(command)
        self.sessions = list(sessions)
        self.admin = list(admin)

    def own(self, agent):
        """With the agent's id in place of the mark."""
        fill = lambda patterns: [pattern.replace("{agent}", agent) for pattern in patterns]
        return Rights(fill(self.publish), fill(self.subscribe), fill(self.command), fill(self.sessions), self.admin)

    def may_publish(self, topic):
        return any(topic_matches(pattern, topic) for pattern in topics(self.publish))

    def may_send(self, agent):
        return any(id_matches(pattern, agent) for pattern in agents(self.publish))

    def may_command(self, agent=None, topic=None):
        if agent is not None:
            return any(id_matches(pattern, agent) for pattern in agents(self.command))
        return any(topic_matches(pattern, topic) for pattern in topics(self.command))

    def may_subscribe(self, pattern):
        return any(covers(own, pattern) for own in topics(self.subscribe))

    def may_watch(self, agent):
        return self.may("agents.read") or any(id_matches(pattern, agent) for pattern in agents(self.subscribe))

    def may_use(self, session):
        if session.startswith(("dm:", "topic:")):
            return False
        return any(id_matches(pattern, session) for pattern in self.sessions)

    def may_replay(self, session, is_party):
        if self.may("sessions.read"):
            return True
        if session.startswith("topic:"):
            topic = session.removeprefix("topic:")
            return any(topic_matches(pattern, topic) for pattern in topics(self.subscribe))
        return is_party

    def may(self, action):
        return any(topic_matches(pattern, action) for pattern in self.admin)


ROLES = {
    "agent": Rights([">", "agent:*"], [">", "$status.>", "agent:*"], [">", "agent:*"], ["*"]),
    "observer": Rights(subscribe=[">", "$status.>", "$dead.>", "agent:*"], admin=["*.read"]),
    "admin": Rights([">", "agent:*"], [">", "$status.>", "$dead.>", "agent:*"], [">", "agent:*"], ["*"], [">"]),
    "operator": Rights(admin=["$hub.>"]),
    "": Rights(),
}


def topics(patterns):
    return [pattern for pattern in patterns if not pattern.startswith("agent:")]


def agents(patterns):
    return [pattern.removeprefix("agent:") for pattern in patterns if pattern.startswith("agent:")]


def topic_matches(pattern, topic):
    """Whether a topic is among those of a pattern: by a regular expression, and the rule of the first token."""
    if topic.startswith("$") and pattern[0] in "*>":
        return False
    parts = []
    for token in pattern.split("."):
        parts.append(".+" if token == ">" else "[^.]+" if token == "*" else re.escape(token))
    return re.fullmatch(r"\.".join(parts), topic) is not None


def covers(own, wanted):
    """Whether all topics of a pattern are among those of another: with a token that nobody else has for each `*`, and
    one or two of them for `>`."""
    if wanted.endswith(">") and not own.endswith(">"):
        return False
    stem = wanted.removesuffix(">")
    shapes = [stem + "~", stem + "~.~"] if wanted.endswith(">") else [wanted]
    # A star of the one asked for may be any token, so only a star or `>` covers it.
    return all(topic_matches(own, shape.replace("*", "~")) for shape in shapes)


def id_matches(pattern, name):
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), name) is not None
