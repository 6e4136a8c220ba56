"""Runs named cases and says how each ended: `ok NAME` or `FAIL NAME why`."""

import sys
import time
import traceback
import uuid

CASES = []


def case(function):
    """Marks a function as a case; it is named after its behaviour and takes the bootstrap address."""
    CASES.append(function)
    return function


def unique(name):
    """A topic or group nobody has used."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def until(what, condition, seconds=30.0):
    """Waits for a condition and returns its first true value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


def main():
    bootstrap = sys.argv[1]
    only = sys.argv[2:]
    failed = 0
    for function in CASES:
        name = function.__name__
        if only and name not in only:
            continue
        try:
            function(bootstrap)
            print(f"ok {name}", flush=True)
        except Exception:  # every way to fail is a failed case
            failed += 1
            why = traceback.format_exc().strip().replace("\n", " | ")
            print(f"FAIL {name} {why}", flush=True)
    sys.exit(1 if failed else 0)
