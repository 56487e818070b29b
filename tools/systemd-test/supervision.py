"""Notifications: readiness and the watchdog."""

import time

from activation import load, judge, CLIENTS

DROP_IN = "/etc/systemd/system/framegate.service.d/test.conf"


def with_drop_in(container, text):
    """Restarts the service with options of its own."""
    container.write(DROP_IN, text)
    container.run("systemctl daemon-reload && systemctl restart framegate")


def without_drop_in(container):
    container.run(f"rm {DROP_IN} && systemctl daemon-reload && systemctl restart framegate")


def waits_for(value, expected, seconds=20):
    """Waits until `value()` is `expected`, and returns its last value."""
    deadline = time.monotonic() + seconds
    while True:
        found = value()
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def readiness(container, report):
    """The service is started when it serves, and not before"""
    report.equal("Type", container.property("framegate", "Type"), "notify")
    # Nothing is in the pipe, so the gateway waits for its token.
    container.write("/etc/framegate/late", "", "644")
    container.run("rm /etc/framegate/late && mkfifo -m 644 /etc/framegate/late")
    container.write(DROP_IN, "[Service]\nEnvironment=FRAMEGATE_TOKEN_FILE=/etc/framegate/late\n")
    container.run("systemctl daemon-reload && systemctl restart --no-block framegate")
    time.sleep(3)
    state = container.property("framegate", "ActiveState")
    report.equal("while it waits for a file", state, "activating")
    container.run("echo 0123456789abcdef >/etc/framegate/late")
    state = waits_for(lambda: container.property("framegate", "ActiveState"), "active")
    report.equal("when the file is there", state, "active")
    report.check("framegate health: ready", container.succeeds("framegate health"))
    container.run("rm /etc/framegate/late")
    without_drop_in(container)


def watchdog(container, report):
    """The service hangs under load: the watchdog restarts it, and nobody is refused"""
    report.equal("WatchdogSec", container.property("framegate", "WatchdogUSec"), "30s")
    with_drop_in(container, "[Service]\nWatchdogSec=2\nTimeoutAbortSec=2\n")
    time.sleep(5)
    restarts = int(container.property("framegate", "NRestarts"))
    report.equal("restarts in 5 s, while it does not hang", restarts, 0)
    counts = {}
    with load(container, counts):
        container.run("systemctl kill --signal=STOP framegate")
        restarts = waits_for(lambda: container.property("framegate", "NRestarts"), "1")
    report.equal("restarts after it hung", restarts, "1")
    log = container.run("journalctl --unit framegate --output cat")
    report.check("the journal says: Watchdog timeout", "Watchdog timeout" in log)
    judge(report, counts, {"ended: WebSocket": CLIENTS, "ended: Tcp": CLIENTS})
    without_drop_in(container)
