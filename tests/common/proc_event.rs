//! What must hold of any bytes that come from the process connector: no panic, and what is read is one whole message,
//! not less and not more. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::host::proc_connector::parse;

/// Reads bytes as a message.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(event) = parse(bytes) else { return };
    assert_eq!(parse(bytes), Ok(event));
    let length = u32::from_ne_bytes(bytes[..4].try_into().unwrap()) as usize;
    assert!(length <= bytes.len());
    assert!(parse(&bytes[..length - 1]).is_err(), "less than it says");
    let more = [bytes, &[0; 4]].concat();
    assert!(parse(&more).is_err(), "more than it says");
}
