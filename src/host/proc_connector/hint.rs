//! A second socket of the process connector, which wakes whoever waits: the kernel puts a program that was run into
//! it, and of everything else a few. What is read is read from the other one. Must not know what is read.
//!
//! To be woken costs a process more than to be heard of: a fork and its end can wait, what was run cannot. The few
//! keep the other queue short, whatever fills it.
#![allow(
    unsafe_code,
    reason = "no crate attaches a filter; the one call is wrapped alone, with the reason why it is sound"
)]

use rustix::fd::{AsRawFd as _, OwnedFd};
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

/// Where an event says what happened, behind the two headers.
const WHAT: u32 = 36;
/// The lowest byte of its time, in nanoseconds: nobody can choose that.
const CHANCE: u32 = if cfg!(target_endian = "little") { 44 } else { 51 };
/// A program was run.
const EXEC: u32 = 2_u32.to_be();
/// Of 256 values of that byte so many wake; where the other queue is short, so many.
pub(super) const SELDOM: u32 = 4;
pub(super) const OFTEN: u32 = 48;
/// How much of a datagram is kept: as much as there is, or nothing, and then it is dropped.
const ALL: u32 = u32::MAX;
const NONE: u32 = 0;

/// The filter: what happened, and else the chance.
fn program(waking: u32) -> [libc::sock_filter; 6] {
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, WHAT),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 2, 0, EXEC),
        step(libc::BPF_LD | libc::BPF_B | libc::BPF_ABS, 0, 0, CHANCE),
        step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 1, 0, waking),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, ALL),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, NONE),
    ]
}

/// Lets nothing else into that socket.
pub(super) fn only_hints(socket: &OwnedFd, waking: u32) -> Result<(), Errno> {
    let mut steps = program(waking);
    let whole = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: the program and its steps outlive the call, which copies them, and the size is that of the program.
    let done = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const whole).cast(),
            size_of_val(&whole) as libc::socklen_t,
        )
    };
    if done < 0 {
        return Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO));
    }
    Ok(())
}

/// Takes all hints out.
pub(super) fn empty(socket: &OwnedFd) {
    // What does not fit is cut, and that its queue was full does not matter: who was woken looks for himself.
    while matches!(
        recv(socket, &mut [0_u8; 4], RecvFlags::DONTWAIT),
        Ok(_) | Err(Errno::INTR | Errno::NOBUFS)
    ) {}
}
