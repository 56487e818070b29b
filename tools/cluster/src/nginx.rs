//! nginx with a file of `deploy/nginx/`, in which only addresses and the folders of the certificate
//! and the log are changed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use testkit::{ReservedPort, ServerProcess, TempDir, tempdir};
use tokio::fs;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::{Failure, deploy, start_server};

/// The server name in the files.
pub(crate) const NAME: &str = "gate.example.com";

/// nginx's own loopback address.
const IP: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 101);

/// The main configuration, which includes the file: one process without root's rights, and
/// all its files in `{dir}`.
const MAIN: &str = "daemon off;
master_process off;
pid {dir}/pid;
error_log {dir}/error.log;
events {}
http {
    access_log off;
    client_body_temp_path {dir};
    proxy_temp_path {dir};
    fastcgi_temp_path {dir};
    uwsgi_temp_path {dir};
    scgi_temp_path {dir};
    include {dir}/framegate.conf;
}
";

/// The configuration of an nginx, in a temporary folder.
pub(crate) struct Nginx {
    dir: TempDir,
    port: ReservedPort,
    client: Arc<ClientConfig>,
}

impl Nginx {
    /// Writes the configuration `file` of an nginx in front of `gateways`: as many as it has.
    pub(crate) async fn prepare(file: &str, gateways: &[SocketAddr]) -> Result<Self, Failure> {
        let dir = tempdir()?;
        let folder = dir.path().to_str().ok_or("a path that is not UTF-8")?;
        let port = ReservedPort::on(IP)?;
        let reference = fs::read_to_string(deploy("nginx").join(file)).await?;
        let mut config = reference
            .replace("listen 443 ssl;", &format!("listen {} ssl;", port.addr()))
            .replace("/etc/nginx/certs", folder)
            .replace("/var/log/nginx", folder);
        for (number, gateway) in (1..).zip(gateways) {
            let name = match gateways.len() {
                1 => "127.0.0.1:3000".into(),
                _ => format!("172.30.0.1{number}:3000"),
            };
            config = config.replace(&format!("server {name}"), &format!("server {gateway}"));
        }
        let is_server = |line: &str| line.trim_start().starts_with("server ");
        if config
            .lines()
            .any(|line| is_server(line) && line.contains(":3000"))
        {
            return Err(format!("{file} has gateways that this program does not know").into());
        }
        fs::write(dir.path().join("framegate.conf"), config).await?;
        fs::write(dir.path().join("main.conf"), MAIN.replace("{dir}", folder)).await?;
        let client = write_certificate(dir.path()).await?;
        Ok(Self { dir, port, client })
    }

    /// The command that runs nginx with this configuration.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("nginx");
        command.arg("-c").arg(self.main_file());
        command
    }

    /// Starts nginx, and waits until it listens.
    pub(crate) async fn start(&self) -> Result<ServerProcess, Failure> {
        let mut command = self.command();
        start_server(command.stderr(Stdio::null()), &[self.addr()]).await
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.port.addr()
    }

    /// The PEM file of its certificate, which is for [`NAME`] and its address.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.dir.path().join(format!("{NAME}.pem"))
    }

    /// Connects over TLS to [`NAME`].
    pub(crate) async fn connect(&self) -> Result<TlsStream<TcpStream>, Failure> {
        let stream = TcpStream::connect(self.addr()).await?;
        let connector = TlsConnector::from(self.client.clone());
        Ok(connector
            .connect(ServerName::try_from(NAME)?, stream)
            .await?)
    }

    fn main_file(&self) -> PathBuf {
        self.dir.path().join("main.conf")
    }
}

/// Writes a certificate and its key to `dir`; returns a client's configuration that trusts it.
async fn write_certificate(dir: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([NAME.to_string(), IP.to_string()])?;
    fs::write(dir.join(format!("{NAME}.pem")), cert.pem()).await?;
    fs::write(dir.join(format!("{NAME}.key")), signing_key.serialize_pem()).await?;
    let mut trusted = RootCertStore::empty();
    trusted.add(cert.der().clone())?;
    let config = ClientConfig::builder().with_root_certificates(trusted);
    Ok(Arc::new(config.with_no_client_auth()))
}
