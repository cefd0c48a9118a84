//! Events as the kernel writes them: bytes in, events out. Trusts no length and opens nothing, so that any bytes may
//! be tried on it.

use super::handle::Handle;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// What stands before the records of each event (`struct fanotify_event_metadata`).
const METADATA: usize = 24;
/// The one version there ever was of it.
const VERSION: u8 = 3;
/// What stands before each record.
const HEADER: usize = 4;
/// And before the bytes of the handle in it: the file system, the length and the kind.
const HANDLE: usize = HEADER + 8 + 4 + 4;

const FILE: u8 = 1;
const NAME: u8 = 2;
const DIRECTORY: u8 = 3;
const PROCESS: u8 = 4;
const OLD_NAME: u8 = 10;
const NEW_NAME: u8 = 12;

/// What happened: several things, if they happened to the same name by the same process one after another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct What(u64);

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident: $bits:expr;)*) => {
        impl What {
            $($(#[$doc])* pub fn $name(self) -> bool { self.0 & ($bits) != 0 })*
        }
    };
}

bits! {
    /// Its content was changed.
    is_written: 0x2;
    /// Its owner, mode, times, links or other attributes were.
    is_attributes: 0x4;
    /// Somebody closed it who could have written.
    is_closed: 0x8;
    /// Somebody opened it, for whatever purpose.
    is_opened: 0x20;
    /// That name was made.
    is_created: 0x100;
    /// That name was removed.
    is_deleted: 0x200;
    /// It is gone itself, under its last name.
    is_gone: 0x400;
    /// It has another name or stands elsewhere.
    is_moved: 0x800;
    /// More happened than the kernel keeps.
    is_overflow: 0x4000;
    /// A name was given to what had another.
    is_renamed: 0x1000_0000;
    /// Something that the file itself tells, under whatever name: not what was done to a name.
    is_of_itself: 0x2 | 0x4 | 0x8 | 0x400 | 0x800;
    /// It may have another name, or none any more: another file may stand where it stood.
    is_replaced: 0x4 | 0x400 | 0x800;
    /// It is a directory.
    is_directory: 0x4000_0000;
}

/// A name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'b> {
    /// The directory.
    pub directory: Handle,
    /// The name; `.` is the directory itself.
    pub name: &'b OsStr,
}

/// One event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Event<'b> {
    /// What happened.
    pub what: What,
    /// The number of the process that did it; 0 if it cannot be seen from here.
    pub pid: u32,
    /// The descriptor that the kernel opened for it, or a negative number.
    pub(super) pidfd: i32,
    /// Where it happened.
    pub name: Option<Named<'b>>,
    /// Of a rename: the name before, if that directory is listened to.
    pub old: Option<Named<'b>>,
    /// Of a rename: the name after, if that directory is listened to.
    pub new: Option<Named<'b>>,
    /// The file itself.
    pub file: Option<Handle>,
}

/// Bytes that are no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The events in these bytes, up to the first that is none.
pub fn events(bytes: &[u8]) -> impl Iterator<Item = Result<Event<'_>, Malformed>> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest.take().filter(|bytes| !bytes.is_empty())?;
        match event(bytes) {
            Some((event, after)) => {
                rest = Some(after);
                Some(Ok(event))
            }
            None => Some(Err(Malformed)),
        }
    })
}

/// The first event, and what comes after it.
fn event(bytes: &[u8]) -> Option<(Event<'_>, &[u8])> {
    let length = usize::try_from(u32_at(bytes, 0)?).ok()?;
    let records = usize::from(u16_at(bytes, 6)?);
    if *bytes.get(4)? != VERSION || records < METADATA || length < records {
        return None;
    }
    let (whole, after) = bytes.split_at_checked(length)?;
    let what = What(u64::from_ne_bytes(array(whole, 8)?));
    // A thread of the kernel, or a process that has no number here, is 0; less would be a mistake.
    let pid = u32::try_from(i32::from_ne_bytes(array(whole, 20)?)).unwrap_or(0);
    let mut event = Event { what, pid, pidfd: -1, ..Event::default() };
    let mut rest = whole.get(records..)?;
    while !rest.is_empty() {
        let length = usize::from(u16_at(rest, 2)?);
        if length < HEADER {
            return None;
        }
        let (record, others) = rest.split_at_checked(length)?;
        match *record.first()? {
            FILE => event.file = Some(handle(record)?.0),
            NAME => event.name = Some(named(record)?),
            OLD_NAME => event.old = Some(named(record)?),
            NEW_NAME => event.new = Some(named(record)?),
            DIRECTORY => {
                event.name = Some(Named { directory: handle(record)?.0, name: OsStr::new(".") });
            }
            // The first counts: whoever takes descriptors over takes each once.
            PROCESS if event.pidfd < 0 => event.pidfd = i32::from_ne_bytes(array(record, HEADER)?),
            // Of a newer kernel.
            _ => {}
        }
        rest = others;
    }
    Some((event, after))
}

/// The handle in a record, and what comes after it.
fn handle(record: &[u8]) -> Option<(Handle, &[u8])> {
    let system = array(record, HEADER)?;
    let length = usize::try_from(u32_at(record, HEADER + 8)?).ok()?;
    let kind = i32::from_ne_bytes(array(record, HEADER + 12)?);
    let (bytes, after) = record.get(HANDLE..)?.split_at_checked(length)?;
    Some((Handle::new(system, kind, bytes), after))
}

fn named(record: &[u8]) -> Option<Named<'_>> {
    let (directory, after) = handle(record)?;
    let name = after.get(..after.iter().position(|byte| *byte == 0)?)?;
    Some(Named { directory, name: OsStr::from_bytes(name) })
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_ne_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_ne_bytes)
}
