"""The package: it is installed, and purged."""

from container import PACKAGE

UNITS = ("framegate.service", "framegate-http.socket", "framegate-tcp.socket")


def install(container, report):
    """The package is installed: the service runs, and so do its sockets"""
    container.run(f"dpkg -i {PACKAGE}")
    for unit in UNITS:
        report.equal(unit, container.run(f"systemctl is-active {unit}", check=False).strip(), "active")
    state = container.run("systemctl is-enabled framegate", check=False).strip()
    report.equal("at boot", state, "enabled")
    reply = container.run("framegate send hello").strip()
    report.equal("framegate send hello", reply, "echo : hello")
    for file in ("/etc/framegate/framegate.toml", "/usr/share/man/man1/framegate.1.gz"):
        report.check(file, container.succeeds(f"test -f {file}"))
    report.check(
        "no file of the package belongs to another one",
        "framegate: /" not in container.run("dpkg --verify framegate"),
    )


def stop(container, report):
    """The service is stopped: the next client starts it, unless the sockets are stopped too"""
    container.run("systemctl stop framegate")
    report.equal("the service", container.property("framegate", "ActiveState"), "inactive")
    reply = container.run("framegate send hello").strip()
    report.equal("the next client", reply, "echo : hello")
    container.run("systemctl stop 'framegate*'")
    report.check("all stopped: nothing listens", not container.run("ss -Hltn").strip())
    container.run("systemctl start framegate")
    reply = container.run("framegate send hello").strip()
    report.equal("started again", reply, "echo : hello")


def without_echo(container, report):
    """The echo service is turned off, as the configuration file says"""
    file = "/etc/framegate/framegate.toml"
    container.run(f"cp {file} /root/kept")
    shown = container.run(f"grep -A3 'Turns the echo service off' {file}")
    command = next(it for it in shown.splitlines() if "systemctl" in it).strip("# ")
    container.run(command)
    container.run(f"printf 'tcp = \"off\"\nupstream = \"127.0.0.1:7000\"\n' >>{file}")
    container.run("systemctl restart framegate")
    report.equal("the service", container.property("framegate", "ActiveState"), "active")
    report.equal("ports", container.run("ss -Hltn | awk '{print $4}'").split(), ["127.0.0.1:3000"])
    container.run(f"cp /root/kept {file}")
    container.run("systemctl unmask framegate-tcp.socket && systemctl restart framegate")
    reply = container.run("framegate send hello").strip()
    report.equal("on again", reply, "echo : hello")


def purge(container, report):
    """The package is purged: nothing of it is left"""
    # A recording, as the service itself writes one.
    container.run("mkdir -p /var/log/private/framegate && touch /var/log/private/framegate/old.ndjson")
    container.run("apt-get purge -y framegate")
    for unit in UNITS:
        state = container.property(unit, "LoadState"), container.property(unit, "ActiveState")
        report.equal(unit, state, ("not-found", "inactive"))
    report.check("nothing listens", not container.run("ss -Hltn").strip())
    own = "/etc/systemd/system/framegate.service.d"
    left = container.run(
        "find / -xdev -name '*framegate*' -not -path '/proc/*' -not -path '/root/*' "
        f"-not -path '{own}*' -not -path '/var/cache/*' -not -path '/tmp/*'"
    ).split()
    report.equal("files that are left", left, [])
    failed = container.run("systemctl --failed --plain --no-legend").strip()
    report.equal("failed units", failed, "")
