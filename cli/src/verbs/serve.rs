//! Running a broker in the foreground until somebody stops it.

use std::{sync::Arc, time::Instant};

use ottla_broker::RunningBroker;
use ottla_config::BrokerConfig;
use ottla_disk::{Disk, RealDisk};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::{Failure, say::announce};

/// Runs until SIGINT or SIGTERM, then stops cleanly.
pub(super) fn serve(config: BrokerConfig, began: Instant) -> Result<(), Failure> {
    let filter = EnvFilter::try_from_env("OTTLA_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // What cannot be logged is lost: a closed stream must not end a broker.
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    logs.with_target(false).log_internal_errors(false).init();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads()).enable_all().build()?;
    runtime.block_on(async {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let mut terminate = signal(SignalKind::terminate())?;
        let broker = RunningBroker::start(config, disk).await?;
        let took = began.elapsed().as_secs_f64();
        let kafka =
            broker.addresses().into_iter().map(|(_, at)| format!("ready in {took:.2} s   kafka {at}"));
        let http = broker.http_address();
        let metrics = http.map(|at| format!("                  metrics http://{at}/metrics"));
        announce(&kafka.chain(metrics).collect::<Vec<_>>());
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
            why = broker.failed() => {
                // Nothing is closed: what a failed disk holds is for the next start to find out.
                return Err(format!("the broker cannot go on and ends: {why}").into());
            }
        }
        broker.shutdown().await?;
        Ok(())
    })
}

/// Threads for each core. Where memory is short the system lets a write wait until the disk has taken some, and the write keeps its
/// thread meanwhile: with one for each core two large writes would stop everybody else.
const THREADS_PER_CORE: usize = 2;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from) * THREADS_PER_CORE
}
