//! Numbers, of which there is mostly one: thousands of these are kept. Knows nothing of what is numbered.

/// Numbers in the order in which they came.
#[derive(Debug, Default)]
pub(super) enum Ends {
    /// None.
    #[default]
    None,
    /// The usual case.
    One(u32),
    /// Two or more.
    #[allow(clippy::box_collection, reason = "a vector would make every one of them half as large again")]
    Many(Box<Vec<u32>>),
}

impl Ends {
    /// Takes in another one.
    pub(super) fn push(&mut self, number: u32) {
        match self {
            Self::None => *self = Self::One(number),
            Self::One(first) => *self = Self::Many(Box::new(vec![*first, number])),
            Self::Many(numbers) => numbers.push(number),
        }
    }

    /// All of them.
    pub(super) fn as_slice(&self) -> &[u32] {
        match self {
            Self::None => &[],
            Self::One(number) => std::slice::from_ref(number),
            Self::Many(numbers) => numbers,
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_in_order_and_small() {
        let mut ends = Ends::default();
        assert!(ends.is_empty() && ends.as_slice().is_empty());
        for number in 0..3 {
            ends.push(number);
        }
        assert_eq!(ends.as_slice(), [0, 1, 2]);
        assert!(!ends.is_empty() && size_of::<Ends>() == 16);
    }
}
