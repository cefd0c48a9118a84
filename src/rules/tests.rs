//! What must hold of loading and evaluating, whatever is shipped.
