//! What of the heap is given back to the system. Must not know what was kept there.
#![allow(
    unsafe_code,
    reason = "no crate has these calls; each is wrapped alone, with the reason why it is sound"
)]

/// Gives back the pages of the heap on which nothing is kept any more. Reading a home whole leaves several times as much
/// behind as is kept of it, in holes that the allocator would hold on to. Takes milliseconds: for when nobody waits.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back() {
    // SAFETY: takes no pointer and moves nothing that is in use; it takes the allocator's own locks, from any thread.
    let is_less = unsafe { libc::malloc_trim(0) } == 1;
    tracing::trace!(is_less, "unused memory was given back");
}

/// Joins what is given back with its neighbours at once. The allocator would put that off until somebody wants a large
/// piece, and who wants one may be in a hurry: it is a file that has just changed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn join_at_once() {
    // SAFETY: takes numbers only, and the allocator's own locks.
    let is_so = unsafe { libc::mallopt(libc::M_MXFAST, 0) } == 1;
    tracing::trace!(is_so, "small pieces of memory are joined at once");
}

/// Other allocators have no such habit.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn join_at_once() {}

/// Other allocators give back by themselves, or not at all.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
