"""A table of scenarios, and the words that all of them use.

In: functions. Out: a table from name to function. Apart so that each file of scenarios can fill a table of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from .case import Case

Scenario = Callable[[Case], None]

DEPLOY, STATUS = ("migrate", "deploy"), ("migrate", "status")
ONE = "CREATE TABLE um (id INT PRIMARY KEY);\n"
TWO = "CREATE TABLE dois (id INT PRIMARY KEY);\n"
BROKEN = """CREATE TABLE antes (id INT);
INSERT INTO antes VALUES (1);
CREATE TABLE um (id INT);
CREATE TABLE nunca (id INT);
"""


class Table(dict[str, Scenario]):
    """Scenarios by the names that people see."""

    def add(self, function: Scenario) -> Scenario:
        """Puts a function in, under its own name."""
        self[function.__name__.replace("_", "-")] = function
        return function
