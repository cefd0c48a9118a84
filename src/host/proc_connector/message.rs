//! The messages of the process connector, byte by byte. Must not know where the bytes come from.
//!
//! A datagram is a netlink header (netlink(7)), a connector header (`linux/connector.h`) and one event
//! (`linux/cn_proc.h`), all in the machine's own byte order. Pids are those of the initial namespace.

/// The connector's number for process events.
const INDEX: u32 = 1;
const VALUE: u32 = 1;
/// The sizes of the two headers, and of what stands before an event's own part.
const NETLINK: usize = 16;
const CONNECTOR: usize = 20;
const EVENT: usize = 16;
/// The type of every netlink message that the connector sends.
const DONE: u16 = 3;
/// What an acknowledgement says about where it happened: nowhere.
const NO_CPU: u32 = u32::MAX;

/// One thing that the kernel told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, in nanoseconds since boot by the clock that nobody sets and that stands still while the machine sleeps.
    pub at: u64,
    /// On which processor; `None` for an answer to what was asked.
    pub cpu: Option<u32>,
    /// Counts the events of one processor: a number that is left out was an event that is lost.
    pub sequence: u32,
    /// What happened.
    pub what: What,
}

/// What happened. Processes are meant where nothing else is said: threads come and go inside of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The answer to what was asked under this number, and an error's number or 0.
    Answer {
        /// The number.
        asked: u32,
        /// The error's number.
        error: u32,
    },
    /// A process was forked. The parent is the one that will be told of its end, see clone(2), `CLONE_PARENT`.
    Fork {
        /// Whose child it is.
        parent: u32,
        /// The new one.
        child: u32,
    },
    /// A process has one thread more.
    Thread {
        /// The process.
        process: u32,
    },
    /// A process runs another program.
    Exec {
        /// The process.
        process: u32,
    },
    /// A process acts for another account.
    Account {
        /// The process.
        process: u32,
        /// The account that it belongs to.
        real: u32,
        /// The account as which it acts.
        effective: u32,
    },
    /// A process leads a session of its own.
    Session {
        /// The process.
        process: u32,
    },
    /// A process is watched by another one, or no longer.
    Traced {
        /// The process.
        process: u32,
        /// By whom; 0 for nobody.
        tracer: u32,
    },
    /// The first thread of a process ended, and with it the process, unless others run on.
    Exit {
        /// The process.
        process: u32,
        /// How, see wait(2).
        status: u32,
    },
    /// Another thread of a process ended.
    ThreadExit {
        /// The process.
        process: u32,
    },
    /// Something else, which nobody here asks for.
    Other,
}

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// There is less than a header says, or than its kind needs.
    #[error("a message is too short")]
    Short,
    /// A length says something that cannot be.
    #[error("a length in a message is wrong")]
    Length,
    /// It is about something else.
    #[error("a message is not about processes")]
    Foreign,
}

/// Reads one datagram.
///
/// # Errors
/// When the bytes are not one whole message about processes.
pub fn parse(datagram: &[u8]) -> Result<Event, Malformed> {
    let length = number(datagram, 0)? as usize;
    if length > datagram.len() || datagram.len() - length >= 4 {
        return Err(Malformed::Length);
    }
    if half(datagram, 4)? != DONE {
        return Err(Malformed::Foreign);
    }
    let message = datagram.get(NETLINK..length).ok_or(Malformed::Short)?;
    if (number(message, 0)?, number(message, 4)?) != (INDEX, VALUE) {
        return Err(Malformed::Foreign);
    }
    let sequence = number(message, 8)?;
    // The answer to a question repeats its number, and one more.
    let answered = number(message, 12)?.wrapping_sub(1);
    let length = usize::from(half(message, 16)?);
    let event = message.get(CONNECTOR..).ok_or(Malformed::Short)?;
    let event = event.get(..length).ok_or(Malformed::Length)?;
    let cpu = Some(number(event, 4)?).filter(|cpu| *cpu != NO_CPU);
    let own = event.get(EVENT..).ok_or(Malformed::Short)?;
    Ok(Event { at: long(event, 8)?, cpu, sequence, what: what(number(event, 0)?, answered, own)? })
}

fn what(kind: u32, asked: u32, own: &[u8]) -> Result<What, Malformed> {
    let at = |index: usize| number(own, index * 4);
    // The first two numbers of most: the thread, and the process that it belongs to. What a thread that is not
    // the first does to itself alone is of no interest.
    let is_first = || Ok::<_, Malformed>(at(0)? == at(1)?);
    Ok(match kind {
        0 => What::Answer { asked, error: at(0)? },
        0x0000_0001 if at(2)? == at(3)? => What::Fork { parent: at(1)?, child: at(3)? },
        0x0000_0001 => What::Thread { process: at(3)? },
        0x0000_0002 => What::Exec { process: at(1)? },
        0x0000_0004 if is_first()? => What::Account { process: at(1)?, real: at(2)?, effective: at(3)? },
        0x0000_0080 if is_first()? => What::Session { process: at(1)? },
        0x0000_0100 => What::Traced { process: at(1)?, tracer: at(3)? },
        0x8000_0000 if is_first()? => What::Exit { process: at(1)?, status: at(2)? },
        0x8000_0000 => What::ThreadExit { process: at(1)? },
        _ => What::Other,
    })
}

