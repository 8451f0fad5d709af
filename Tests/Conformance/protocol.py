"""Checks docs/protocol.md, its schemas and the program against each other, and the program against Python's JSON.

usage: protocol.py NATIVEFRAMES

NATIVEFRAMES is the program of that name. Needs jsonschema and openapi-spec-validator.
"""

import json
import pathlib
import random
import re
import subprocess
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate as validate_openapi

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = sys.argv[1]


def load(name):
    schema = json.loads((ROOT / "docs/protocol" / name).read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


SCHEMAS = {"agent": load("agent-to-hub.schema.json"), "hub": load("hub-to-agent.schema.json")}


def judge(texts):
    """What the program says of texts, one list of codes each."""
    lines = b"\n".join(text if isinstance(text, bytes) else text.encode() for text in texts) + b"\n"
    done = subprocess.run([PROGRAM, "read"], input=lines, stdout=subprocess.PIPE, check=True, timeout=120)
    found = done.stdout.decode().split("\n")[:-1]
    assert len(found) == len(texts), f"{len(found)} answers to {len(texts)} texts"
    return [line.split() for line in found]


def expect_valid(side, frame, where):
    errors = [error.message for error in SCHEMAS[side].iter_errors(frame)]
    assert not errors, f"{where}: {json.dumps(frame)}: {errors}"


def types(side):
    return set(SCHEMAS[side].schema["$defs"]["frame"]["properties"]["type"]["enum"])


def examples():
    """Every example of the page is as the schema has it, and every type has one."""
    page = (ROOT / "docs/protocol.md").read_text()
    frames = {"agent": [], "hub": []}
    for block in re.findall(r"```frames\n(.*?)```", page, re.S):
        for line in block.strip().split("\n"):
            side = {"→": "agent", "←": "hub"}[line[0]]
            frames[side].append(line[2:])
    shown_wrong = '{"type":"mesage"'
    for side, texts in frames.items():
        seen = set()
        for text in texts:
            frame = json.loads(text)
            if text.startswith(shown_wrong):
                continue
            expect_valid(side, frame, "docs/protocol.md")
            seen.add(frame["type"])
        assert types(side) == seen, f"no example of {types(side) ^ seen}"
    for text, codes in zip(frames["agent"], judge(frames["agent"])):
        wanted = ["unknown_type"] if text.startswith(shown_wrong) else ["ok"]
        assert codes == wanted, f"{text}: {codes}"
    return sum(map(len, frames.values()))


def written():
    """Every frame that the program writes is as the schema has it."""
    count = 4000
    done = subprocess.run(
        [PROGRAM, "write", "7", str(count)], stdout=subprocess.PIPE, check=True, timeout=120)
    seen = {"agent": set(), "hub": set()}
    # Not splitlines: what ends a line for Unicode may stand in JSON text.
    lines = done.stdout.decode().split("\n")[:-1]
    for line in lines:
        side, text = line.split("\t", 1)
        frame = json.loads(text)
        expect_valid(side, frame, "written")
        seen[side].add(frame["type"])
    for side, found in seen.items():
        assert found == types(side), f"{side}: never written: {types(side) ^ found}"
    return len(lines)


def refused():
    """What the schema refuses, the program refuses too, and the other way round: frames with a field changed."""
    rng = random.Random(11)
    done = subprocess.run([PROGRAM, "write", "23", "3000"], stdout=subprocess.PIPE, check=True, timeout=120)
    values = [None, 0, -1, 1.5, "", "x", True, [], {}, [1], ["x"], {"offset": 1}]
    frames = []
    for line in done.stdout.decode().split("\n")[:-1]:
        side, text = line.split("\t", 1)
        if side != "agent":
            continue
        frame = json.loads(text)
        key = rng.choice(sorted(frame))
        if rng.random() < 0.4:
            del frame[key]
        else:
            frame[key] = rng.choice(values)
        # Names, and null for a field that is not there, are judged elsewhere.
        if any(value in (None, "") for name, value in frame.items() if name != "data"):
            continue
        if not isinstance(frame.get("type"), str) or frame["type"] not in types("agent"):
            continue
        frames.append(frame)
    differing = 0
    for frame, codes in zip(frames, judge([json.dumps(frame) for frame in frames])):
        valid = SCHEMAS["agent"].is_valid(frame)
        if valid != (codes == ["ok"]):
            # Text that only the router judges: patterns of topics. Integers written as 1.0 count as such in the schema.
            reasons = [error.json_path for error in SCHEMAS["agent"].iter_errors(frame)]
            assert codes == ["ok"] and not valid, f"{json.dumps(frame)}: schema {valid}, program {codes} {reasons}"
            differing += 1
    assert differing < len(frames) * 0.2, f"{differing} of {len(frames)} taken that the schema refuses"
    return len(frames)


def json_texts():
    """What is JSON for the program is JSON for Python, and the other way round, but for halves of surrogate pairs."""
    rng = random.Random(5)
    seeds = [
        b'{"a":[1,-2.5e+3,true,false,null,"x"],"b":{"c":"\\u00e9\\n"}}', '"Grüße 日本 😀"'.encode(),
        b'[0,-0,1e5,1E-2,0.5]', b'""', b'[[[[]]],{}]', b'"\\ud83d\\ude00\\"\\\\\\/\\b"', b"  [ 1 , 2 ]\t",
    ]
    letters = b'{}[]:,"\\0123456789.eE+-truefalsn \t\x01\x80\xc3\xa9\xffabu/'
    texts = []
    for _ in range(40000):
        text = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(4)):
            place = rng.randrange(len(text) + 1)
            choice = rng.randrange(3)
            if choice == 0:
                text[place:place] = bytes([rng.choice(letters)])
            elif choice == 1:
                del text[place : place + 1 + rng.randrange(2)]
            elif place < len(text):
                text[place] = rng.choice(letters)
        texts.append(b'{"type":"message","topic":"a","data":' + bytes(text) + b"}")
    refusals = 0
    for text, codes in zip(texts, judge(texts)):
        try:
            value = json.loads(text.decode(), parse_constant=lambda word: float(word + "!"))
            json.dumps(value, ensure_ascii=False).encode()
            valid = True
        except (ValueError, RecursionError):
            valid = False
        assert valid == ("bad_json" not in codes), f"{text}: Python {valid}, program {codes}"
        refusals += not valid
    assert 0.2 < refusals / len(texts) < 0.8
    return len(texts)


def openapi():
    document = json.loads((ROOT / "docs/protocol/openapi.json").read_text())
    validate_openapi(document)
    return sum(len(path) for path in document["paths"].values())


print(f"protocol: {examples()} examples of the page and {written()} frames as the schemas have them")
print(f"protocol: {refused()} changed frames judged as the schema does, or later by the router")
print(f"protocol: {json_texts()} texts are JSON, or not, for Python as well")
print(f"protocol: {openapi()} operations described as OpenAPI 3.1 has it")
