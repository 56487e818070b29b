"""A report: checks and figures, printed as they come."""


class Report:
    def __init__(self):
        self.checks = 0
        self.failed = 0

    def title(self, title):
        print(f"\n{title}", flush=True)

    def figure(self, name, value):
        """Prints a figure that is not checked."""
        print(f"        {name}: {value}", flush=True)

    def check(self, claim, holds):
        """Prints a claim and its verdict."""
        self.checks += 1
        self.failed += not holds
        print(f"  {'ok  ' if holds else 'FAIL'}  {claim}", flush=True)

    def fail(self, fault):
        self.check(fault, False)

    def equal(self, claim, value, expected):
        """Checks a figure."""
        holds = value == expected
        self.check(f"{claim}: {value}" + ("" if holds else f", but expected {expected}"), holds)
