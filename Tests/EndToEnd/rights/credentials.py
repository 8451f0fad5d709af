"""All ways to come in, good and bad ones, made with the commands of the program and with OpenSSL's."""

import base64
import hashlib
import hmac
import json
import os
import re
import ssl
import subprocess
import time

from model import ROLES, Rights

PROGRAM = os.environ.get("AGENTHUB_PROGRAM", "agenthub")

NARROW = Rights(["jobs.>", "status.{agent}.>", "agent:planner"], ["jobs.new", "agent:planner"],
                ["agent:printer-*"], ["run-*"])
CLAIMED = Rights(["jobs.new"], ["jobs.>"], ["jobs.new"], ["run-*"])


class Who:
    """Somebody with a credential: by which name, what he shows, and what he may; `None` for who must not come in."""

    def __init__(self, name, agent, rights, token=None, tenant="default", sign=None, tls=None):
        self.name = name
        self.agent = agent
        self.rights = rights.own(agent) if rights else None
        self.token = token
        self.tenant = tenant
        self.sign = sign
        self.tls = tls

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


class Credentials:
    """The credentials of a hub whose data are in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.certs = os.path.join(folder, "certs")
        self.secrets = {}
        self.known = []
        os.makedirs(self.data, 0o700)

    def call(self, *words, output=None):
        """The program with these words; what it says is kept, since it is searched for secrets."""
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        assert done.returncode == 0, f"agenthub {' '.join(words)} ended with {done.returncode}: {done.stderr}"
        self.known.append(done.stderr)
        return done.stdout

    def openssl(self, *words, text=b""):
        done = subprocess.run(["openssl", *words], input=text, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def path(self, name):
        return os.path.join(self.folder, name)

    def keep(self, name, secret):
        """A secret that must not be found anywhere: as it is."""
        self.secrets[name] = secret
        return secret

    # Tokens

    def token(self, agent, *options):
        token = self.call("tokens", "add", agent, "--data", self.data, *options).strip()
        return self.keep(f"token of {agent} {' '.join(options)}", token)

    def register(self, agent, rights, *options):
        words = [word for kind in ("publish", "subscribe", "command", "sessions", "admin")
                 for pattern in getattr(rights, kind) for word in (f"--{kind}", pattern)]
        self.call("agents", "add", agent, "--role", "", *words, *options, "--data", self.data)

    def of_role(self, role, name=None, tenant="default"):
        agent = name or role
        token = self.token(agent, "--role", role, "--tenant", tenant)
        return Who(name or role, agent, ROLES[role], token, tenant)

    def edit(self, change):
        """What no command does: the access file by hand."""
        path = os.path.join(self.data, "access.json")
        with open(path) as file:
            document = json.load(file)
        change(document)
        with open(path, "w") as file:
            json.dump(document, file)

    def expire(self, token):
        def change(document):
            found = [each for each in document["tokens"] if each["id"] == identifier(token)]
            found[0]["expires"] = "2026-01-01T00:00:00Z"
        self.edit(change)

    def revoke(self, token):
        self.call("tokens", "revoke", identifier(token), "--data", self.data)

    # Web tokens

    def make_issuer(self):
        """Keys for the three algorithms, in a key set that the access file names."""
        self.hmac_key = os.urandom(32)
        self.keep("HS256 secret", encoded(self.hmac_key))
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", self.path("ed.key"))
        self.openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
                     self.path("rsa.key"))
        self.openssl("genpkey", "-algorithm", "ed25519", "-out", self.path("other.key"))
        edwards = self.openssl("pkey", "-in", self.path("ed.key"), "-pubout", "-outform", "DER")[-32:]
        modulus = self.openssl("rsa", "-in", self.path("rsa.key"), "-noout", "-modulus").decode()
        modulus = bytes.fromhex(modulus.strip().split("=")[1])
        keys = [
            {"kty": "oct", "kid": "hs", "alg": "HS256", "k": encoded(self.hmac_key)},
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "alg": "EdDSA", "x": encoded(edwards)},
            {"kty": "RSA", "kid": "rs", "alg": "RS256", "n": encoded(modulus), "e": "AQAB"},
        ]
        path = os.path.join(self.data, "jwks.json")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            json.dump({"keys": keys}, file)
        self.keep_keys("ed.key", "rsa.key", "other.key")

        def change(document):
            document["issuers"] = [{"keys_file": "jwks.json", "tenants": ["default"], "roles": ["agent"]}]
        self.edit(change)

    def web_token(self, kid, claims, key=None):
        algorithm = {"hs": "HS256", "ed": "EdDSA", "rs": "RS256"}[kid]
        claims = {"exp": int(time.time()) + 600, "aud": "agenthub", **claims}
        text = ".".join(encoded(json.dumps(part).encode())
                        for part in ({"alg": algorithm, "typ": "JWT", "kid": kid}, claims))
        token = f"{text}.{encoded(self.signature(kid, text.encode(), key))}"
        return self.keep(f"web token {kid} of {claims['sub']}", token)

    def signature(self, kid, text, key):
        if kid == "hs":
            return hmac.new(key or self.hmac_key, text, hashlib.sha256).digest()
        if kid == "ed":
            return self.sign(key or self.path("ed.key"), text)
        return self.openssl("dgst", "-sha256", "-sign", key or self.path("rsa.key"), text=text)

    def sign(self, key, text):
        # Ed25519 reads its text twice, which OpenSSL does from files alone.
        path = self.path("signed.text")
        with open(path, "wb") as file:
            file.write(text)
        return self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", path)

    # Keys and certificates

    def key(self, agent, role):
        path = self.path(f"{agent}.key")
        self.call("keys", "generate", "--out", path, "--agent", agent, "--role", role, "--data", self.data)
        self.keep_keys(f"{agent}.key")
        return lambda nonce: base64.b64encode(self.sign(path, nonce.encode())).decode()

    def make_authority(self):
        self.call("certs", "ca", "--folder", self.certs)
        self.issue("server", "--server", "--also", "127.0.0.1")
        self.secrets["key of the authority"] = lines_of_key(os.path.join(self.certs, "ca.key"))

    def issue(self, name, *options):
        self.call("certs", "issue", name, "--folder", self.certs, "--out", self.path(f"cert-{name}"), *options)
        self.keep_keys(f"cert-{name}.key")

    def withdraw(self, name):
        self.call("certs", "revoke", name, "--folder", self.certs)

    def context(self, name=None):
        context = ssl.create_default_context(cafile=os.path.join(self.certs, "ca.pem"))
        if name:
            context.load_cert_chain(self.path(f"cert-{name}.pem"), self.path(f"cert-{name}.key"))
        return context

    def keep_keys(self, *names):
        for name in names:
            self.secrets[f"private key {name}"] = lines_of_key(self.path(name))


def lines_of_key(path):
    """What is secret of a file in PEM: a line behind the public half of it."""
    with open(path) as file:
        lines = [line.strip() for line in file if not line.startswith("-----")]
    return lines[-2] if len(lines) > 2 else lines[0]


def identifier(token):
    return re.fullmatch(r"ahub_([0-9a-f]{12})_[0-9a-f]{64}", token)[1]


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def everyone(made):
    """All who knock: those who must be let in with what they may, and those who must not."""
    made.register("narrow", NARROW)
    made.make_authority()
    good = [
        made.of_role("agent"), made.of_role("observer"), made.of_role("admin"), made.of_role("operator"),
        Who("narrow", "narrow", NARROW, made.token("narrow")),
        made.of_role("admin", "foreign", tenant="other"),
        Who("signed", "signer", ROLES["agent"], sign=made.key("signer", "agent")),
    ]
    made.planner = made.of_role("agent", "planner")
    expired, revoked = made.token("late", "--role", "agent"), made.token("gone", "--role", "agent")
    made.expire(expired)
    made.revoke(revoked)
    made.make_issuer()
    for kid, rights, claims in (("hs", ROLES["agent"], {"roles": ["agent"]}),
                                ("ed", CLAIMED, {"rights": {
                                    "publish": CLAIMED.publish, "subscribe": CLAIMED.subscribe,
                                    "command": CLAIMED.command, "sessions": CLAIMED.sessions}}),
                                ("rs", ROLES["agent"], {"roles": "agent"})):
        agent = f"web-{kid}"
        good.append(Who(f"jwt {kid}", agent, rights, made.web_token(kid, {"sub": agent, **claims})))
    for name in ("certified", "withdrawn"):
        made.issue(name)
    made.withdraw("withdrawn")
    good.append(Who("cert", "certified", ROLES["agent"], tls="certified"))
    wrong = good[0].token[:-64] + os.urandom(32).hex()
    sub = {"sub": "agent", "roles": ["agent"]}
    signature = made.sign
    bad = [
        Who("nothing", "agent", None),
        Who("wrong", "agent", None, made.keep("wrong token", wrong)),
        Who("unknown", "agent", None, made.keep("unknown token", f"ahub_{'0' * 12}_{os.urandom(32).hex()}")),
        Who("expired", "late", None, expired),
        Who("revoked", "gone", None, revoked),
        Who("other's", "observer", None, good[0].token),
        Who("hs bad", "agent", None, made.web_token("hs", {**sub, "jti": "1"}, os.urandom(32))),
        Who("ed bad", "agent", None, made.web_token("ed", {**sub, "jti": "2"}, made.path("other.key"))),
        Who("rs late", "agent", None, made.web_token("rs", {**sub, "exp": int(time.time()) - 3600})),
        Who("hs admin", "agent", None, made.web_token("hs", {**sub, "roles": ["admin"]})),
        Who("hs tenant", "agent", None, made.web_token("hs", {**sub, "tenant": "other"})),
        Who("bad key", "signer", None,
            sign=lambda nonce: base64.b64encode(signature(made.path("other.key"), nonce.encode())).decode()),
        Who("withdrawn", "withdrawn", None, tls="withdrawn"),
    ]
    return good, bad
