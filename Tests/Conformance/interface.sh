#!/usr/bin/env bash
# The hub's HTTP interface against docs/protocol/openapi.json, with Schemathesis: about two minutes. Takes the path of
# `agenthub` from AGENTHUB_PROGRAM, or builds it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [[ -z ${AGENTHUB_PROGRAM:-} ]]; then
    swift build --product agenthub
    AGENTHUB_PROGRAM=$(swift build --show-bin-path)/agenthub
fi

venv=.build/interface-venv
if [[ ! -f $venv/.ready-1 ]]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" --disable-pip-version-check install --quiet schemathesis==4.32.5 websockets==15.0.1
    touch "$venv/.ready-1"
fi

export PYTHONDONTWRITEBYTECODE=1
timeout 300 "$venv/bin/python" Tests/Conformance/interface.py "$AGENTHUB_PROGRAM" "$@"
