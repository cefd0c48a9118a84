"""Reads one request of OTLP logs from standard input with the official definitions; a line of JSON a record."""
import json
import sys

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [value(item) for item in any_value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: value(item.value) for item in any_value.kvlist_value.values}
    return getattr(any_value, kind)


def values(attributes):
    names = [attribute.key for attribute in attributes]
    assert len(names) == len(set(names)), "a name stands for one value"
    assert all(names), "no name is empty"
    return {attribute.key: value(attribute.value) for attribute in attributes}


request = ExportLogsServiceRequest()
request.ParseFromString(sys.stdin.buffer.read())
for logs in request.resource_logs:
    for scope in logs.scope_logs:
        assert scope.scope.name == "mcpwatch"
        for record in scope.log_records:
            assert record.time_unix_nano > 0 and record.observed_time_unix_nano > 0
            assert 1 <= record.severity_number <= 24
            print(json.dumps({
                "event_name": record.event_name,
                "body": value(record.body),
                "severity_text": record.severity_text,
                "attributes": values(record.attributes),
                "resource": values(logs.resource.attributes),
            }))
