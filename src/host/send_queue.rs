//! What of a stream the other side has not acknowledged yet. Must not know what was sent.

use std::io;
use std::net::TcpStream;

/// How many bytes were written and not acknowledged by the other machine. After the other side has closed, that is what
/// nobody there will read.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "rustix knows no name for this one request")]
pub fn unacknowledged(socket: &TcpStream) -> io::Result<usize> {
    use rustix::ioctl::{Getter, ioctl};
    // `TIOCOUTQ` is `SIOCOUTQ`, see tcp(7).
    const OUTQ: rustix::ioctl::Opcode = libc::TIOCOUTQ as rustix::ioctl::Opcode;
    // SAFETY: the kernel writes one `int` for this request, and nothing else.
    let left = unsafe { ioctl(socket, Getter::<OUTQ, libc::c_int>::new()) }?;
    Ok(usize::try_from(left).unwrap_or(0))
}

/// Nobody tells it here.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn unacknowledged(_socket: &TcpStream) -> io::Result<usize> {
    Ok(0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{Shutdown, TcpListener};

    #[test]
    fn what_was_read_to_the_end_is_acknowledged() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut receiver, _) = listener.accept().unwrap();
        sender.write_all(b"something").unwrap();
        sender.shutdown(Shutdown::Write).unwrap();
        receiver.read_to_end(&mut Vec::new()).unwrap();
        drop(receiver);
        assert_eq!(sender.read(&mut [0; 8]).unwrap(), 0);
        assert_eq!(unacknowledged(&sender).unwrap(), 0);
    }

    #[test]
    fn what_came_too_late_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop(listener.accept().unwrap());
        assert_eq!(sender.read(&mut [0; 8]).unwrap(), 0, "it has closed");
        sender.write_all(b"too late").unwrap();
        let is_known = || sender.take_error().unwrap().is_some() || unacknowledged(&sender).unwrap() > 0;
        assert!(is_known());
    }
}
