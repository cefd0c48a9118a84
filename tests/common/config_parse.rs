//! What must hold for a configuration file of any bytes. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::config::parse;

/// Parses the bytes; every problem has a place in the text.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Err(problems) = parse(&text) else { return };
    assert!(!problems.is_empty(), "what is refused has a reason");
    for problem in problems {
        let line = text.split('\n').nth(problem.line - 1).expect("the line is there");
        assert!((1..=line.chars().count() + 1).contains(&problem.column), "{problem} is outside of its line");
        assert!(!problem.sentence.is_empty());
    }
}
