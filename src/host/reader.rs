//! Whether somebody still reads what is written to a stream. Must not know what is written.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::AsFd;

/// Whether the other end is closed: the next write would fail. Asks, waits for nothing and writes nothing. A file or a
/// terminal that stands always has a reader.
pub fn is_gone(stream: &impl AsFd) -> bool {
    let mut asked = [PollFd::new(stream, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    // An error is no answer: the next write will tell.
    let Ok(1..) = poll(&mut asked, Some(&now)) else { return false };
    asked.iter().any(|stream| stream.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn who_reads_is_there_until_he_leaves() {
        let (reader, writer) = std::io::pipe().unwrap();
        assert!(!is_gone(&writer));
        drop(reader);
        assert!(is_gone(&writer));
        let (ours, theirs) = UnixStream::pair().unwrap();
        assert!(!is_gone(&ours));
        drop(theirs);
        assert!(is_gone(&ours));
        assert!(!is_gone(&tempfile::tempfile().unwrap()));
    }
}
