//! Listeners, connections, frames, memory budget.
