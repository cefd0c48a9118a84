//! One member of any document set and removed: no panic, and what is given out says what was wanted.

use mcpwatch::json::{Shape, decode, read};
use mcpwatch::splice::{Change, splice};

/// The value that is put in.
const VALUE: &str = "{\"command\": \"c\",\n \"args\": []}";

/// The document is what follows the first line, which names the path; without one it is all of it.
pub(crate) fn check(bytes: &[u8]) {
    let (line, document) = match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (&b"mcpServers/x"[..], bytes),
    };
    let line = String::from_utf8_lossy(line);
    let path: Vec<&str> = line.split('/').collect();
    let is_document = read(decode(document).as_str(), &Shape::Skip).is_ok();
    for change in [Change::Set(VALUE), Change::Remove] {
        let Ok(spliced) = splice(document, &path, change) else { continue };
        assert!(is_document || decode(document).as_str().trim().is_empty());
        let again = splice(&spliced.bytes, &path, change).expect("what was given out is taken");
        assert_eq!((again.bytes == spliced.bytes, again.changed), (true, 0));
        let other = [path.as_slice(), &["‹other›"]].concat();
        if change == Change::Remove && path.len() > 1 {
            // What stood there is gone, so nothing stands below it.
            let below = splice(&spliced.bytes, &other, Change::Remove).expect("nothing is in the way");
            assert_eq!(below.changed, 0);
        }
    }
}
