"""Reads every shipped rule with pySigma, Sigma's reference implementation, and converts it for four SIEMs.

Prints one line a failure and ends with 1 if there was one.
"""

import pathlib
import sys

from sigma.backends.elasticsearch import ESQLBackend, LuceneBackend
from sigma.backends.splunk import SplunkBackend
from sigma.backends.sqlite import sqlite
from sigma.collection import SigmaCollection

BACKENDS = {
    "Splunk": SplunkBackend,
    "Elasticsearch Lucene": LuceneBackend,
    "Elasticsearch ES|QL": ESQLBackend,
    "SQLite": sqlite.sqliteBackend,
}


def failures(file: pathlib.Path):
    """What went wrong with one file, sentence by sentence."""
    text = file.read_text(encoding="utf-8")
    try:
        rules = SigmaCollection.from_yaml(text)
    except Exception as error:  # whatever it is, it is told
        yield f"is not read: {error}"
        return
    yield from (f"has an error: {error}" for error in rules.errors)
    if len(rules) != 1 or rules[0].level is None or not rules[0].tags:
        yield "is not one rule with a level and tags"
    for name, backend in BACKENDS.items():
        try:
            queries = backend().convert(SigmaCollection.from_yaml(text))
            if len(queries) != 1 or not queries[0]:
                yield f"gives {len(queries)} queries for {name}"
        except Exception as error:  # whatever it is, it is told
            yield f"is not converted for {name}: {error}"


def main() -> int:
    files = sorted(pathlib.Path(sys.argv[1]).glob("*.yml"))
    failed = [f"{file.name} {sentence}" for file in files for sentence in failures(file)]
    print("\n".join(failed) or f"{len(files)} rules, {len(BACKENDS)} converters")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
