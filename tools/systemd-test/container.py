"""A container: Debian, booted with systemd as its first process, by systemd-nspawn."""

import os
import shlex
import subprocess
import time
from pathlib import Path

BOOT_TIMEOUT = 120
# The path of the package under test, inside.
PACKAGE = "/root/framegate.deb"


class Container:
    """A booted container. Its files are those of `root`, over which changes lie in memory.

    Neither systemd nor machined need run outside, so commands enter by nsenter. Its network is
    its own, with loopback alone.
    """

    def __init__(self, root, console, package):
        self.console = Path(console)
        command = ["systemd-nspawn", f"--directory={root}", "--volatile=overlay", "--boot"]
        command += ["--register=no", "--keep-unit", "--private-network", "--quiet"]
        command += ["--machine=framegate-test", "--console=pipe"]
        command.append(f"--bind-ro={package}:{PACKAGE}")
        with self.console.open("w") as output:
            self.nspawn = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # nspawn passes it on as a request to power off.
        self.nspawn.terminate()
        try:
            self.nspawn.wait(30)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()

    def boot(self):
        """Waits until all units have started. Returns systemd's state: `running` if none failed."""
        deadline = time.monotonic() + BOOT_TIMEOUT
        while time.monotonic() < deadline:
            if self.nspawn.poll() is not None:
                raise RuntimeError(f"the container does not start:\n{self.console.read_text()}")
            self.leader = first_process(self.nspawn.pid)
            if self.leader:
                state = self.run("systemctl is-system-running --wait", check=False).strip()
                if state in ("running", "degraded"):
                    return state
            time.sleep(0.2)
        raise RuntimeError(f"the container does not boot:\n{self.console.read_text()}")

    def run(self, command, *, check=True, text=None):
        """Runs a shell command, and returns its output and errors."""
        enter = ["nsenter", f"--target={self.leader}", "--all"]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
        environment |= {"DEBIAN_FRONTEND": "noninteractive", "SYSTEMD_PAGER": ""}
        done = subprocess.run(
            [*enter, "sh", "-c", command],
            input=text or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env=environment,
            timeout=180,
        )
        if check and done.returncode:
            raise RuntimeError(f"{command}\nstatus {done.returncode}: {done.stdout}")
        return done.stdout

    def succeeds(self, command):
        """Tells whether a shell command ends with status 0."""
        return self.run(f"{command} >/dev/null 2>&1 && echo yes", check=False).strip() == "yes"

    def write(self, path, text, mode="644"):
        """Writes a file, with its folders; root owns it."""
        path = shlex.quote(path)
        command = f"mkdir -p $(dirname {path}); cat >{path}; chmod {mode} {path}"
        self.run(command, text=text)

    def property(self, unit, name):
        """Returns a unit's property."""
        return self.run(f"systemctl show --value -p {name} {unit}").strip()

    def outside(self, *command):
        """Returns a command that runs with the files of the machine, in the container's network."""
        return ["nsenter", f"--target={self.leader}", "--net", *command]


def first_process(pid):
    """Returns the descendant of `pid` that is process 1 of its namespace, once it is there."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    ids = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
    if len(ids) > 2 and ids[-1] == "1" and os.readlink(f"/proc/{pid}/exe").endswith("systemd"):
        return pid
    return next(filter(None, map(first_process, map(int, children))), None)
