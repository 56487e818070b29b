"""Socket activation: clients wait in the sockets while the service is away."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from container import PACKAGE

CLIENTS = 8


@contextmanager
def load(container, counts, *options):
    """Runs clients, and fills `counts` with what they counted."""
    script = str(Path(__file__).with_name("load.py"))
    command = container.outside(sys.executable, script, str(CLIENTS), *options)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if process.stdout.readline() != "begun\n":
                raise RuntimeError("the clients have no answer")
            yield
            time.sleep(1)
            output, _ = process.communicate(timeout=120)
        finally:
            process.kill()
    counts |= json.loads(output)


def judge(report, counts, ends):
    """Checks what clients counted; their connections may end as in `ends`."""
    report.check(f"{counts['answered']} messages are answered, each with its own reply, in order",
                 counts["answered"] > 500 and "wrong" not in counts)
    report.equal("connections that are refused", counts.get("refused", 0), 0)
    others = {name: count for name, count in counts.items() if name.startswith("no handshake")}
    report.equal("WebSocket handshakes that fail", others, {})
    report.equal("connections that end", {it: n for it, n in counts.items() if "ended" in it}, ends)
    report.figure("sent again, because they were in flight", counts.get("sent again", 0))
    report.figure("new connections answered", counts.get("newcomers", 0))
    report.figure("closed before an answer", counts.get("newcomers closed", 0))
    report.figure("longest wait for a reply, seconds", counts["longest"])


def restart(container, report):
    """The service is restarted three times under load, and refuses nobody"""
    counts = {}
    before = container.property("framegate", "MainPID")
    with load(container, counts):
        for _ in range(3):
            container.run("systemctl restart framegate")
            time.sleep(1)
    report.check("another process serves", container.property("framegate", "MainPID") != before)
    judge(report, counts, {"ended: 1001": 3 * CLIENTS, "ended: Tcp": 3 * CLIENTS})


def crash(container, report):
    """The service is killed under load: it is started again, and nobody is refused"""
    counts = {}
    with load(container, counts):
        restarts = int(container.property("framegate", "NRestarts"))
        container.run("systemctl kill --signal=KILL framegate")
        time.sleep(2)
    report.equal("restarts", int(container.property("framegate", "NRestarts")), restarts + 1)
    judge(report, counts, {"ended: WebSocket": CLIENTS, "ended: Tcp": CLIENTS})


def upgrade(container, report):
    """The package is installed again under load, as by an upgrade, and nobody is refused"""
    counts = {}
    container.run("echo '# kept' >>/etc/framegate/framegate.toml")
    with load(container, counts):
        container.run(f"dpkg -i {PACKAGE}")
    report.check(
        "the configuration is kept",
        container.succeeds("grep -qx '# kept' /etc/framegate/framegate.toml"),
    )
    judge(report, counts, {"ended: 1001": CLIENTS, "ended: Tcp": CLIENTS})
