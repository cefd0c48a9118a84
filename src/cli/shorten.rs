//! Giant values made short for people: whoever wrote the file decides how long a value is. What is left out is
//! counted where it was, never left out in silence. Knows nothing of terminals.

use crate::cli::style::{DIM, Span, Styled};

/// The most characters of one line that are shown.
const MOST: usize = 2_000;
/// How many of them are its end, which says where a path or a URL leads.
const TAIL: usize = 400;

/// The line with its middle left out, when it is too long.
pub(crate) fn shortened(line: &Styled) -> Option<Styled> {
    // Bytes bound characters, and are known without a look at them.
    if line.0.iter().map(|span| span.text.len()).sum::<usize>() <= MOST {
        return None;
    }
    let length: usize = line.0.iter().map(|span| span.text.chars().count()).sum();
    let left_out = length.checked_sub(MOST).filter(|count| *count > 0)?;
    let (from, to) = (MOST - TAIL, MOST - TAIL + left_out);
    let mut short = Styled::default();
    let mut at = 0;
    for span in &line.0 {
        let (start, end) = (at, at + span.text.chars().count());
        at = end;
        if start < from {
            short = short.then(part(span, 0, from - start), span.style);
        }
        if start <= from && from < end {
            short = short.then(format!(" …{left_out} characters left out… "), DIM);
        }
        if end > to {
            short = short.then(part(span, to.saturating_sub(start), usize::MAX), span.style);
        }
    }
    Some(short)
}

fn part(span: &Span, from: usize, to: usize) -> String {
    span.text.chars().skip(from).take(to.saturating_sub(from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::style::{BAD, STRONG};
    use proptest::prelude::*;

    fn text(line: &Styled) -> String {
        line.0.iter().map(|span| span.text.as_str()).collect()
    }

    #[test]
    fn the_middle_goes_and_is_counted() {
        let long = Styled::new("a".repeat(10), BAD).then("é".repeat(5_000), STRONG).and("the end");
        let short = text(&shortened(&long).unwrap());
        assert!(short.starts_with("aaaaaaaaaaé") && short.ends_with("éthe end"), "{short}");
        assert!(short.contains(" …3017 characters left out… "), "{short}");
    }

    proptest! {
        #[test]
        fn what_is_left_stands_where_it_stood(parts in prop::collection::vec("[aé]{0,900}", 0..6)) {
            let line = parts.iter().fold(Styled::default(), |line, part| line.and(part.as_str()));
            let whole = text(&line);
            match shortened(&line) {
                None => prop_assert!(whole.chars().count() <= MOST),
                Some(short) => {
                    let note = format!(" …{} characters left out… ", whole.chars().count() - MOST);
                    let short = text(&short);
                    let (head, tail) = short.split_once(&note).unwrap();
                    prop_assert!(whole.starts_with(head) && whole.ends_with(tail));
                    prop_assert_eq!((head.chars().count(), tail.chars().count()), (MOST - TAIL, TAIL));
                }
            }
        }
    }
}
