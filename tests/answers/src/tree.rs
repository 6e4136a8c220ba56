//! The `{:#?}` form of a message as a tree that can be masked and printed in less room.

/// A line of a printed message with what is indented below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// `name: value` or a value.
    Leaf(String),
    /// `head` ends with an opening bracket, `close` is the closing one.
    Branch { head: String, items: Vec<Node>, close: char },
}

/// Longest line before a branch is printed on several.
const WIDTH: usize = 130;

impl Node {
    /// Reads the `{:#?}` form of something.
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(|line| line.trim_start());
        let first = lines.next().unwrap_or_default();
        Self::read(first, &mut lines)
    }

    fn read<'a>(line: &str, lines: &mut impl Iterator<Item = &'a str>) -> Self {
        let close = match line.chars().last() {
            Some('{') => '}',
            Some('[') => ']',
            Some('(') => ')',
            _ => return Self::Leaf(line.strip_suffix(',').unwrap_or(line).to_owned()),
        };
        let mut items = Vec::new();
        while let Some(next) = lines.next() {
            if next.starts_with(close) && next.trim_end_matches(',').len() == 1 {
                break;
            }
            items.push(Self::read(next, lines));
        }
        Self::simple(line, items, close)
    }

    /// `Some(leaf)` is a leaf, and the type names of parts are left out.
    fn simple(head: &str, mut items: Vec<Self>, close: char) -> Self {
        if close == ')'
            && let [Self::Leaf(inner)] = items.as_slice()
        {
            return Self::Leaf(format!("{head}{inner})"));
        }
        let head = match head.split_once(": ") {
            Some((field, kind)) if close == '}' && !kind.contains('(') => format!("{field}: {{"),
            _ if close == ')' && items.len() == 1 => {
                let mut inner = items.swap_remove(0);
                if let Self::Branch { head: inner_head, .. } = &mut inner {
                    *inner_head = format!("{}{inner_head}", head.strip_suffix("Some(").unwrap_or(head));
                }
                return inner;
            }
            _ => head.to_owned(),
        };
        Self::Branch { head, items, close }
    }

    /// Without the type names of array elements.
    fn bare(mut self) -> Self {
        if let Self::Branch { head, close: '}', .. } = &mut self
            && !head.contains(": ")
        {
            "{".clone_into(head);
        }
        self
    }

    /// Calls `change` on every `name: value` (name empty for array elements), innermost names first.
    pub(crate) fn each_leaf(&mut self, field: &str, change: &mut impl FnMut(&str, &mut String)) {
        match self {
            Self::Leaf(text) => match text.split_once(": ") {
                Some((name, value)) if is_name(name) => {
                    let mut value = value.to_owned();
                    change(name, &mut value);
                    *text = format!("{name}: {value}");
                }
                _ => change(field, text),
            },
            Self::Branch { head, items, .. } => {
                let name = head.split_once(": ").map_or(field, |(name, _)| name).to_owned();
                for item in items {
                    item.each_leaf(&name, change);
                }
            }
        }
    }

    /// Sorts the elements of every list in a field of this name.
    pub(crate) fn sort_list(&mut self, field: &str) {
        let Self::Branch { head, items, .. } = self else { return };
        if head.split_once(": ").is_some_and(|(name, _)| name == field) {
            items.sort_by_cached_key(Self::on_one_line);
        }
        items.iter_mut().for_each(|item| item.sort_list(field));
    }

    /// Replaces every branch for which `replace` has something else.
    pub(crate) fn each_branch(&mut self, replace: &impl Fn(&Self) -> Option<Self>) {
        if let Some(other) = replace(self) {
            *self = other;
        } else if let Self::Branch { items, .. } = self {
            items.iter_mut().for_each(|item| item.each_branch(replace));
        }
    }

    /// The readable form, `indent` spaces in.
    pub(crate) fn print(&self, indent: usize) -> String {
        let mut out = String::new();
        self.write(indent, indent, &mut out);
        out
    }

    fn write(&self, indent: usize, column: usize, out: &mut String) {
        let line = self.on_one_line();
        let Self::Branch { head, items, close } = self else { return out.push_str(&line) };
        if column + line.len() <= WIDTH {
            return out.push_str(&line);
        }
        out.push_str(head);
        let mut room = 0;
        for item in items {
            let line = item.clone().bare().on_one_line();
            // Fields share a line while they fit; whatever has parts stands alone.
            let shares = matches!(item, Self::Leaf(_)) && line.len() < room;
            if shares {
                out.push_str(", ");
                out.push_str(&line);
                room = room.saturating_sub(line.len() + 2);
            } else {
                out.push('\n');
                out.push_str(&" ".repeat(indent + 2));
                item.clone().bare().write(indent + 2, indent + 2, out);
                room = if matches!(item, Self::Leaf(_)) {
                    WIDTH.saturating_sub(indent + line.len() + 6)
                } else {
                    0
                };
            }
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        out.push(*close);
    }

    fn on_one_line(&self) -> String {
        match self {
            Self::Leaf(text) => text.clone(),
            Self::Branch { head, items, close } => {
                let inner: Vec<String> = items.iter().map(|item| item.clone().bare().on_one_line()).collect();
                let space = if *close == '}' { " " } else { "" };
                format!("{head}{space}{}{space}{close}", inner.join(", "))
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    #[allow(dead_code, reason = "only its Debug form is looked at")]
    struct Part {
        name: Option<&'static str>,
        numbers: Vec<i32>,
    }

    #[test]
    fn a_message_is_printed_on_one_line_without_the_names_of_its_parts() {
        let parts =
            vec![Part { name: Some("a: {"), numbers: vec![1, 2] }, Part { name: None, numbers: vec![] }];
        let node = Node::parse(&format!("{parts:#?}"));
        assert_eq!(
            node.print(0),
            r#"[{ name: Some("a: {"), numbers: [1, 2] }, { name: None, numbers: [] }]"#
        );
    }

    #[test]
    fn leaves_come_with_the_name_of_their_field() {
        let mut node = Node::parse(&format!("{:#?}", Some(Part { name: Some("x"), numbers: vec![7] })));
        let mut seen = Vec::new();
        node.each_leaf("", &mut |name, value| seen.push(format!("{name}={value}")));
        assert_eq!(seen, ["name=Some(\"x\")", "numbers=7"]);
    }
}
