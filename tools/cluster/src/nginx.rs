//! nginx, as `deploy/nginx/framegate.conf` has it: nothing of that is changed but addresses,
//! and where the certificate is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::fs;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::{Failure, deploy, free_addr, listens};

/// The name in the file.
pub(crate) const NAME: &str = "gate.example.com";

/// Where nginx is: an address where nothing else is.
const IP: Ipv4Addr = Ipv4Addr::new(127, 0, 1, 101);

/// What the file is included into: one process, without what needs an account or a folder
/// of its own.
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

/// The file at work in a folder of its own.
pub(crate) struct Nginx {
    dir: TempDir,
    pub(crate) addr: SocketAddr,
    client: Arc<ClientConfig>,
}

/// A running nginx; it is killed when it is dropped.
pub(crate) struct Running {
    _child: Child,
}

impl Nginx {
    /// Prepares it to stand before a gateway at `upstream`.
    pub(crate) async fn prepare(upstream: SocketAddr) -> Result<Self, Failure> {
        let dir = tempfile::tempdir()?;
        let folder = dir.path().to_str().ok_or("a path that is no text")?;
        let addr = free_addr(IP)?;
        let reference = fs::read_to_string(deploy("nginx/framegate.conf")).await?;
        let config = reference
            .replace("listen 443 ssl;", &format!("listen {addr} ssl;"))
            .replace("server 127.0.0.1:3000;", &format!("server {upstream};"))
            .replace("/etc/nginx/certs", folder);
        fs::write(dir.path().join("framegate.conf"), config).await?;
        fs::write(dir.path().join("main.conf"), MAIN.replace("{dir}", folder)).await?;
        let client = certify(dir.path()).await?;
        Ok(Self { dir, addr, client })
    }

    /// Its command, to which others may be added.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("nginx");
        command.arg("-c").arg(self.main_file());
        command
    }

    /// Starts it, and waits until it listens.
    pub(crate) async fn start(&self) -> Result<Running, Failure> {
        let child = self
            .command()
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("nginx does not start: {error}"))?;
        let running = Running { _child: child };
        listens(self.addr).await?;
        Ok(running)
    }

    /// Connects to it by TLS, under the name in the file.
    pub(crate) async fn connect(&self) -> Result<TlsStream<TcpStream>, Failure> {
        let stream = TcpStream::connect(self.addr).await?;
        let connector = TlsConnector::from(self.client.clone());
        Ok(connector
            .connect(ServerName::try_from(NAME)?, stream)
            .await?)
    }

    fn main_file(&self) -> PathBuf {
        self.dir.path().join("main.conf")
    }
}

/// Writes a certificate into `dir`; returns what trusts it.
async fn certify(dir: &Path) -> Result<Arc<ClientConfig>, Failure> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_string()])?;
    fs::write(dir.join(format!("{NAME}.pem")), cert.pem()).await?;
    fs::write(dir.join(format!("{NAME}.key")), signing_key.serialize_pem()).await?;
    let mut trusted = RootCertStore::empty();
    trusted.add(cert.der().clone())?;
    let config = ClientConfig::builder().with_root_certificates(trusted);
    Ok(Arc::new(config.with_no_client_auth()))
}
