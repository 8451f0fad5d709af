#!/usr/bin/env python3
"""Prints the records of an AgentHub log as JSON lines: docs/log-format.md put to the test.

Needs the PyPI package lmdb. It shares no code with the program, and reads blocks and names only: all else follows
from them. The lines have the same content as those of `agenthub log dump`.
"""

import base64
import datetime
import json
import struct
import sys

import lmdb

KINDS = {
    1: "message", 2: "command", 3: "response", 4: "status", 16: "session_open", 17: "session_accept",
    18: "session_reject", 19: "session_close", 20: "pause", 21: "resume", 32: "consumer_set", 33: "consumer_delete",
    34: "settlement", 35: "delivery", 36: "consumer_move", 37: "dead_letter", 48: "presence", 49: "registration",
    64: "system",
}
FLAGS = {1: "annotated", 2: "retained", 4: "receipted_from_memory", 8: "binary", 16: "late"}
DESTINATIONS = {2: "to", 4: "topic", 5: "consumer"}


def crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


CRC_TABLE = crc_table()


def checksum(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = value >> 8 ^ CRC_TABLE[(value ^ byte) & 255]
    return value ^ 0xFFFFFFFF


def require(condition, sentence):
    if not condition:
        sys.exit(f"read_log: {sentence}")


def iso(microseconds):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def checked(value):
    require(struct.unpack_from("<I", value)[0] == checksum(value[4:]), "a checked value is damaged")
    return value[4:]


def read_names(transaction, database):
    names = {}
    for key, value in transaction.cursor(db=database):
        plain = checked(value)
        kind = plain[4]
        names[struct.unpack(">I", key)[0]] = (kind, plain[8:].decode())
    return names


def depth(text):
    """How deep a valid JSON text is nested."""
    deepest = level = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest


def put_bytes(line, key, data):
    """JSON as it is, anything else in base64, as docs/cli.md has it."""
    try:
        text = data.decode()

        def refuse(_):
            raise ValueError

        value = json.loads(text, parse_constant=refuse)
        # Half a surrogate pair cannot be encoded, which is the point of the attempt.
        json.dumps(value, ensure_ascii=False).encode()
        if depth(text) > 64:
            raise ValueError
        line[key] = value
    except (ValueError, RecursionError):
        line[key + "_base64"] = base64.b64encode(data).decode()


def record_line(record, names):
    (stored, size, offset, sequence, time, expiry, tenant, session, sender, destination, kind, dialect, flags) = (
        struct.unpack_from("<IIQQqqIIIIBBH", record)
    )
    require(stored == checksum(record[4:]), f"record {offset} is damaged")
    lengths = record[60:64]
    position = 64
    annotation_bytes = 0
    if flags & 1:
        annotation_bytes = struct.unpack_from("<I", record, 64)[0]
        position = 68
    parts = []
    for length in list(lengths) + [annotation_bytes]:
        parts.append(record[position : position + length])
        position += length
    line = {"offset": offset, "time": iso(time), "kind": KINDS[kind]}
    if tenant:
        line["tenant"] = names[tenant][1]
    if session:
        line["session"] = names[session][1]
    if sequence:
        line["sequence"] = sequence
    if sender:
        line["from"] = names[sender][1]
    if destination:
        line[DESTINATIONS[names[destination][0]]] = names[destination][1]
    for key, part in zip(("id", "correlation", "cause", "trace"), parts):
        if part:
            line[key] = part.decode(errors="replace")
    if expiry:
        line["expiry"] = iso(expiry)
    if flags:
        line["flags"] = [word for bit, word in FLAGS.items() if flags & bit]
    if dialect:
        line["dialect"] = dialect
    if flags & 1:
        put_bytes(line, "annotations", parts[4])
    put_bytes(line, "data", record[position:size])
    return line


def block_records(block, key):
    (magic, header_checksum, version, flags, count, first, span, name_count, first_time, last_time, record_bytes,
     name_bytes, directory_checksum, zero) = struct.unpack_from("<4sIHHIQIIqqIIII", block)
    require(magic == b"AHB1" and version == 1 and zero == 0, f"block {key} is none")
    require(header_checksum == checksum(block[8:64]), f"the header of block {key} is damaged")
    require(first == key, f"block {key} says that it is {first}")
    directory = block[64 + record_bytes :]
    require(directory_checksum == checksum(directory), f"the directory of block {key} is damaged")
    for index in range(count):
        if flags & 1:
            distance, position = struct.unpack_from("<II", directory, 8 * index)
        else:
            distance, position = index, struct.unpack_from("<I", directory, 4 * index)[0]
        size = struct.unpack_from("<I", block, position + 4)[0]
        yield first + distance, block[position : position + (size + 7) // 8 * 8]


def main():
    require(len(sys.argv) == 2, "usage: read_log.py DIRECTORY")
    environment = lmdb.open(sys.argv[1], readonly=True, max_dbs=16, create=False)
    databases = {name: environment.open_db(name, create=False) for name in (b"log", b"names", b"meta")}
    with environment.begin() as transaction:
        meta = transaction.get(bytes(4), db=databases[b"meta"])
        require(meta is not None, "there is no meta record")
        version = struct.unpack_from("<I", meta, 4)[0]
        require(version == 1, f"the log has format {version}")
        require(struct.unpack_from("<I", meta)[0] == checksum(meta[4:]), "the meta record is damaged")
        names = read_names(transaction, databases[b"names"])
        end = 0
        for key, block in transaction.cursor(db=databases[b"log"]):
            for offset, record in block_records(block, struct.unpack(">Q", key)[0]):
                if offset > end:
                    print(json.dumps({"gap": {"from": end, "through": offset - 1, "reason": "retention"}}))
                line = record_line(record, names)
                require(line["offset"] == offset, f"record {offset} says that it is {line['offset']}")
                print(json.dumps(line))
                end = offset + 1


if __name__ == "__main__":
    main()
