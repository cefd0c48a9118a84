//! What must hold when any words stand around a secret: the text reveals exactly what was read, and what is shown
//! of it never holds the secret. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::json::{Shape, decode, entry, read};
use mcpwatch::model::digest::Key;
use mcpwatch::model::masking::{mask_arguments, mask_command_line, mask_url, mask_value};
use mcpwatch::model::text::Text;

/// What must not be shown.
const SECRET: &str = "s3cReT9qZ4vLw7Xk2Jd8PmHb";

/// Masks what stands before and behind a line break, alone and around a secret.
pub(crate) fn check(bytes: &[u8]) {
    let all = String::from_utf8_lossy(bytes);
    if all.contains(&SECRET[..8]) {
        return; // a fuzzer that has found it by itself may write it where nothing is secret
    }
    for (masked, raw) in [(mask_value(&all), &all), (mask_url(&all), &all), (mask_command_line(&all), &all)] {
        assert_eq!(masked.reveal(), **raw);
    }
    let words: Vec<&str> = all.split(' ').collect();
    let masked = mask_arguments(words.first().copied().unwrap_or_default(), &words);
    assert!(masked.iter().map(Text::reveal).eq(words.iter().copied()));

    // A reference is shown, its name included: without `$` there is none.
    let free = all.replace('$', "S");
    let (before, behind) = free.split_once('\n').unwrap_or((&free, ""));
    hides(&mask_value(&format!("{before}{SECRET}{behind}")));
    hides(&mask_value(&format!("Bearer {SECRET}{behind}")));
    hides(&mask_url(&format!("https://h.example/p?{}={SECRET}{behind}", before.replace(['#', '&'], "_"))));
    hides(&mask_url(&format!("https://h.example/p#{before}{SECRET}{behind}")));
    let name = before.replace(['/', '\\', '?', '#', '@'], "_");
    hides(&mask_url(&format!("https://{name}:{SECRET}@h.example/{}", behind.replace('@', "_"))));
    hides(&mask_command_line(&format!("{before} --token {SECRET} {behind}")));
    hides(&mask_command_line(&format!("{before} --api-key={SECRET} {behind}")));
    let mut words: Vec<&str> = before.split(' ').collect();
    words.extend(["--token", SECRET]);
    words.extend(behind.split(' '));
    for text in mask_arguments(words[0], &words) {
        hides(&text);
    }
    of_entry(&before.replace(['"', '\\'], "_"), &behind.replace(['"', '\\'], "_"));
}

/// An entry with the secret wherever one may stand.
fn of_entry(before: &str, behind: &str) {
    let document = format!(
        r#"{{"type":"http","url":"https://h.example/?k={SECRET}{behind}","headers":{{"X-{before}":"{before}{SECRET}{behind}"}},
        "command":"{before} --token {SECRET} {behind}","args":["--token","{SECRET}{behind}","{before}"],
        "env":{{"{before}":"{SECRET}"}},"oauth":{{"clientSecret":"{before}{SECRET}{behind}","x{before}":"{SECRET}"}},
        "x{before}":{{"deep":["{before}{SECRET}{behind}"]}}}}"#
    );
    let text = decode(document.as_bytes());
    let Ok(document) = read(text.as_str(), &Shape::Whole) else { return };
    let entry = entry::entry(&document.root).expect("it is an object");
    let shown = entry.to_value().shown(&Key::from_bytes([7; 32])).to_string();
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!format!("{entry:?}").contains(SECRET));
}

fn hides(text: &Text) {
    let shown = text.shown(&Key::from_bytes([7; 32]));
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(!format!("{text:?}").contains(SECRET));
}
