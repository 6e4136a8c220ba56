//! The derive behind ottla-wire's messages.
//!
//! `#[derive(Message)]` turns a struct into its codec: decode, encode, default values and a description that tests
//! compare with the official schemas.
//!
//! ```text
//! #[derive(Debug, Clone, PartialEq, Message)]
//! #[message(request, key = Heartbeat, versions = 0..=4, flexible = 4, response = HeartbeatResponse)]
//! pub struct HeartbeatRequest {
//!     pub group_id: Str,
//!     #[field(versions = 3.., nullable, ignorable)]
//!     pub group_instance_id: Option<Str>,
//! }
//! ```
//!
//! On the struct: `request`, `response` or `data` for a message of its own (nothing for a part of one), `key`,
//! `versions`, `flexible` (the first flexible version, absent for never), `response` (the answering type).
//! On a field: `versions`, `nullable` (alone: always), `tag = N`, `tagged = RANGE`, `ignorable`, `default = EXPR`.

mod attributes;
mod expand;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// See the crate's documentation.
#[proc_macro_derive(Message, attributes(message, field))]
pub fn message(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
