"""Reads Detection Findings, one a line, with the models of py-ocsf-models. Prints one line a failure, and ends with 1 if
there was one."""

import json
import sys

from py_ocsf_models.events.findings.detection_finding import DetectionFinding
from pydantic import ValidationError


def main() -> int:
    failed = 0
    lines = sys.stdin.buffer.read().decode().rstrip("\n").split("\n")
    for number, line in enumerate(lines, 1):
        finding = json.loads(line)
        try:
            read = DetectionFinding.model_validate(finding)
            if read.metadata.uid != finding["metadata"]["uid"] or read.finding_info.title != finding["finding_info"]["title"]:
                raise ValueError("another finding was read")
        except (ValidationError, ValueError) as error:
            failed += 1
            print(f"line {number}: {error}")
    print(f"{len(lines)} findings, {failed} failed")
    return 1 if failed or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
