"""Runs one file of gabbits against a server: run_gabbits.py FILE PORT. Prints {test: [outcome, what was wrong]}.

A program of its own, because gabbi comes with a path full of Debian's modules that pytest should not see.
"""
import contextlib
import json
import math
import pathlib
import sys
import unittest

import yaml
from gabbi import handlers, suitemaker


class AnyNan(yaml.YAMLObject):
    """Equal to every NaN: the tag !AssertNAN of the gabbits."""

    def __eq__(self, other):
        return isinstance(other, float) and math.isnan(other)


yaml.add_constructor("!AssertNAN", lambda loader, node: AnyNan())


class Outcomes(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.by_name = {}

    def note(self, test, outcome, error=None):
        name = test.test_data["name"]
        while name in self.by_name:  # two tests of one name
            name += "'"
        self.by_name[name] = [outcome, str(error[1])[:2000] if error else ""]

    def addSuccess(self, test):
        self.note(test, "passed")

    def addFailure(self, test, err):
        self.note(test, "failed", err)

    def addError(self, test, err):
        self.note(test, "failed", err)

    def addSkip(self, test, reason):
        self.note(test, "skipped")

    def addExpectedFailure(self, test, err):
        self.note(test, "passed")

    def addUnexpectedSuccess(self, test):
        self.note(test, "failed", (None, "it was expected to fail and succeeded"))


def main(file, port):
    file = pathlib.Path(file)
    suite_dict = yaml.load(file.read_text(), Loader=yaml.Loader)
    known = [handler() for handler in handlers.RESPONSE_HANDLERS]
    suite = suitemaker.test_suite_from_dict(
        unittest.defaultTestLoader, file.stem, suite_dict, str(file.parent), "127.0.0.1", int(port), None, None,
        prefix="/gnocchi", handlers=known)
    outcomes = Outcomes()
    with contextlib.redirect_stdout(sys.stderr):
        suite.run(outcomes)
    json.dump(outcomes.by_name, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
