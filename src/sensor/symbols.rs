//! Names by number: the same few stand in thousands of directories. Knows nothing of where.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::sync::Arc;

/// The number of a name.
pub(super) type Symbol = u32;

/// All names.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    numbers: HashMap<Arc<OsStr>, Symbol>,
    names: Vec<Arc<OsStr>>,
}

impl Symbols {
    /// The number of that name, a new one if it is new.
    pub(super) fn add(&mut self, name: &OsStr) -> Symbol {
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        // Each path has a bounded number of steps, and a path that is asked for takes more room than its number.
        let symbol = Symbol::try_from(self.names.len()).unwrap_or(Symbol::MAX);
        let name: Arc<OsStr> = name.into();
        self.names.push(Arc::clone(&name));
        self.numbers.insert(name, symbol);
        symbol
    }

    /// The number of that name, if it is known.
    pub(super) fn get(&self, name: &OsStr) -> Option<Symbol> {
        self.numbers.get(name).copied()
    }

    /// The name with that number.
    pub(super) fn spell(&self, symbol: Symbol) -> &OsStr {
        self.names.get(symbol as usize).map_or(OsStr::new(""), |name| name)
    }
}
