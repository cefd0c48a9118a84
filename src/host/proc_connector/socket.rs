//! The socket on which the process connector tells. Must not know what the events mean.

use super::hint;
use super::message::{self, What};
use super::{Moment, Received};
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::netlink::{CONNECTOR, SocketAddrNetlink};
use rustix::net::sockopt::{
    set_socket_recv_buffer_size, set_socket_recv_buffer_size_force, socket_recv_buffer_size,
};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use rustix::net::{bind, recvfrom, send, socket_with};
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The multicast group of process events.
const GROUP: u32 = 1;
/// More than any datagram of the connector takes.
const MOST: usize = 256;
/// A shorter queue must be emptied whatever happens.
const SHORT: usize = 64 << 10;
/// How long the kernel has to answer. It answers within the call that asks it, or not at all.
const PATIENCE: Duration = Duration::from_millis(200);

/// The socket, on which the kernel tells as long as this exists.
#[derive(Debug)]
pub struct Connector {
    socket: OwnedFd,
    /// What wakes; without it whatever happens does.
    hint: Option<OwnedFd>,
    note: Option<String>,
}

/// What ends a wait from another thread.
#[derive(Debug)]
pub struct Alarm(OwnedFd);

impl Connector {
    /// Asks the kernel to tell, with a queue of `buffer` bytes, or of as many as it gives.
    ///
    /// # Errors
    /// Why it does not, as a sentence.
    pub fn open(buffer: usize) -> Result<Self, String> {
        let socket = new_socket().map_err(|errno| refused(errno, "it has no process connector"))?;
        let note = enlarge(&socket, buffer);
        // First, since the kernel serves the last one first: whoever is woken finds why.
        let waking = if note.is_none() { hint::SELDOM } else { hint::OFTEN };
        let hint = (buffer >= SHORT).then(|| hint(waking)).flatten();
        bind(&socket, &SocketAddrNetlink::new(0, GROUP)).map_err(|errno| refused(errno, "the socket"))?;
        let connector = Self { socket, hint, note };
        connector.listen()?;
        Ok(connector)
    }

    /// What did not go as it should, in a sentence.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// What there is to receive. Never waits.
    pub fn receive(&self) -> Received {
        let mut datagram = [0; MOST];
        loop {
            return match recvfrom(&self.socket, &mut datagram, RecvFlags::DONTWAIT | RecvFlags::TRUNC) {
                Ok((kept, length, sender)) if kept == length => {
                    let sender = sender.and_then(|sender| SocketAddrNetlink::try_from(sender).ok());
                    let event = message::parse(datagram.get(..length).unwrap_or_default());
                    match (sender, event) {
                        // Any process with a netlink socket may send here, but not with the kernel's address.
                        (Some(sender), Ok(event)) if sender.pid() == 0 => Received::Event(event),
                        _ => Received::Junk,
                    }
                }
                Ok(_) => Received::Junk,
                Err(Errno::INTR) => continue,
                Err(Errno::NOBUFS) => Received::Dropped,
                Err(_) => Received::Nothing,
            };
        }
    }

    /// Waits until a program is run, much else has happened, or the alarm was set off, which is heard thereby; but
    /// not longer than `most`. What happens besides can be received without that anybody is woken.
    pub fn wait(&self, alarm: &Alarm, most: Duration) {
        let waking = self.hint.as_ref().unwrap_or(&self.socket);
        let mut both = [PollFd::new(waking, PollFlags::IN), PollFd::new(&alarm.0, PollFlags::IN)];
        // Interrupted or not: whoever waits looks for himself.
        let _ = poll(&mut both, Timespec::try_from(most).ok().as_ref());
        let [woken, rung] = both.map(|waited| !waited.revents().is_empty());
        if rung {
            let _ = rustix::io::read(&alarm.0, &mut [0; 8]);
        }
        if let Some(hint) = self.hint.as_ref().filter(|_| woken) {
            hint::empty(hint);
        }
    }

    /// Asks, and hears the answer: a kernel that does not tell processes of another namespace says nothing.
    fn listen(&self) -> Result<(), String> {
        let number = getrandom::u32().unwrap_or(0x6d63_7077);
        send(&self.socket, &message::request(true, number), SendFlags::empty())
            .map_err(|errno| refused(errno, "the request"))?;
        let start = now().running;
        while now().running.saturating_sub(start) < u64::try_from(PATIENCE.as_nanos()).unwrap_or(u64::MAX) {
            let Received::Event(event) = self.receive() else {
                let left = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
                let _ = poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&left));
                continue;
            };
            match event.what {
                What::Answer { asked, error: 0 } if asked == number => return Ok(()),
                What::Answer { asked, error } if asked == number => {
                    let errno = Errno::from_raw_os_error(i32::try_from(error).unwrap_or(1));
                    return Err(refused(errno, "the kernel"));
                }
                // What happened before the answer is in the first look at all that runs.
                _ => {}
            }
        }
        Err("refused: the kernel does not tell of processes in this namespace".into())
    }
}

impl Drop for Connector {
    /// Kernels before 6.6 count who listens, and do not notice that somebody went.
    fn drop(&mut self) {
        let _ = send(&self.socket, &message::request(false, 0), SendFlags::empty());
    }
}

impl Alarm {
    /// A new one.
    ///
    /// # Errors
    /// Why the system gives none, as a sentence.
    pub fn new() -> Result<Self, String> {
        eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map(Self)
            .map_err(|errno| refused(errno, "an event descriptor"))
    }

    /// Sets it off, until somebody hears it.
    pub fn ring(&self) {
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

fn new_socket() -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(CONNECTOR))
}

/// The socket that wakes, if the kernel gives one.
fn hint(waking: u32) -> Option<OwnedFd> {
    let made = new_socket().and_then(|socket| {
        // Before it hears anything.
        hint::only_hints(&socket, waking)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUP))?;
        Ok(socket)
    });
    made.inspect_err(|error| tracing::debug!(%error, "every fork wakes the record of processes")).ok()
}

/// Now.
pub fn now() -> Moment {
    let nanoseconds = |clock| {
        let time = clock_gettime(clock);
        u64::try_from(time.tv_sec).unwrap_or_default() * 1_000_000_000
            + u64::try_from(time.tv_nsec).unwrap_or_default()
    };
    Moment {
        running: nanoseconds(ClockId::Monotonic),
        boot: nanoseconds(ClockId::Boottime),
        wall: i64::try_from(nanoseconds(ClockId::Realtime) / 1000).unwrap_or(i64::MAX),
    }
}

/// Makes the queue as long as is wanted, or as long as is allowed, and then says so.
fn enlarge(socket: &OwnedFd, wanted: usize) -> Option<String> {
    if set_socket_recv_buffer_size_force(socket, wanted).is_ok() {
        return None;
    }
    let _ = set_socket_recv_buffer_size(socket, wanted);
    // The kernel doubles what is asked for, for what it needs itself.
    let got = socket_recv_buffer_size(socket).unwrap_or(0) / 2;
    (got < wanted).then(|| {
        let got = got / 1024;
        format!(
            "the queue of process events has {got} KiB only: needs CAP_NET_ADMIN, or net.core.rmem_max raised"
        )
    })
}

fn refused(errno: Errno, what: &str) -> String {
    match errno {
        Errno::PERM | Errno::ACCESS => "refused: needs CAP_NET_ADMIN".into(),
        other => format!("refused: {what}: {other}"),
    }
}
