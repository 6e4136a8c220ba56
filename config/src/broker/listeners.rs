//! Where a broker may listen: what this build cannot do, or what would let everybody in, is refused.

use super::{ConfigFileError, reader::Reader};
use crate::{Listener, SecurityProtocol};

impl Reader<'_> {
    pub(super) fn listeners(&self, name: &str) -> Result<Vec<Listener>, ConfigFileError> {
        let invalid =
            |why| ConfigFileError::Invalid(format!("Invalid value for configuration {name}: {why}"));
        self.list(name).iter().map(|text| Listener::parse(text).map_err(invalid)).collect()
    }

    /// One process is broker and controller at once; a part of a larger cluster is refused, never run as a whole one.
    pub(super) fn check_roles(&self) -> Result<(), ConfigFileError> {
        let roles = self.list("process.roles");
        let has = |role: &str| roles.iter().any(|one| one == role);
        if roles.is_empty() || has("broker") && has("controller") {
            return Ok(());
        }
        Err(ConfigFileError::Invalid(format!(
            "Invalid value {} for configuration process.roles: a node with one role is not supported yet; \
             broker,controller is",
            roles.join(",")
        )))
    }

    /// Each client listener with its protocol; what this build cannot speak is refused, never served in the clear.
    pub(super) fn check_protocols(
        &self,
        listeners: &[Listener],
        controllers: &[String],
    ) -> Result<(), ConfigFileError> {
        let map = self.list("listener.security.protocol.map");
        for listener in listeners.iter().filter(|listener| !controllers.contains(&listener.name)) {
            let mapped = map.iter().filter_map(|entry| entry.split_once(':'));
            let mapped = mapped.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(&listener.name));
            let protocol = mapped.map_or(listener.name.as_str(), |(_, protocol)| protocol);
            if SecurityProtocol::parse(protocol) != Some(SecurityProtocol::Plaintext) {
                return Err(ConfigFileError::Invalid(format!(
                    "Invalid value {listener} for configuration listeners: the security protocol `{protocol}` is \
                     not supported yet; PLAINTEXT is"
                )));
            }
            if !listener.is_loopback() && !self.flag("allow.insecure.listeners") {
                return Err(ConfigFileError::Invalid(format!(
                    "Invalid value {listener} for configuration listeners: it can be reached from other machines \
                     without authentication; bind it to 127.0.0.1 or set allow.insecure.listeners=true"
                )));
            }
        }
        Ok(())
    }

    /// A listener for all interfaces that tells clients a loopback address, as Kafka's sample file has it, is of use to
    /// this machine only, and is bound to nothing else.
    pub(super) fn narrow(
        &self,
        listener: &mut Listener,
        advertised: &[Listener],
        warnings: &mut Vec<String>,
    ) {
        let told = advertised.iter().find(|told| told.name == listener.name && told.is_loopback());
        let Some(told) = told.filter(|_| listener.host.is_empty()) else { return };
        if self.flag("allow.insecure.listeners") {
            return;
        }
        let host = if told.host == "localhost" { "127.0.0.1" } else { &told.host };
        warnings.push(format!(
            "{listener} is bound to {host} only, since clients are told {told}; allow.insecure.listeners=true binds it \
             to all interfaces"
        ));
        listener.host = host.to_owned();
    }
}
