//! Lines that are objects of JSON: the values at some keys, the others skipped over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::names::{Names, alike};
use super::{Part, Parts};

/// Where the parts stand in an object.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<(String, Place)>);

#[derive(Debug, Clone)]
enum Place {
    Part(Part),
    Inside(Keys),
}

impl Keys {
    /// Finds the parts in lines of the log, of which those that are no objects are passed over.
    pub fn find<'a>(names: &Names, lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut paths = Vec::new();
        for line in lines {
            if let Ok(object) = serde_json::from_slice(line) {
                list(&object, "", &mut paths);
            }
        }
        let mut keys = Self::default();
        for (part, place) in names.find(&paths) {
            keys.insert(&paths[place], part);
        }
        keys
    }

    fn insert(&mut self, path: &str, part: Part) {
        let (key, rest) = match path.split_once('.') {
            Some((key, rest)) => (key, Some(rest)),
            None => (path, None),
        };
        let Some(rest) = rest else {
            return self.0.push((key.to_owned(), Place::Part(part)));
        };
        for (known, place) in &mut self.0 {
            if let (true, Place::Inside(keys)) = (known == key, place) {
                return keys.insert(rest, part);
            }
        }
        let mut keys = Self::default();
        keys.insert(rest, part);
        self.0.push((key.to_owned(), Place::Inside(keys)));
    }

    /// Is the visitor's address among them?
    pub fn has_address(&self) -> bool {
        self.has(Part::Peer) || self.has(Part::Header)
    }

    pub fn has(&self, part: Part) -> bool {
        self.0.iter().any(|(_, place)| match place {
            Place::Part(of) => *of == part,
            Place::Inside(keys) => keys.has(part),
        })
    }

    /// Takes a line apart; nothing if it is no object of JSON.
    pub fn split<'a>(&self, line: &'a [u8]) -> Option<Parts<'a>> {
        let mut parts = Parts::default();
        let mut json = serde_json::Deserializer::from_slice(line);
        json.deserialize_map(At { wanted: Wanted::Keys(self), parts: &mut parts }).ok()?;
        json.end().ok()?;
        Some(parts)
    }
}

/// The paths of all values that are not objects.
fn list(
    object: &serde_json::Map<String, serde_json::Value>,
    before: &str,
    paths: &mut Vec<String>,
) {
    for (key, value) in object {
        let path = format!("{before}{key}");
        match value.as_object() {
            Some(inside) => list(inside, &format!("{path}."), paths),
            None if paths.contains(&path) => {}
            None => paths.push(path),
        }
    }
}

/// What is wanted of a value. One of another type says nothing.
#[derive(Clone, Copy)]
enum Wanted<'k> {
    /// Of an object, what is at these keys.
    Keys(&'k Keys),
    /// The text, or the number. Of a list, each in turn, separated by commas, as the values of a header are
    /// (RFC 9110, section 5.2).
    Part(Part),
}

struct At<'k, 'p, 'a> {
    wanted: Wanted<'k>,
    parts: &'p mut Parts<'a>,
}

impl<'a> At<'_, '_, 'a> {
    fn text(self, text: impl Into<Cow<'a, [u8]>>) {
        if let Wanted::Part(part) = self.wanted {
            self.parts.set(part, text);
        }
    }
}

