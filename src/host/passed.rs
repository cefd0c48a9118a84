//! Bytes to a socket of this machine, in a datagram; where they are too many, in a memory file that is handed over. Must
//! not know what they say.

use std::io;
use std::os::unix::net::UnixDatagram;

/// Sends them as one message. The socket must be connected.
pub fn pass(socket: &UnixDatagram, bytes: &[u8]) -> io::Result<()> {
    match socket.send(bytes) {
        Ok(_) => Ok(()),
        Err(error) if is_too_long(&error) => hand_over(socket, bytes),
        Err(error) => Err(error),
    }
}

fn is_too_long(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(error.raw_os_error().map(Errno::from_raw_os_error), Some(Errno::MSGSIZE | Errno::NOBUFS))
}

/// As a sealed memory file: whoever gets it can be sure that nobody changes it meanwhile.
#[cfg(target_os = "linux")]
fn hand_over(socket: &UnixDatagram, bytes: &[u8]) -> io::Result<()> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
    use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
    use std::io::Write as _;
    use std::mem::MaybeUninit;
    use std::os::fd::AsFd as _;
    let file = memfd_create("mcpwatch", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut file = std::fs::File::from(file);
    file.write_all(bytes)?;
    fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = [file.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    sendmsg(socket, &[], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn hand_over(_socket: &UnixDatagram, _bytes: &[u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
    use std::io::{Read as _, Seek as _};
    use std::mem::MaybeUninit;

    #[test]
    fn what_is_too_long_arrives_whole_and_sealed() {
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        pass(&ours, b"short").unwrap();
        let mut buffer = [0; 8];
        assert_eq!(theirs.recv(&mut buffer).unwrap(), 5);
        let long = vec![b'x'; 8 << 20];
        pass(&ours, &long).unwrap();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        assert_eq!(recvmsg(&theirs, &mut [], &mut control, RecvFlags::empty()).unwrap().bytes, 0);
        let Some(RecvAncillaryMessage::ScmRights(mut files)) = control.drain().next() else { panic!() };
        let mut file = std::fs::File::from(files.next().unwrap());
        file.rewind().unwrap();
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read.len(), long.len());
        assert!(file.set_len(1).is_err(), "sealed");
    }
}
