//! Writes the list of all messages.

use std::fmt::Write;

use super::{
    rust::{api_name, snake},
    schema::{Kind, Message},
};

/// `catalog/list.rs`: one row per message, given with the folder it lies in.
pub(crate) fn list(messages: &[(String, &Message)]) -> String {
    let mut rows = String::new();
    for (folder, message) in messages {
        let path =
            format!("crate::{}::{}::{}", folder.replace('/', "::"), snake(&message.name), message.name);
        let role = match message.kind {
            Kind::Request => format!("Role::Request(ApiKey::{})", api_name(message)),
            Kind::Response => format!("Role::Response(ApiKey::{})", api_name(message)),
            Kind::Data | Kind::Header => "Role::Data".into(),
        };
        let _ = writeln!(rows, "    MessageType::of::<{path}>({role}),");
    }
    format!(
        "use super::{{MessageType, Role}};\nuse crate::ApiKey;\n\n\
         /// Every message of this crate.\npub(super) const ALL: &[MessageType] = &[\n{rows}];\n"
    )
}
