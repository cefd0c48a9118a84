//! The palette, and text that carries it. Knows nothing of terminals: whether colour is wanted is decided
//! where a line is written.

use crate::model::level::Level;
use anstyle::{AnsiColor, Color, Effects, Style};

/// What is not said in any particular tone.
pub(crate) const PLAIN: Style = Style::new();
/// Names and headings.
pub(crate) const STRONG: Style = Style::new().bold();
/// What is there for orientation only.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A command to type.
pub(crate) const COMMAND: Style = coloured(AnsiColor::Cyan);
/// All is well.
pub(crate) const GOOD: Style = coloured(AnsiColor::Green);
/// Look at this.
pub(crate) const WARN: Style = coloured(AnsiColor::Yellow);
/// This is wrong.
pub(crate) const BAD: Style = coloured(AnsiColor::Red).bold();
/// A line that should be there.
pub(crate) const REMOVED: Style = coloured(AnsiColor::Red);
/// A line that is there.
pub(crate) const ADDED: Style = coloured(AnsiColor::Green);
/// A character that was made visible.
pub(crate) const ESCAPED: Style = coloured(AnsiColor::Magenta).invert();

const fn coloured(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// The words of a line that changed.
pub(crate) fn emphasised(style: Style) -> Style {
    style.bold().underline()
}

/// The tone of a level.
pub(crate) fn of_level(level: Level) -> Style {
    match level {
        Level::Critical => coloured(AnsiColor::Red).bold().invert(),
        Level::High => coloured(AnsiColor::Red).bold(),
        Level::Medium => coloured(AnsiColor::Yellow),
        Level::Low => coloured(AnsiColor::Cyan),
        Level::Informational => DIM,
    }
}

/// The tone of a level's name that stands in a column of such names.
pub(crate) fn in_column(level: Level) -> Style {
    let style = of_level(level);
    style.effects(style.get_effects().remove(Effects::INVERT))
}

/// A stretch of text in one tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The text as it is, hostile or not.
    pub(crate) text: String,
    /// Its tone.
    pub(crate) style: Style,
}

/// One line of text in several tones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Styled(pub(crate) Vec<Span>);

impl Styled {
    /// A line that says `text` in no particular tone.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self::default().then(text, PLAIN)
    }

    /// A line that says `text` in one tone.
    pub(crate) fn new(text: impl Into<String>, style: Style) -> Self {
        Self::default().then(text, style)
    }

    /// The line, followed by `text`.
    pub(crate) fn then(mut self, text: impl Into<String>, style: Style) -> Self {
        self.0.push(Span { text: text.into(), style });
        self
    }

    /// The line, followed by `text` in no particular tone.
    pub(crate) fn and(self, text: impl Into<String>) -> Self {
        self.then(text, PLAIN)
    }
}

impl From<&str> for Styled {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Styled {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}
