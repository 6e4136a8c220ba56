use std::net::{SocketAddr, TcpStream};

use ottla_wire::messages::api_versions_request::ApiVersionsRequest;

use super::connection::Connection;
use crate::Result;

/// Opens connections, asks one question on each so that the server has given it all it gives, and leaves them open.
pub(crate) fn open(address: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let one = || {
        let mut connection = Connection::open(address)?;
        connection.ask(0, &ApiVersionsRequest::default())?;
        Ok(connection.stream)
    };
    (0..count).map(|_| one()).collect()
}
