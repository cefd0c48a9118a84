//! Places in a document as lines. Counts from the start once, however many places are asked for in order.

/// Turns byte offsets into line numbers.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text: text.as_bytes(), offset: 0, line: 1 }
    }

    /// The line (from 1) of `offset`. Cheap when offsets come in growing order.
    pub(super) fn at(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let between = self.text.get(self.offset..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count();
        self.offset = offset.max(self.offset);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_forwards_and_backwards() {
        let mut lines = Lines::of("a\nb\nc");
        assert_eq!([4, 0, 2, 1, 99].map(|offset| lines.at(offset)), [3, 1, 2, 1, 1]);
    }
}
