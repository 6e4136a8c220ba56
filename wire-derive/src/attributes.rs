//! What the attributes say.

use syn::{Attribute, Error, Expr, ExprLit, ExprRange, Ident, Lit, Path, RangeLimits, Result, Type};

/// Versions, both ends included.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Versions {
    pub(crate) min: i16,
    pub(crate) max: i16,
}

impl Versions {
    pub(crate) const ALL: Self = Self { min: 0, max: i16::MAX };
    pub(crate) const NONE: Self = Self { min: 0, max: -1 };

    pub(crate) fn covers(self, other: Self) -> bool {
        self.min <= other.min && other.max <= self.max
    }

    fn from_expr(expr: &Expr) -> Result<Self> {
        let Expr::Range(ExprRange { start, limits, end, .. }) = expr else {
            let only = number(expr)?;
            return Ok(Self { min: only, max: only });
        };
        let min = start.as_deref().map_or(Ok(0), number)?;
        let max = match (end.as_deref(), limits) {
            (None, _) => i16::MAX,
            (Some(end), RangeLimits::Closed(_)) => number(end)?,
            (Some(end), RangeLimits::HalfOpen(_)) => number(end)? - 1,
        };
        Ok(Self { min, max })
    }
}

fn number(expr: &Expr) -> Result<i16> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(value), .. }) => value.base10_parse(),
        other => Err(Error::new_spanned(other, "expected a version number")),
    }
}

/// What kind of message a struct is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Part,
    Data,
    Request,
    Response,
}

/// `#[message(…)]`.
pub(crate) struct MessageAttribute {
    pub(crate) kind: Kind,
    pub(crate) key: Option<Ident>,
    pub(crate) versions: Versions,
    pub(crate) flexible_from: i16,
    pub(crate) response: Option<Path>,
}

impl MessageAttribute {
    pub(crate) fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut this = Self {
            kind: Kind::Part,
            key: None,
            versions: Versions::ALL,
            flexible_from: i16::MAX,
            response: None,
        };
        for attribute in attributes.iter().filter(|a| a.path().is_ident("message")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta.path.require_ident()?.to_string();
                match name.as_str() {
                    "request" => this.kind = Kind::Request,
                    "response" if meta.input.peek(syn::Token![=]) => {
                        this.response = Some(meta.value()?.parse()?);
                    }
                    "response" => this.kind = Kind::Response,
                    "data" => this.kind = Kind::Data,
                    "key" => this.key = Some(meta.value()?.parse()?),
                    "versions" => this.versions = Versions::from_expr(&meta.value()?.parse()?)?,
                    "flexible" => this.flexible_from = number(&meta.value()?.parse()?)?,
                    _ => return Err(meta.error("unknown message attribute")),
                }
                Ok(())
            })?;
        }
        Ok(this)
    }
}

/// One field and its `#[field(…)]`.
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) kind: Type,
    pub(crate) versions: Versions,
    pub(crate) nullable: Versions,
    pub(crate) tag: Option<(u32, Versions)>,
    pub(crate) ignorable: bool,
    pub(crate) default: Option<Expr>,
}

impl Field {
    pub(crate) fn parse(field: &syn::Field) -> Result<Self> {
        let name =
            field.ident.clone().ok_or_else(|| Error::new_spanned(field, "fields of messages have names"))?;
        let mut this = Self {
            name,
            kind: field.ty.clone(),
            versions: Versions::ALL,
            nullable: Versions::NONE,
            tag: None,
            ignorable: false,
            default: None,
        };
        let mut tag: Option<u32> = None;
        let mut tagged = None;
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("field")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta.path.require_ident()?.to_string();
                match name.as_str() {
                    "versions" => this.versions = Versions::from_expr(&meta.value()?.parse()?)?,
                    "nullable" if meta.input.peek(syn::Token![=]) => {
                        this.nullable = Versions::from_expr(&meta.value()?.parse()?)?;
                    }
                    "nullable" => this.nullable = Versions::ALL,
                    "tag" => tag = Some(meta.value()?.parse::<syn::LitInt>()?.base10_parse()?),
                    "tagged" => tagged = Some(Versions::from_expr(&meta.value()?.parse()?)?),
                    "ignorable" => this.ignorable = true,
                    "default" => this.default = Some(meta.value()?.parse()?),
                    _ => return Err(meta.error("unknown field attribute")),
                }
                Ok(())
            })?;
        }
        this.tag = tag.map(|tag| (tag, tagged.unwrap_or(this.versions)));
        Ok(this)
    }

    /// True where the field stands among the others, not in the tagged section, in every version it has.
    pub(crate) fn always_plain(&self) -> bool {
        self.tag.is_none()
    }
}
