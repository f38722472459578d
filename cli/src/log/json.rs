//! Lines that are objects of JSON: the values at some keys, the others skipped over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::names::{Candidate, Names, alike};
use super::{Part, Parts};

/// Where the parts stand in an object: at every name that is known for them, of which a line has some.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    root: Inside,
    /// Parts that the first lines have.
    seen: Vec<Part>,
}

#[derive(Debug, Clone, Default)]
struct Inside(Vec<Key>);

#[derive(Debug, Clone)]
struct Key {
    name: String,
    /// Is no other the same but for its case? See [`Candidate::is_header`].
    is_header: bool,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    /// A part, and how likely: the lowest is meant.
    Part(Part, u8),
    Inside(Inside),
}

impl Key {
    fn is_called(&self, name: &str) -> bool {
        if self.is_header { self.name.eq_ignore_ascii_case(name) } else { alike(&self.name, name) }
    }
}

impl Inside {
    fn insert(&mut self, candidate: &Candidate, path: &str, rank: u8) {
        let Candidate { part, is_header, .. } = *candidate;
        let name = path.to_owned();
        // A key may be written with its dots, as Elastic's are.
        self.0.push(Key { name, is_header, place: Place::Part(part, rank) });
        let Some((outer, rest)) = path.split_once('.') else { return };
        for key in &mut self.0 {
            if let (true, Place::Inside(inside)) = (key.name == outer, &mut key.place) {
                return inside.insert(candidate, rest, rank);
            }
        }
        let mut inside = Self::default();
        inside.insert(candidate, rest, rank);
        let place = Place::Inside(inside);
        self.0.push(Key { name: outer.to_owned(), is_header: false, place });
    }
}

impl Keys {
    /// Of the names that parts may have. `lines` are the first of the log.
    pub fn find<'a>(names: &Names, lines: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut keys = Self::default();
        for (rank, candidate) in names.candidates().enumerate() {
            keys.root.insert(&candidate, &candidate.name, rank as u8);
        }
        let mut seen = Vec::new();
        for line in lines {
            if let Some(mut parts) = keys.split(line) {
                seen.extend(Part::ALL.into_iter().filter(|part| parts.take(*part).is_some()));
            }
        }
        keys.seen = seen;
        keys
    }

    /// Do the first lines have the visitor's address?
    pub fn has_address(&self) -> bool {
        self.has(Part::Peer) || self.has(Part::Header)
    }

    pub fn has(&self, part: Part) -> bool {
        self.seen.contains(&part)
    }

    /// Takes a line apart; nothing if it is no object of JSON. Bytes that are no UTF-8 are read as what stands
    /// for them: servers pass on what visitors send.
    pub fn split<'a>(&self, line: &'a [u8]) -> Option<Parts<'a>> {
        match std::str::from_utf8(line) {
            Ok(line) => self.parts(line),
            Err(_) => Some(self.parts(&String::from_utf8_lossy(line))?.into_owned()),
        }
    }

    fn parts<'a>(&self, line: &'a str) -> Option<Parts<'a>> {
        let (mut parts, mut ranks) = (Parts::default(), [u8::MAX; Part::ALL.len()]);
        let mut json = serde_json::Deserializer::from_str(line);
        let at = At {
            wanted: Wanted { keys: Some(&self.root), part: None },
            parts: &mut parts,
            ranks: &mut ranks,
        };
        json.deserialize_map(at).ok()?;
        json.end().ok()?;
        Some(parts)
    }
}

/// The keys of an object, whatever their values are; nothing if it is none.
pub fn keys(line: &[u8]) -> Option<Vec<String>> {
    struct Names;
    impl<'a> Visitor<'a> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Vec<String>, M::Error> {
            let mut names = Vec::new();
            while let Some((Text(name), IgnoredAny)) = map
                .next_key_seed(TextSeed)?
                .map(|name| Ok((name, map.next_value()?)))
                .transpose()?
            {
                names.push(name.into_owned());
            }
            Ok(names)
        }
    }
    let line = String::from_utf8_lossy(line);
    serde_json::Deserializer::from_str(&line).deserialize_map(Names).ok()
}

/// What is wanted of a value. One of another type says nothing.
#[derive(Clone, Copy, Default)]
struct Wanted<'k> {
    /// Of an object, what is at these keys.
    keys: Option<&'k Inside>,
    /// The text, or the number. Of a list, each in turn, separated by commas, as the values of a header are
    /// (RFC 9110, section 5.2).
    part: Option<(Part, u8)>,
}

struct At<'k, 'p, 'a> {
    wanted: Wanted<'k>,
    parts: &'p mut Parts<'a>,
    /// How likely what was found of each part is.
    ranks: &'p mut [u8; Part::ALL.len()],
}

impl<'a> At<'_, '_, 'a> {
    fn text(self, text: impl Into<Cow<'a, [u8]>>) {
        if let Some((part, rank)) = self.wanted.part
            && rank <= self.ranks[part as usize]
        {
            self.ranks[part as usize] = rank;
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
            let known = self.wanted.keys.into_iter().flat_map(|keys| keys.0.iter());
            let mut wanted = Wanted::default();
            // A key may be of a text in one log and of an object in another.
            for of in known.filter(|of| of.is_called(&key)) {
                match &of.place {
                    Place::Part(part, rank) => {
                        wanted.part.get_or_insert((*part, *rank));
                    }
                    Place::Inside(keys) => wanted.keys = Some(keys),
                }
            }
            if wanted.part.is_none() && wanted.keys.is_none() {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            map.next_value_seed(At { wanted, parts: self.parts, ranks: self.ranks })?;
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<(), S::Error> {
        let Some((part, _)) = self.wanted.part else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut all: Option<Cow<'a, [u8]>> = None;
        loop {
            let (mut one, mut ranks) = (Parts::default(), [u8::MAX; Part::ALL.len()]);
            let at = At {
                wanted: Wanted { keys: None, ..self.wanted },
                parts: &mut one,
                ranks: &mut ranks,
            };
            if list.next_element_seed(at)?.is_none() {
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
            self.text(all);
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
