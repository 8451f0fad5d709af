"""Reads what the hub tells with Prometheus' own parsers; see `check`."""

import json
import pathlib
import sys

import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

folder = pathlib.Path(sys.argv[1])


def samples(families):
    found = {}
    for family in families:
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, key
            found[key] = sample.value
    return found


text = samples(read_text((folder / "text").read_text()))
open_metrics = samples(read_openmetrics((folder / "openmetrics").read_text()))
# Both readers see the same series; those of the process have moved on in between.
assert text.keys() == open_metrics.keys(), text.keys() ^ open_metrics.keys()
for key, value in text.items():
    assert key[0].startswith("process_") or value == open_metrics[key], key
assert text[("agenthub_messages_received_bytes_total", ())] == 2000 * 256
tenants = {dict(labels)["tenant"] for name, labels in text if name == "agenthub_tenant_messages_received_total"}
assert {'a "quoted" one', "back\\slash", "two\nlines"} <= tenants, tenants

rules = yaml.safe_load(pathlib.Path("config/prometheus-alerts.yml").read_text())["groups"][0]["rules"]
for rule in rules:
    assert {"alert", "expr", "labels", "annotations"} <= rule.keys(), rule
    assert rule["annotations"].keys() == {"summary", "reason", "action"}, rule
    assert rule["labels"]["severity"] in ("page", "ticket"), rule

dashboard = json.loads(pathlib.Path("config/grafana-dashboard.json").read_text())
questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
recording = [
    {"record": f"question{number}", "expr": question.replace("$__rate_interval", "5m").replace("$instance", ".*")}
    for number, question in enumerate(questions)
]
(folder / "dashboard.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recording}]}))
print(f"operations: {len(text)} series read in both forms, {len(rules)} alerts, {len(questions)} questions")
