"""The sandbox: the restrictions of the unit hold for the process."""

from pathlib import Path

from supervision import with_drop_in, without_drop_in

# Of 10; the figure is that of tools/cluster's check of the unit's file.
MAX_EXPOSURE = 1.5
PROBE = "/usr/local/bin/probe"


def hardening(container, report):
    """The sandbox is in force: the running process has no privileges, and attempts are denied"""
    shown = container.run("systemd-analyze security --no-pager framegate.service")
    line = next(it for it in shown.splitlines() if "Overall exposure" in it)
    exposure = float(line.split(":")[1].split()[0])
    report.check(f"systemd-analyze security: {exposure} of 10", exposure <= MAX_EXPOSURE)

    pid = container.property("framegate", "MainPID")
    status = dict(it.split(":", 1) for it in container.run(f"cat /proc/{pid}/status").splitlines())
    report.check("a user without a name of its own", int(status["Uid"].split()[0]) > 60000)
    for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
        report.equal(name, int(status[name], 16), 0)
    report.equal("NoNewPrivs", status["NoNewPrivs"].strip(), "1")
    report.equal("Seccomp", status["Seccomp"].strip(), "2")

    container.write(PROBE, Path(__file__).with_name("probe.sh").read_text(), "755")
    container.run("mkdir -p /home/someone && touch /home/someone/file")
    # Runs before the gateway, under the same restrictions.
    with_drop_in(container, f"[Service]\nExecStartPre={PROBE}\n")
    log = container.run("journalctl --unit framegate --output cat --identifier probe")
    found = [it.split(": ", 1) for it in log.splitlines() if ": " in it]
    report.check(f"{len(found)} attempts by a probe in the service's place", len(found) > 15)
    for verdict, attempt in found:
        allowed = attempt.startswith("may ")
        report.check(f"{verdict}: {attempt}", (verdict == "allowed") == allowed)
    without_drop_in(container)
