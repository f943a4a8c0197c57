#!/usr/bin/python3
"""Prints "PASSED FAILED" for a JUnit file of ctest or pytest, and each failed test's name on stderr.

A test that was skipped or not run counts as failed: nothing is skipped in this project.
"""

import sys
import xml.etree.ElementTree as tree


def is_passed(case):
    bad = any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
    return not bad and case.get("status", "run") == "run"


def main():
    try:
        cases = list(tree.parse(sys.argv[1]).iter("testcase"))
    except (OSError, tree.ParseError):
        cases = []
    failed = [case for case in cases if not is_passed(case)]
    for case in failed:
        print(f"    failed: {case.get('classname', '')} {case.get('name')}", file=sys.stderr)
    print(len(cases) - len(failed), len(failed))


if __name__ == "__main__":
    main()
