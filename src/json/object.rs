//! The members of an object as JavaScript keeps them. It must not know text or parsing.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::ops::Range;

use super::node::Node;

/// Up to this many members are searched one by one.
const FEW: usize = 16;

/// The members of an object, in the order in which their names first appear, each with the last
/// value given for it. (JavaScript would also put names that are small integers first.)
#[derive(Clone, PartialEq, Default)]
pub struct Object {
    members: Vec<Member>,
    /// Positions in `members` by name, then by position; empty when they are few.
    sorted: Vec<usize>,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name; each surrogate without a partner is one U+FFFD.
    pub name: Box<str>,
    /// Where its key is, the quotes included: that of the last one, if it came several times.
    pub key: Range<usize>,
    /// Its value.
    pub value: Node,
}

impl Object {
    /// The value of a member. Two names that differ only in lone surrogates are two members to
    /// JavaScript and here, but read the same; this gives the first of them.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.member(name).map(|member| &member.value)
    }

    /// The member of this name, with the place of its key.
    pub fn member(&self, name: &str) -> Option<&Member> {
        if self.sorted.is_empty() {
            return self.members.iter().find(|member| &*member.name == name);
        }
        let at = |position: &usize| self.members.get(*position);
        let first = self.sorted.partition_point(|position| at(position).is_some_and(|m| &*m.name < name));
        let member = at(self.sorted.get(first)?)?;
        (&*member.name == name).then_some(member)
    }

    /// Names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Node)> {
        self.members.iter().map(|member| (&*member.name, &member.value))
    }

    /// All that is known of the members.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The name of a member as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name<'a> {
    /// What makes it the same name as another: the bytes before lone surrogates were replaced.
    pub(super) identity: Cow<'a, [u8]>,
    /// The text of it.
    pub(super) text: Cow<'a, str>,
}

/// Collects the members of one object.
#[derive(Debug, Default)]
pub(super) struct Collector<'a> {
    members: Vec<Member>,
    places: HashMap<Cow<'a, [u8]>, usize>,
}

impl<'a> Collector<'a> {
    /// Where the key stands that had this name before, if one had.
    pub(super) fn earlier(&self, name: &Name<'_>) -> Option<Range<usize>> {
        let place = self.places.get(&name.identity)?;
        self.members.get(*place).map(|member| member.key.clone())
    }

    /// Adds a member, or gives the one of this name another key and value.
    pub(super) fn put(&mut self, name: Name<'a>, key: Range<usize>, value: Node) {
        match self.places.entry(name.identity) {
            Entry::Vacant(vacant) => {
                vacant.insert(self.members.len());
                self.members.push(Member { name: name.text.into(), key, value });
            }
            Entry::Occupied(occupied) => {
                if let Some(member) = self.members.get_mut(*occupied.get()) {
                    member.key = key;
                    member.value = value;
                }
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn finish(self) -> Object {
        let Collector { mut members, places } = self;
        drop(places);
        members.shrink_to_fit();
        let mut sorted = Vec::new();
        if members.len() > FEW {
            sorted.extend(0..members.len());
            sorted.sort_unstable_by_key(|&place| (members.get(place).map(|member| &member.name), place));
        }
        Object { members, sorted }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, Shape, Tree, read};
    use super::*;

    fn object(text: &str) -> Object {
        let document = read(text, &Shape::Whole).unwrap();
        document.root.as_object().unwrap().clone()
    }

    #[test]
    fn the_first_place_and_the_last_value() {
        let object = object(r#"{"b":1,"a":2,"b":3}"#);
        let seen: Vec<_> = object.iter().map(|(name, node)| (name, node.as_number().unwrap())).collect();
        assert_eq!(seen, [("b", 3.0), ("a", 2.0)]);
        assert_eq!(object.member("b").unwrap().key, 13..16);
    }

    #[test]
    fn many_members_are_found_by_name() {
        let count = 5_000;
        let text: Vec<_> = (0..count).map(|i| format!("\"k{}\":{i}", (i * 7919) % count)).collect();
        let object = object(&format!("{{{}}}", text.join(",")));
        assert_eq!(object.len(), count);
        for i in 0..count {
            let name = format!("k{}", (i * 7919) % count);
            assert_eq!(object.get(&name).unwrap().as_number(), Some(i as f64));
        }
        assert!(object.get("k").is_none());
        assert!(object.get("zzz").is_none());
    }

    #[test]
    fn names_that_differ_in_lone_surrogates_are_two_members() {
        let object = object(r#"{"\ud800":1,"\udc00":2,"\ufffd":3,"\uD800":4}"#);
        assert_eq!(object.len(), 3);
        assert!(object.iter().all(|(name, _)| name == "\u{fffd}"));
        assert_eq!(object.get("\u{fffd}").unwrap().as_number(), Some(4.0));
    }

    #[test]
    fn proto_is_a_name_like_any_other() {
        let object = object(r#"{"__proto__":{"x":1}}"#);
        assert_eq!(object.get("__proto__").unwrap().kind(), Kind::Object);
        assert!(matches!(object.members()[0].value.tree, Tree::Object(_)));
    }
}
