//! Datagrams to a receiver that answers nothing: whether they arrive nobody knows. Must not know what they say.

use super::SinkError;
use crate::config::Address;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;

/// Where datagrams go.
pub(super) enum Datagrams {
    /// To another machine.
    Udp(Address, Option<UdpSocket>),
    /// To a socket of this one.
    Unix(PathBuf, Option<UnixDatagram>),
}

impl Datagrams {
    /// Sends one.
    pub(super) fn send(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), SinkError> {
        let sent = match self {
            Self::Udp(address, open) => {
                open_udp(address, open, timeout).and_then(|socket| socket.send(bytes))
            }
            Self::Unix(path, open) => open_unix(path, open, timeout).and_then(|socket| socket.send(bytes)),
        };
        let whole =
            sent.and_then(
                |length| if length == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) },
            );
        whole.map_err(|error| {
            self.abandon();
            SinkError::failed(format!("{} does not take datagrams: {error}", self.place()))
        })
    }

    /// Lets go of the socket.
    pub(super) fn abandon(&mut self) {
        match self {
            Self::Udp(_, open) => *open = None,
            Self::Unix(_, open) => *open = None,
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Udp(address, _) => address.to_string(),
            Self::Unix(path, _) => path.display().to_string(),
        }
    }
}

fn open_udp<'s>(
    address: &Address,
    open: &'s mut Option<UdpSocket>,
    timeout: Duration,
) -> io::Result<&'s UdpSocket> {
    if open.is_none() {
        let resolved = (address.host.as_str(), address.port).to_socket_addrs()?.next();
        let resolved = resolved.ok_or(io::ErrorKind::NotFound)?;
        let any: SocketAddr = match resolved {
            SocketAddr::V4(_) => ([0; 4], 0).into(),
            SocketAddr::V6(_) => ([0; 16], 0).into(),
        };
        let socket = UdpSocket::bind(any)?;
        socket.connect(resolved)?;
        socket.set_write_timeout(Some(timeout))?;
        *open = Some(socket);
    }
    open.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
}

fn open_unix<'s>(
    path: &PathBuf,
    open: &'s mut Option<UnixDatagram>,
    timeout: Duration,
) -> io::Result<&'s UnixDatagram> {
    if open.is_none() {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        socket.set_write_timeout(Some(timeout))?;
        *open = Some(socket);
    }
    open.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
}