impl<'a> DeserializeSeed<'a> for At<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for At<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Text(key)) = map.next_key_seed(TextSeed)? {
            let known = match self.wanted {
                Wanted::Keys(keys) => keys.0.iter().find(|(known, _)| alike(known, &key)),
                Wanted::Part(_) => None,
            };
            let wanted = match known {
                Some((_, Place::Part(part))) => Wanted::Part(*part),
                Some((_, Place::Inside(keys))) => Wanted::Keys(keys),
                None => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.next_value_seed(At { wanted, parts: self.parts })?;
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        let Wanted::Part(part) = self.wanted else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut all: Option<Cow<'a, [u8]>> = None;
        loop {
            let mut one = Parts::default();
            if list.next_element_seed(At { wanted: self.wanted, parts: &mut one })?.is_none() {
                break;
            }
            all = match (all, one.take(part)) {
                (Some(before), Some(text)) => {
                    Some([&before[..], &text[..]].join(&b", "[..]).into())
                }
                (before, text) => before.or(text),
            };
        }
        if let Some(all) = all {
            self.parts.set(part, all);
        }
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.text(text.as_bytes());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.text(text.as_bytes().to_vec());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.text(number.to_string().into_bytes());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.text(number.to_string().into_bytes());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.text(number.to_string().into_bytes());
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A text, borrowed if nothing in it is escaped.
struct Text<'a>(Cow<'a, str>);
struct TextSeed;

impl<'a> DeserializeSeed<'a> for TextSeed {
    type Value = Text<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Text<'a>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for TextSeed {
    type Value = Text<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Text<'a>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'a>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(names: &Names, line: &str) -> Option<String> {
        let keys = Keys::find(names, [line.as_bytes()]);
        let parts = keys.split(line.as_bytes())?;
        let parts = [
            parts.peer,
            parts.header,
            parts.time,
            parts.method,
            parts.path,
            parts.status,
            parts.agent,
        ];
        let text = |part: Option<Cow<'_, [u8]>>| String::from_utf8(part?.into_owned()).ok();
        Some(parts.map(|part| text(part).unwrap_or_else(|| "-".into())).join("|"))
    }

    const CADDY: &str = r#"{"level":"info","ts":1646861401.5241024,"request":{"remote_ip":"192.0.2.1","client_ip":"198.51.100.7",
        "method":"GET","uri":"/a\"b","headers":{"User-Agent":["curl/7.82.0"],"X-Forwarded-For":["192.0.2.8","192.0.2.9"]}},
        "bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200}"#;
    const TRAEFIK: &str = r#"{"ClientAddr":"192.0.2.1:5","ClientHost":"192.0.2.1","RequestMethod":"GET","RequestPath":"/a",
        "DownstreamStatus":200,"StartUTC":"2026-11-01T00:00:00.5Z","request_User-Agent":"A","time":"2026-11-01T01:00:00+01:00"}"#;

    #[test]
    fn logs_of_caddy_and_traefik_are_read_without_a_word() {
        let mut names =
            Names { told: Vec::new(), header: "x-forwarded-for".parse().unwrap(), proxies: false };
        let told = "|192.0.2.8, 192.0.2.9|1646861401.5241024|GET|/a\"b|200|curl/7.82.0";
        assert_eq!(shown(&names, CADDY).unwrap(), format!("198.51.100.7{told}"));
        let told_by_traefik = "192.0.2.1|-|2026-11-01T00:00:00.5Z|GET|/a|200|A";
        assert_eq!(shown(&names, TRAEFIK).unwrap(), told_by_traefik);
        // Whose proxies are said is not asked of the server once more.
        names.proxies = true;
        assert_eq!(shown(&names, CADDY).unwrap(), format!("192.0.2.1{told}"));
    }

    #[test]
    fn a_value_of_another_type_says_nothing_and_a_broken_line_is_none() {
        let names = Names {
            told: vec![(Part::Peer, "who.at".into())],
            header: "forwarded".parse().unwrap(),
            proxies: false,
        };
        let keys = Keys::find(&names, [&br#"{"who":{"at":"192.0.2.1"}}"#[..]]);
        for line in [
            r#"{"who":null}"#,
            r#"{"who":{"at":[]}}"#,
            r#"{"who":["at"]}"#,
            r#"{"who":{"at":{"b":1}}}"#,
            "{}",
        ] {
            assert_eq!(keys.split(line.as_bytes()), Some(Parts::default()), "{line}");
        }
        for line in [
            "",
            "[]",
            "{",
            r#"{"who":"#,
            "192.0.2.1",
            r#"{"who":{"at":"1"}} x"#,
            "{\"who\":\"\u{fffd}\0\"}",
        ] {
            assert_eq!(keys.split(line.as_bytes()), None, "{line}");
        }
    }
}
