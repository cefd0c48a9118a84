//! Rows in columns that fit the terminal; a cell that is too long goes on below itself. Knows nothing of what
//! the cells say.

use crate::cli::output::Output;
use crate::cli::style::{DIM, Styled};
use crate::cli::wrap::{Cut, width_of, width_of_line, wrap};
use std::io;

/// Between two columns.
const GAP: usize = 2;
/// No column gets narrower than this.
const NARROWEST: usize = 6;
/// A longer word is cut.
const LONGEST_WORD: usize = 30;

/// Rows in columns.
#[derive(Debug, Default)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Styled>>,
    indent: usize,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), ..Self::default() }
    }

    /// The table, moved to the right.
    pub(crate) fn indented(mut self, indent: usize) -> Self {
        self.indent = indent;
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Styled>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it.
    pub(crate) fn print(&self, to: &mut Output<'_>) -> io::Result<()> {
        let widths = self.widths(to.width().saturating_sub(self.indent));
        if !self.headings.is_empty() {
            let headings: Vec<_> = self.headings.iter().map(|heading| Styled::new(*heading, DIM)).collect();
            self.print_row(&headings, &widths, to)?;
        }
        self.rows.iter().try_for_each(|row| self.print_row(row, &widths, to))
    }

    /// As wide as the widest cell; where that is too wide together, the widest columns give way first, and none
    /// below its longest word as long as another can.
    fn widths(&self, room: usize) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0).max(self.headings.len());
        let mut widths: Vec<(usize, usize)> = (0..columns)
            .map(|column| {
                let heading = self.headings.get(column).map_or(0, |heading| heading.len());
                let cells = || self.rows.iter().filter_map(|row| row.get(column));
                let widest = cells().map(width_of_line).max().unwrap_or(0).max(heading);
                let word = cells().map(longest_word).max().unwrap_or(0).clamp(NARROWEST, LONGEST_WORD);
                (widest, word)
            })
            .collect();
        let room = room.saturating_sub(GAP * columns.saturating_sub(1));
        while widths.iter().map(|(width, _)| width).sum::<usize>() > room {
            let soft = widths.iter_mut().filter(|(width, word)| width > word).max();
            let widest = match soft {
                Some((width, _)) => width,
                None => {
                    match widths.iter_mut().map(|(width, _)| width).filter(|width| **width > NARROWEST).max()
                    {
                        Some(width) => width,
                        None => break,
                    }
                }
            };
            *widest -= 1;
        }
        widths.into_iter().map(|(width, _)| width).collect()
    }

    fn print_row(&self, row: &[Styled], widths: &[usize], to: &mut Output<'_>) -> io::Result<()> {
        let cells: Vec<Vec<Styled>> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| wrap(cell, (*width).max(1), 0, Cut::AtSpaces))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut whole = Styled::plain(" ".repeat(self.indent));
            let mut owed = 0;
            for (cell, width) in cells.iter().zip(widths) {
                let part = cell.get(line).cloned().unwrap_or_default();
                let used = width_of_line(&part);
                if used > 0 {
                    whole = whole.and(" ".repeat(owed));
                    owed = 0;
                    whole.0.extend(part.0);
                }
                owed += width.saturating_sub(used) + GAP;
            }
            to.unwrapped(&whole)?;
        }
        Ok(())
    }
}

fn longest_word(cell: &Styled) -> usize {
    let text: String = cell.0.iter().map(|span| span.text.as_str()).collect();
    text.split(' ').map(width_of).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(table: &Table, width: usize) -> String {
        let mut bytes = Vec::new();
        let mut output = Output::to(&mut bytes, width, false);
        table.print(&mut output).unwrap();
        drop(output);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn columns_line_up_and_leave_no_blanks_behind() {
        let mut table = Table::new(&["name", "scope"]).indented(1);
        table.row(["linear".into(), "user".into()]);
        table.row(["日本".into(), Styled::default()]);
        assert_eq!(printed(&table, 80), " name    scope\n linear  user\n 日本\n");
    }

    #[test]
    fn a_long_cell_goes_on_below_itself() {
        let mut table = Table::new(&[]);
        table.row([Styled::plain("a"), Styled::plain("one two three four"), Styled::plain("z\u{202e}")]);
        assert_eq!(printed(&table, 28), "a  one two three   z\\u{202e}\n   four\n");
    }
}
