//! JSON documents read as the client reads them, the big rest skipped.
