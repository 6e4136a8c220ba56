//! What ends a tool that does not end by itself.

use tokio::signal::unix::{SignalKind, signal};

/// Waits until somebody asks the tool to end; says with which code it then ends, as a JVM does.
pub(super) async fn asked_to_end() -> std::io::Result<u8> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminated.recv() => 128 + 15,
        _ = interrupted.recv() => 128 + 2,
    })
}
