//! The one way to a terminal: escapes, wraps, colours and writes. Knows nothing of what is said.
//!
//! A reader that went away (`mcpwatch events | head`) is no failure: what is left to say is dropped, and the
//! command ends with the exit code it would have had.

use crate::cli::shorten::shortened;
use crate::cli::style::{DIM, PLAIN, Styled};
use crate::cli::wrap::{Cut, wrap};
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;

/// Wider than this no line is easy to read.
const WIDEST: usize = 100;
/// What is assumed where nobody knows.
const USUAL: usize = 80;
/// Narrower than this nothing can be laid out.
const NARROWEST: usize = 40;

/// Where text goes, and how it looks there.
pub(crate) struct Output<'w> {
    to: Box<dyn Write + Send + 'w>,
    width: usize,
    colour: bool,
    closed: bool,
    shortened: bool,
}

impl<'w> Output<'w> {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        let stdout = io::stdout();
        let colour = wants_colour(anstream::AutoStream::choice(&stdout));
        let width = width(terminal_size::terminal_size_of(&stdout));
        Self::to(io::BufWriter::with_capacity(1 << 14, stdout), width, colour)
    }

    /// Standard output by a way of its own: whoever waits there for a reader holds up nobody else in this process.
    pub(crate) fn stdout_apart() -> Self {
        let stdout = io::stdout();
        let colour = wants_colour(anstream::AutoStream::choice(&stdout));
        let width = width(terminal_size::terminal_size_of(&stdout));
        match stdout.as_fd().try_clone_to_owned() {
            Ok(own) => Self::to(io::BufWriter::new(std::fs::File::from(own)), width, colour),
            Err(_) => Self::stdout(),
        }
    }

    /// Standard error. What is no terminal is a log or a script: its lines stay whole, so that they can be
    /// searched.
    pub(crate) fn stderr() -> Self {
        let stderr = io::stderr();
        let colour = wants_colour(anstream::AutoStream::choice(&stderr));
        let width = if stderr.is_terminal() || std::env::var_os("COLUMNS").is_some() {
            width(terminal_size::terminal_size_of(&stderr))
        } else {
            usize::MAX
        };
        Self::to(io::BufWriter::new(stderr), width, colour)
    }

    /// Any other place.
    pub(crate) fn to(to: impl Write + Send + 'w, width: usize, colour: bool) -> Self {
        Self { to: Box::new(to), width, colour, closed: false, shortened: false }
    }

    /// How many columns a line may have.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Whether the reader went away.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether something was left out since it would have filled the screen.
    pub(crate) fn is_shortened(&self) -> bool {
        self.shortened
    }

    /// Says that the caller left something out for the same reason.
    pub(crate) fn leave_out(&mut self, what: &str) -> io::Result<()> {
        self.shortened = true;
        self.line(Styled::new(what, DIM), 4)
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) -> io::Result<()> {
        self.put("\n")
    }

    /// A line of prose, wrapped at spaces with a hanging indent.
    pub(crate) fn line(&mut self, line: impl Into<Styled>, hanging: usize) -> io::Result<()> {
        self.wrapped(&line.into(), hanging, Cut::AtSpaces)
    }

    /// A line of evidence, wrapped so that nothing of it is lost.
    pub(crate) fn evidence(&mut self, line: &Styled, hanging: usize) -> io::Result<()> {
        self.wrapped(line, hanging, Cut::Anywhere)
    }

    /// A line that a machine or another program's parser reads: escaped, never wrapped.
    pub(crate) fn unwrapped(&mut self, line: &Styled) -> io::Result<()> {
        self.wrapped_at(line, usize::MAX, 0, Cut::Anywhere)
    }

    /// A value as JSON on one line.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = crate::cli::json::line(value)?;
        self.put(&text)?;
        self.put("\n")
    }

    /// A document that is JSON on one line already.
    pub(crate) fn document_line(&mut self, document: &str) -> io::Result<()> {
        self.put(&crate::cli::json::visible(document))?;
        self.put("\n")
    }

    /// A value as JSON, indented for people.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = crate::cli::json::pretty(value)?;
        self.put(&text)?;
        self.put("\n")
    }

    /// Bytes of our own making, such as a manual page.
    pub(crate) fn verbatim(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let written = self.to.write_all(bytes);
        self.tolerate(written)
    }

    /// Sends everything on its way.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.to.flush();
        self.tolerate(flushed)
    }

    fn wrapped(&mut self, line: &Styled, hanging: usize, cut: Cut) -> io::Result<()> {
        self.wrapped_at(line, self.width, hanging, cut)
    }

    fn wrapped_at(&mut self, line: &Styled, width: usize, hanging: usize, cut: Cut) -> io::Result<()> {
        let short = shortened(line);
        self.shortened |= short.is_some();
        for part in wrap(short.as_ref().unwrap_or(line), width, hanging, cut) {
            for span in part.0 {
                if self.colour && span.style != PLAIN {
                    self.put(&format!("{}{}{}", span.style.render(), span.text, span.style.render_reset()))?;
                } else {
                    self.put(&span.text)?;
                }
            }
            self.put("\n")?;
        }
        Ok(())
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.verbatim(text.as_bytes())
    }

    fn tolerate(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        // NOTE(ignored): a caller that cares flushes and looks.
        let _ = self.flush();
    }
}

fn wants_colour(choice: anstream::ColorChoice) -> bool {
    !matches!(choice, anstream::ColorChoice::Never)
}

fn width(terminal: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    told.or(terminal.map(|(width, _)| usize::from(width.0))).unwrap_or(USUAL).clamp(NARROWEST, WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::style::{BAD, STRONG};

    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let mut output = Output::to(Gone, 80, false);
        assert!(output.line("hello", 0).is_ok());
        assert!(output.is_closed() && output.flush().is_ok());
    }

    #[test]
    fn colour_is_left_out_where_it_is_not_wanted() {
        let say = |colour| {
            let mut bytes = Vec::new();
            let mut output = Output::to(&mut bytes, 80, colour);
            output.line(Styled::new("a\u{1b}[31m", BAD).then("b", STRONG), 0).unwrap();
            drop(output);
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(say(false), "a\\u{1b}[31mb\n");
        assert!(say(true).contains("\u{1b}[1m") && !say(true).contains("\u{1b}[31mb"));
    }
}
