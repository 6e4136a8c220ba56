//! Writes the impls.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Ident, Result};

use crate::attributes::{Field, Kind, MessageAttribute, Versions};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "messages are structs"));
    };
    let message = MessageAttribute::parse(&input.attrs)?;
    let fields = data.fields.iter().map(Field::parse).collect::<Result<Vec<_>>>()?;
    let name = &input.ident;
    let default = default_impl(name, &fields);
    let field = field_impl(name, &message, &fields);
    let top = top_impl(name, &message, &fields)?;
    Ok(quote! { #default #field #top })
}

fn default_impl(name: &Ident, fields: &[Field]) -> TokenStream {
    let values = fields.iter().map(|field| {
        let name = &field.name;
        let value = default_value(field);
        quote! { #name: #value }
    });
    quote! {
        impl ::core::default::Default for #name {
            fn default() -> Self {
                Self { #(#values),* }
            }
        }
    }
}

fn default_value(field: &Field) -> TokenStream {
    match &field.default {
        Some(value) => quote! { (#value) },
        None => quote! { ::core::default::Default::default() },
    }
}

fn field_impl(name: &Ident, message: &MessageAttribute, fields: &[Field]) -> TokenStream {
    let nullable = nullable_impl(name);
    let reads = fields.iter().filter_map(|field| read_plain(message, field));
    let tags_read = read_tags(fields);
    let writes = fields.iter().map(|field| write_plain(message, field));
    let tags_written = write_tags(fields);
    let minimum =
        fields.iter().filter(|field| field.always_plain() && field.versions == Versions::ALL).map(|field| {
            let kind = &field.kind;
            quote! { <#kind as ::ottla_wire::codec::Field>::MIN_SIZE }
        });
    let schema = schema(name, fields);
    quote! {
        impl ::ottla_wire::codec::Field for #name {
            const MIN_SIZE: usize = 0 #(+ #minimum)*;

            #[allow(unused_variables, reason = "structs without fields, or without version rules")]
            fn read(
                r: &mut ::ottla_wire::Reader,
                ctx: ::ottla_wire::codec::Ctx,
            ) -> ::core::result::Result<Self, ::ottla_wire::DecodeError> {
                #[allow(unused_mut, reason = "structs without fields")]
                let mut this = Self::default();
                #(#reads)*
                #tags_read
                Ok(this)
            }

            #[allow(unused_variables, reason = "structs without fields, or without version rules")]
            fn write(
                &self,
                w: &mut ::ottla_wire::Writer,
                ctx: ::ottla_wire::codec::Ctx,
            ) -> ::core::result::Result<(), ::ottla_wire::EncodeError> {
                #(#writes)*
                #tags_written
                Ok(())
            }

            #schema
        }

        #nullable
    }
}

/// A struct that may be null: a byte says so, among tags the length of what follows.
fn nullable_impl(name: &Ident) -> TokenStream {
    quote! {
        impl ::ottla_wire::codec::Nullable for #name {
            fn read_nullable(
                r: &mut ::ottla_wire::Reader,
                ctx: ::ottla_wire::codec::Ctx,
            ) -> ::core::result::Result<Option<Self>, ::ottla_wire::DecodeError> {
                if r.i8()? < 0 {
                    return Ok(None);
                }
                <Self as ::ottla_wire::codec::Field>::read(r, ctx).map(Some)
            }

            fn write_nullable(
                value: Option<&Self>,
                w: &mut ::ottla_wire::Writer,
                ctx: ::ottla_wire::codec::Ctx,
            ) -> ::core::result::Result<(), ::ottla_wire::EncodeError> {
                match value {
                    None => w.u8(0xff),
                    Some(value) => {
                        w.u8(1);
                        ::ottla_wire::codec::Field::write(value, w, ctx)?;
                    }
                }
                Ok(())
            }

            fn read_nullable_tagged(
                r: &mut ::ottla_wire::Reader,
                ctx: ::ottla_wire::codec::Ctx,
            ) -> ::core::result::Result<Option<Self>, ::ottla_wire::DecodeError> {
                if r.unsigned_varint()? == 0 {
                    return Ok(None);
                }
                <Self as ::ottla_wire::codec::Field>::read(r, ctx).map(Some)
            }

            fn write_nullable_tagged(
                value: Option<&Self>,
                w: &mut ::ottla_wire::Writer,
                ctx: ::ottla_wire::codec::Ctx,
            ) -> ::core::result::Result<(), ::ottla_wire::EncodeError> {
                match value {
                    None => w.unsigned_varint(0),
                    Some(value) => {
                        w.unsigned_varint(1);
                        ::ottla_wire::codec::Field::write(value, w, ctx)?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// The versions in which a field stands among the others: its own without those in which it is tagged.
fn plain_versions(field: &Field) -> Versions {
    match field.tag {
        None => field.versions,
        Some((_, tagged)) if tagged.covers(field.versions) => Versions::NONE,
        Some((_, tagged)) => Versions { min: field.versions.min, max: tagged.min - 1 },
    }
}

fn condition(versions: Versions) -> TokenStream {
    let Versions { min, max } = versions;
    quote! { ctx.has(#min, #max) }
}

fn read_plain(message: &MessageAttribute, field: &Field) -> Option<TokenStream> {
    let versions = plain_versions(field);
    if versions == Versions::NONE {
        return None;
    }
    let name = &field.name;
    let text = name.to_string();
    let null_check = nullable_sometimes(field).then(|| {
        let allowed = condition(field.nullable);
        quote! {
            if this.#name.is_none() && !#allowed {
                return Err(::ottla_wire::DecodeError::UnexpectedNull { field: #text, version: ctx.version });
            }
        }
    });
    let read = quote! {
        this.#name = ::ottla_wire::codec::Field::read(r, ctx)?;
        #null_check
    };
    if message.kind != Kind::Part && versions.covers(message.versions) || versions == Versions::ALL {
        return Some(read);
    }
    let exists = condition(versions);
    Some(quote! { if #exists { #read } })
}

/// True for an `Option` that some of the field's versions do not allow to be absent.
fn nullable_sometimes(field: &Field) -> bool {
    field.nullable != Versions::NONE && !field.nullable.covers(field.versions)
}

fn read_tags(fields: &[Field]) -> TokenStream {
    let arms = fields.iter().filter_map(|field| {
        let (tag, versions) = field.tag?;
        let name = &field.name;
        let exists = condition(versions);
        Some(quote! {
            #tag if #exists => this.#name = ::ottla_wire::codec::Field::read_tagged(r, ctx)?,
        })
    });
    let arms: Vec<_> = arms.collect();
    if arms.is_empty() {
        return quote! {
            if ctx.flexible {
                ::ottla_wire::codec::read_tags(r, |_, _| Ok(false))?;
            }
        };
    }
    quote! {
        if ctx.flexible {
            ::ottla_wire::codec::read_tags(r, |tag, r| {
                match tag {
                    #(#arms)*
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
    }
}

fn write_plain(message: &MessageAttribute, field: &Field) -> TokenStream {
    let versions = plain_versions(field);
    let name = &field.name;
    let text = name.to_string();
    let null_check = nullable_sometimes(field).then(|| {
        let allowed = condition(field.nullable);
        quote! {
            if self.#name.is_none() && !#allowed {
                return Err(::ottla_wire::EncodeError::UnexpectedNull { field: #text, version: ctx.version });
            }
        }
    });
    let write = quote! {
        #null_check
        ::ottla_wire::codec::Field::write(&self.#name, w, ctx)?;
    };
    if versions == Versions::ALL || message.kind != Kind::Part && versions.covers(message.versions) {
        return write;
    }
    let refuse = refuse_elsewhere(field);
    if versions == Versions::NONE {
        return refuse;
    }
    let exists = condition(versions);
    if refuse.is_empty() {
        return quote! { if #exists { #write } };
    }
    quote! { if #exists { #write } else { #refuse } }
}

/// A value that is neither ignorable nor the default must not vanish.
fn refuse_elsewhere(field: &Field) -> TokenStream {
    if field.ignorable {
        return TokenStream::new();
    }
    let name = &field.name;
    let text = name.to_string();
    let default = default_value(field);
    let kind = &field.kind;
    let exists = condition(field.versions);
    quote! {
        if !#exists && self.#name != { let default: #kind = #default; default } {
            return Err(::ottla_wire::EncodeError::UnsupportedField { field: #text, version: ctx.version });
        }
    }
}

fn write_tags(fields: &[Field]) -> TokenStream {
    let mut tagged: Vec<_> = fields.iter().filter(|field| field.tag.is_some()).collect();
    tagged.sort_by_key(|field| field.tag.map(|(tag, _)| tag));
    let adds = tagged.into_iter().filter_map(|field| {
        let (tag, versions) = field.tag?;
        let name = &field.name;
        let kind = &field.kind;
        let exists = condition(versions);
        let default = default_value(field);
        Some(quote! {
            if #exists && self.#name != { let default: #kind = #default; default } {
                tags.add(#tag, &self.#name, ctx)?;
            }
        })
    });
    let adds: Vec<_> = adds.collect();
    let mutable = (!adds.is_empty()).then(|| quote! { mut });
    quote! {
        if ctx.flexible {
            let #mutable tags = ::ottla_wire::codec::TagSection::default();
            #(#adds)*
            tags.finish(w);
        }
    }
}

fn schema(name: &Ident, fields: &[Field]) -> TokenStream {
    let struct_name = name.to_string();
    let fields = fields.iter().map(|field| {
        let name = field.name.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        let kind = &field.kind;
        let versions = range(field.versions);
        let nullable = range(field.nullable);
        let ignorable = field.ignorable;
        let default = default_value(field);
        let tagged = match field.tag {
            None => quote! { None },
            Some((tag, versions)) => {
                let versions = range(versions);
                quote! { Some((#tag, #versions)) }
            }
        };
        quote! {
            ::ottla_wire::codec::FieldSchema {
                name: #name,
                kind: <#kind as ::ottla_wire::codec::Field>::kind(),
                versions: #versions,
                nullable: #nullable,
                tagged: #tagged,
                ignorable: #ignorable,
                default: { let default: #kind = #default; format!("{default:?}") },
            }
        }
    });
    quote! {
        fn kind() -> ::ottla_wire::codec::FieldType {
            ::ottla_wire::codec::FieldType::Struct(::ottla_wire::codec::StructSchema {
                name: #struct_name,
                fields: vec![#(#fields),*],
            })
        }
    }
}

fn range(versions: Versions) -> TokenStream {
    let Versions { min, max } = versions;
    quote! { ::ottla_wire::codec::VersionRange { min: #min, max: #max } }
}

fn top_impl(name: &Ident, message: &MessageAttribute, fields: &[Field]) -> Result<TokenStream> {
    if message.kind == Kind::Part {
        return Ok(TokenStream::new());
    }
    let text = name.to_string();
    let versions = range(message.versions);
    let flexible_from = message.flexible_from;
    let special = match message.kind {
        Kind::Request => request_impl(name, message)?,
        Kind::Response => response_impl(name, fields),
        Kind::Data | Kind::Part => TokenStream::new(),
    };
    Ok(quote! {
        impl ::ottla_wire::Message for #name {
            const NAME: &'static str = #text;
            const VERSIONS: ::ottla_wire::VersionRange = #versions;
            const FLEXIBLE_FROM: i16 = #flexible_from;
        }

        #special
    })
}

fn request_impl(name: &Ident, message: &MessageAttribute) -> Result<TokenStream> {
    let (Some(key), Some(response)) = (&message.key, &message.response) else {
        return Err(Error::new_spanned(name, "a request names its key and its response"));
    };
    Ok(quote! {
        impl ::ottla_wire::Request for #name {
            const KEY: ::ottla_wire::ApiKey = ::ottla_wire::ApiKey::#key;
            type Response = #response;
        }
    })
}

fn response_impl(name: &Ident, fields: &[Field]) -> TokenStream {
    let has = |wanted: &str| fields.iter().any(|field| field.name == wanted);
    let fail = if has("error_code") {
        quote! { Some(Self { error_code: code, ..Self::default() }) }
    } else {
        quote! { None }
    };
    let throttle = if has("throttle_time_ms") {
        quote! { self.throttle_time_ms = throttle_time_ms; }
    } else {
        TokenStream::new()
    };
    quote! {
        impl ::ottla_wire::Response for #name {
            #[allow(unused_variables, reason = "responses without an error code of their own")]
            fn fail(code: ::ottla_types::ErrorCode) -> Option<Self> {
                #fail
            }

            #[allow(unused_variables, reason = "responses without a throttle time")]
            fn set_throttle(&mut self, throttle_time_ms: i32) {
                #throttle
            }
        }
    }
}