/// The message that asks the kernel to tell, or to tell no longer, under a number that its answer repeats.
pub fn request(tell: bool, number: u32) -> [u8; NETLINK + CONNECTOR + 4] {
    let mut message = [0; NETLINK + CONNECTOR + 4];
    let length = message.len();
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = message.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, &u32::try_from(length).unwrap_or_default().to_ne_bytes());
    put(4, &DONE.to_ne_bytes());
    put(NETLINK, &INDEX.to_ne_bytes());
    put(NETLINK + 4, &VALUE.to_ne_bytes());
    put(NETLINK + 12, &number.to_ne_bytes());
    put(NETLINK + 16, &4_u16.to_ne_bytes());
    put(NETLINK + CONNECTOR, &(if tell { 1_u32 } else { 2 }).to_ne_bytes());
    message
}

fn bytes<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Malformed> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Malformed::Short)
}

fn half(from: &[u8], at: usize) -> Result<u16, Malformed> {
    bytes(from, at).map(u16::from_ne_bytes)
}

fn number(from: &[u8], at: usize) -> Result<u32, Malformed> {
    bytes(from, at).map(u32::from_ne_bytes)
}

fn long(from: &[u8], at: usize) -> Result<u64, Malformed> {
    bytes(from, at).map(u64::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A datagram as the kernel sends it.
    fn datagram(kind: u32, own: &[u32]) -> Vec<u8> {
        let mut event = Vec::new();
        event.extend(kind.to_ne_bytes());
        event.extend(3_u32.to_ne_bytes());
        event.extend(77_u64.to_ne_bytes());
        own.iter().for_each(|number| event.extend(number.to_ne_bytes()));
        event.resize(40, 0);
        let mut all = Vec::new();
        all.extend(u32::try_from(NETLINK + CONNECTOR + event.len()).unwrap().to_ne_bytes());
        all.extend(DONE.to_ne_bytes());
        all.extend([0; 10]);
        for number in [INDEX, VALUE, 9, 6] {
            all.extend(number.to_ne_bytes());
        }
        all.extend(u16::try_from(event.len()).unwrap().to_ne_bytes());
        all.extend([0; 2]);
        all.extend(event);
        all
    }

    #[test]
    fn events_are_read() {
        let read = |kind, own: &[u32]| parse(&datagram(kind, own)).unwrap().what;
        assert_eq!(read(1, &[10, 9, 20, 20]), What::Fork { parent: 9, child: 20 });
        assert_eq!(read(1, &[10, 9, 21, 20]), What::Thread { process: 20 });
        assert_eq!(read(2, &[20, 20]), What::Exec { process: 20 });
        assert_eq!(read(4, &[20, 20, 1000, 0]), What::Account { process: 20, real: 1000, effective: 0 });
        assert_eq!(read(4, &[21, 20, 1000, 0]), What::Other);
        assert_eq!(read(0x80, &[20, 20]), What::Session { process: 20 });
        assert_eq!(read(0x100, &[20, 20, 5, 4]), What::Traced { process: 20, tracer: 4 });
        assert_eq!(read(0x8000_0000, &[20, 20, 256, 17]), What::Exit { process: 20, status: 256 });
        assert_eq!(read(0x8000_0000, &[21, 20, 256, 17]), What::ThreadExit { process: 20 });
        assert_eq!(read(0x200, &[20, 20]), What::Other);
        assert_eq!(read(0, &[1]), What::Answer { asked: 5, error: 1 });
        let event = parse(&datagram(2, &[20, 20])).unwrap();
        assert_eq!((event.at, event.cpu, event.sequence), (77, Some(3), 9));
    }

    #[test]
    fn what_is_no_whole_message_is_refused() {
        let whole = datagram(1, &[10, 9, 20, 20]);
        for length in 0..whole.len() {
            assert!(parse(&whole[..length]).is_err(), "{length}");
        }
        let mut long = whole.clone();
        long.extend([0; 4]);
        assert_eq!(parse(&long), Err(Malformed::Length));
        for (at, byte) in [(4, 2), (NETLINK, 2), (NETLINK + 4, 7)] {
            let mut other = whole.clone();
            other[at] = byte;
            assert_eq!(parse(&other), Err(Malformed::Foreign), "{at}");
        }
        let request = request(true, 5);
        assert_eq!(parse(&request), Err(Malformed::Short), "an order is no event");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn any_numbers_in_a_whole_message_are_read(kind: u32, own: [u32; 6], cut in 0_usize..77) {
            let whole = datagram(kind, &own);
            prop_assert!(parse(&whole).is_ok());
            prop_assert!(parse(&whole[..cut.min(whole.len() - 1)]).is_err());
        }
    }
}
