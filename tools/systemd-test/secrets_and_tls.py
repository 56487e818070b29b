"""Secrets: passed by systemd, reloaded, and in no log."""

import subprocess
import tempfile
from pathlib import Path

from activation import judge, load
from supervision import waits_for, with_drop_in, without_drop_in

TOKEN = "correct-horse-battery-staple"
FOLDER = "/etc/framegate/secrets"
OPTIONS = f"""[Service]
LoadCredential=token:{FOLDER}/token
Environment=FRAMEGATE_TOKEN_FILE=%d/token
"""


def status(container, *options):
    """Returns the status of a request for the metrics."""
    code = "curl --silent --insecure --output /dev/null --write-out %{http_code}"
    command = container.outside(*code.split(), *options)
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout


def credentials(container, report):
    """A token is passed as a credential of systemd: the service reads it, and nobody else"""
    container.write(f"{FOLDER}/token", TOKEN, "600")
    container.run(f"chmod 700 {FOLDER}")
    with_drop_in(container, OPTIONS)
    page = "http://127.0.0.1:3000/metrics"
    report.equal("a request without a token", status(container, page), "401")
    bearer = "Authorization: Bearer "
    report.equal("with a wrong one", status(container, "-H", f"{bearer}wrong", page), "401")
    report.equal("with the token", status(container, "-H", bearer + TOKEN, page), "200")
    pid = container.property("framegate", "MainPID")
    report.check(
        "the token is in neither its environment nor its command line",
        not container.succeeds(f"grep -q {TOKEN} /proc/{pid}/environ /proc/{pid}/cmdline"),
    )
    path = "/run/credentials/framegate.service/token"
    report.check("the credential is there", container.succeeds(f"test -f {path}"))
    other = f"setpriv --reuid=65534 --regid=65534 --clear-groups cat {path}"
    report.check("other users cannot read it", not container.succeeds(other))


def certificate(name):
    """Returns a new certificate and its key, as PEM."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / it for it in ("cert.pem", "key.pem")]
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
        command = [*command.split(), "-subj", f"/CN={name}", "-out", files[0], "-keyout", files[1]]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return [it.read_text() for it in files]


def subject(container):
    """Returns the subject of the certificate that a new connection gets."""
    client = container.outside("openssl", "s_client", "-connect", "127.0.0.1:3000")
    shown = subprocess.run(client, input="", capture_output=True, text=True).stdout
    line = next((it for it in shown.splitlines() if it.startswith("subject=")), "")
    return line.removeprefix("subject=").replace("CN = ", "").replace("CN=", "")


def reload(container, report):
    """The certificate is renewed under load: new connections get it, and no session ends"""
    place_certificate(container, "old.example")
    options = f"SupplementaryGroups=framegate-tls\nEnvironment=FRAMEGATE_TLS_CERT={FOLDER}/cert.pem"
    options += f"\nEnvironment=FRAMEGATE_TLS_KEY={FOLDER}/key.pem\n"
    with_drop_in(container, OPTIONS + options)
    report.equal("the certificate", subject(container), "old.example")
    counts = {}
    with load(container, counts, "--tls", "--token", TOKEN):
        place_certificate(container, "new.example")
        container.run("systemctl reload framegate")
        renewed = waits_for(lambda: subject(container), "new.example")
        report.equal("after the reload", renewed, "new.example")
    judge(report, counts, {})
    state = container.run("systemctl is-active framegate", check=False).strip()
    report.equal("the service", state, "active")
    without_drop_in(container)


def place_certificate(container, name):
    """Writes a certificate that the group framegate-tls may read."""
    container.run("getent group framegate-tls >/dev/null || groupadd --system framegate-tls")
    for file, text in zip(("cert.pem", "key.pem"), certificate(name), strict=True):
        container.write(f"{FOLDER}/{file}", text, "640")
    container.run(f"chgrp -R framegate-tls {FOLDER} && chmod 750 {FOLDER}")


def journal(container, report):
    """The journal has the service's log, and no secret"""
    log = container.run("journalctl --unit framegate --output cat")
    key = container.run(f"cat {FOLDER}/key.pem")
    report.check(f"{len(log.splitlines())} lines", len(log.splitlines()) > 20)
    for word in ("refused", "reload", "drain"):
        report.check(f"a line with: {word}", word in log.lower())
    secrets = [TOKEN, "PRIVATE KEY", *key.splitlines()[1:-1]]
    report.equal("secrets in it", [it for it in secrets if it in log], [])
    report.equal("lines longer than 4 KiB", [it for it in log.splitlines() if len(it) > 4096], [])
    container.run(f"rm -r {FOLDER}")
