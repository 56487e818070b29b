"""Tests the Debian package under systemd, in a container that boots Debian.

    python3 tools/systemd-test ROOT PACKAGE

ROOT is a folder with Debian's files, which `scripts/setup systemd` makes, and stays as it is.
PACKAGE is a .deb of framegate. Needs root, and systemd-nspawn. `make systemd-test` does it all.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import activation
import package
import sandbox
import secrets_and_tls
import supervision
from container import Container
from report import Report

SCENARIOS = [
    package.install,
    supervision.readiness,
    activation.restart,
    activation.crash,
    activation.upgrade,
    supervision.watchdog,
    secrets_and_tls.credentials,
    secrets_and_tls.reload,
    sandbox.hardening,
    secrets_and_tls.journal,
    package.stop,
    package.without_echo,
    package.purge,
]


def obstacle():
    """Returns the reason for which this machine cannot run the test, if there is one."""
    if os.geteuid() != 0:
        return "it needs root, to boot a container"
    programs = ("systemd-nspawn", "nsenter", "openssl", "curl")
    missing = [name for name in programs if not shutil.which(name)]
    return f"it needs {', '.join(missing)}" if missing else None


def main(root, deb):
    if reason := obstacle():
        print(f"systemd-test: skipped: {reason}")
        return 0
    report = Report()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with Container(root, Path(folder) / "console", Path(deb).resolve()) as container:
            state = container.boot()
            report.title("Debian boots in a container")
            report.check(f"systemd {version(container)} is {state}", state == "running")
            report.figure("seconds", round(time.monotonic() - began, 1))
            for scenario in SCENARIOS:
                report.title(scenario.__doc__.splitlines()[0])
                try:
                    scenario(container, report)
                except Exception as error:
                    report.fail(f"{type(error).__name__}: {error}")
            if report.failed:
                print(container.run("journalctl --no-pager --lines 100 --unit framegate*"))
    print(f"\n{report.failed} of {report.checks} checks failed, {time.monotonic() - began:.0f} s")
    return 1 if report.failed else 0


def version(container):
    return container.run("systemctl --version").split()[1]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
