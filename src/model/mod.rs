//! The nouns: what the product speaks of, with no knowledge of files, threads or terminals.
