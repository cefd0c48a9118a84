//! An order carried out with the file owner's own rights and no others: in this process where they are ours, else in
//! one that has them. Must not know how that one is made.

use super::mend::{Mended, mend};
use super::order::Order;
use crate::host::clock::Clock;
use crate::host::{accounts, deputy};

/// What this program is asked to do in a deputy.
pub const COMMAND: &str = "mend-file";
/// No order is longer: of one entry that is put back as it was.
const CAP: u64 = 64 << 20;

/// Carries out an order, as the owner of the file.
///
/// # Errors
/// Why it was not done: one sentence without a secret.
pub fn carry_out(order: &Order, clock: &dyn Clock) -> Result<Mended, String> {
    let own = accounts::own_uid();
    if own == order.owner || own != 0 {
        return mend(order, clock);
    }
    let account = accounts::by_uid(order.owner);
    let gid = account.map_or(order.owner, |account| account.gid);
    let failed = |why: String| format!("not changed, since what acts for its owner {why}");
    let input =
        serde_json::to_vec(order).map_err(|error| failed(format!("cannot be told what to do: {error}")))?;
    let answer = deputy::ask(COMMAND, order.owner, gid, input).map_err(|error| match error.kind() {
        std::io::ErrorKind::TimedOut => failed("does not answer: a file system may hang".to_owned()),
        _ => failed(format!("cannot be started: {error}")),
    })?;
    serde_json::from_slice(&answer).map_err(|_| failed("ended without an answer".to_owned()))?
}

/// Carries out the order on standard input, in a deputy; gives the answer.
///
/// # Errors
/// When there is no order.
pub fn act(clock: &dyn Clock) -> std::io::Result<Vec<u8>> {
    let order: Order = serde_json::from_slice(&deputy::asked(CAP)?)?;
    Ok(serde_json::to_vec(&mend(&order, clock))?)
}
