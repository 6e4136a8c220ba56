//! The HTTP port: `/metrics` for Prometheus, `/health` for "is it alive", `/ready` for "does it serve clients".

use std::{future::Future, io, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio::net::TcpListener;

use crate::metrics::Metrics;

/// What Prometheus wants to be told about the format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves until `stop` resolves.
///
/// # Errors
/// The listener failed for good.
pub async fn serve(
    listener: TcpListener,
    metrics: Arc<Metrics>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(metrics)).with_graceful_shutdown(stop).await
}

fn router(metrics: Arc<Metrics>) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .route("/health", get(|| async { "alive\n" }))
        .route("/ready", get(ready))
        .with_state(metrics)
}

async fn scrape(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, OPEN_METRICS)], metrics.encode())
}

async fn ready(State(metrics): State<Arc<Metrics>>) -> impl IntoResponse {
    match metrics.ready() {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        sync::oneshot,
    };

    use crate::metrics::{Metrics, Snapshot, Source};

    #[derive(Default)]
    struct Switch(AtomicBool);

    impl Source for Switch {
        fn snapshot(&self) -> Snapshot {
            Snapshot::default()
        }

        fn ready(&self) -> Result<(), String> {
            if self.0.load(Ordering::SeqCst) { Ok(()) } else { Err("logs are being loaded".into()) }
        }
    }

    async fn get(address: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn the_port_answers_and_stops() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (source, (stop, stopped)) = (Arc::new(Switch::default()), oneshot::channel::<()>());
        let metrics = Arc::new(Metrics::new());
        let server = tokio::spawn(super::serve(listener, Arc::clone(&metrics), async move {
            let _ = stopped.await;
        }));
        assert!(get(address, "/health").await.starts_with("HTTP/1.1 200"));
        assert!(get(address, "/ready").await.starts_with("HTTP/1.1 503"), "nothing is attached yet");
        metrics.attach(Arc::<Switch>::clone(&source));
        let answer = get(address, "/ready").await;
        assert!(
            answer.starts_with("HTTP/1.1 503") && answer.ends_with("logs are being loaded\n"),
            "{answer}"
        );
        source.0.store(true, Ordering::SeqCst);
        assert!(get(address, "/ready").await.starts_with("HTTP/1.1 200"));
        let answer = get(address, "/metrics").await;
        assert!(answer.contains("openmetrics-text") && answer.contains("ottla_connections 0"), "{answer}");
        assert!(get(address, "/../etc/passwd").await.starts_with("HTTP/1.1 404"));
        stop.send(()).unwrap();
        server.await.unwrap().unwrap();
    }
}
