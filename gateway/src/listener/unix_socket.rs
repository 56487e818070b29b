//! Listening Unix sockets: their files, permissions, and files that a dead process has left.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// The file of a listening socket, removed on drop.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and inode: the path may have become another file's.
    id: (u64, u64),
}

/// Listens at `path`; `mode` has the permissions of its file, whatever the umask. A file that no
/// process listens at is replaced.
pub(super) async fn bind(
    path: &Path,
    mode: u32,
    backlog: u32,
) -> io::Result<(UnixListener, SocketFile)> {
    let socket = match bind_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            remove_stale(path).await?;
            bind_new(path)?
        }
        bound => bound?,
    };
    let file = SocketFile {
        id: file_id(path)?,
        path: path.into(),
    };
    // Nobody can connect before `listen`.
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok((socket.listen(backlog)?, file))
}

fn bind_new(path: &Path) -> io::Result<UnixSocket> {
    let socket = UnixSocket::new_stream()?;
    socket.bind(path)?;
    Ok(socket)
}

/// Removes the socket at `path`, unless a process listens at it.
async fn remove_stale(path: &Path) -> io::Result<()> {
    let in_use = |text| Err(io::Error::new(io::ErrorKind::AddrInUse, text));
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return in_use("there is a file that is no socket");
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        // A full backlog.
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => in_use("a process listens there"),
    }
}

fn file_id(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if file_id(&self.path).is_ok_and(|id| id == self.id) {
            // A file that stays is replaced by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}
