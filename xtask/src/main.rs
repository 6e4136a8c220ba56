//! House tasks of Ottla.

fn main() {}
