#!/usr/bin/env bash
# Compares what the program says is in a log with what a reader says that was written from docs/log-format.md.
#
#   compare.sh                     gets the reader's one dependency and runs the test that calls the next form
#   compare.sh PROGRAM DIRECTORY   compares; uses the Python in AGENTHUB_PYTHON
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

if (($# == 0)); then
    cd "$here/../.."
    readonly environment=.build/log-format-python
    if ! "$environment/bin/python" -c 'import lmdb' 2>/dev/null; then
        python3 -m venv "$environment"
        "$environment/bin/pip" install --quiet --disable-pip-version-check lmdb
    fi
    AGENTHUB_PYTHON=$PWD/$environment/bin/python swift test --filter CommandLineTests.LogFormatTests
    exit
fi

readonly program=$1 directory=$2
output=$(mktemp -d)
readonly output
trap 'rm -rf "$output"' EXIT

"$program" log dump "$directory" >"$output/program"
"$AGENTHUB_PYTHON" "$here/read_log.py" "$directory" >"$output/reader"
"$AGENTHUB_PYTHON" - "$output/program" "$output/reader" <<'PYTHON'
import itertools, json, sys

programs, readers = (open(path, encoding="utf-8") for path in sys.argv[1:])
count = 0
for number, (program, reader) in enumerate(itertools.zip_longest(programs, readers), start=1):
    if program is None or reader is None or json.loads(program) != json.loads(reader):
        sys.exit(f"line {number} differs:\nprogram: {program}\nreader:  {reader}")
    count = number
print(f"{count} lines are the same")
PYTHON
