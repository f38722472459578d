//! Addresses inside of other text: of a line of a log, say.

use std::net::IpAddr;

/// The addresses in a text, in their order: what stands by itself, in brackets, with a port or between
/// punctuation. A part of a longer word or number is none.
pub fn addresses(text: &str) -> Vec<IpAddr> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |length| start + length);
        let from = text.len() - rest.len() + start;
        let after = rest[end..].chars().next();
        let stands_alone = !continues(&text[..from]) && !after.is_some_and(is_word);
        if stands_alone && let Some(address) = address(&rest[start..end]) {
            found.push(address);
        }
        rest = &rest[end..];
    }
    found
}

/// May it stand in an address?
const fn is_part(c: char) -> bool {
    c.is_ascii_hexdigit() || matches!(c, '.' | ':')
}

/// Does what stands before go on in what follows: as a word, a code of a URL (`%20`), or a product before its
/// version (`Chrome/120.0.0.0`)?
fn continues(before: &str) -> bool {
    let mut letters = before.chars().rev();
    match letters.next() {
        Some('/') => letters.next().is_some_and(is_word),
        Some(last) => is_word(last) || last == '%',
        None => false,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn address(part: &str) -> Option<IpAddr> {
    // What ends a sentence, or a key before a value.
    let part = part.trim_end_matches('.').trim_start_matches('.');
    // `::` is an address that nobody has, and often something else.
    let parsed = |text: &str| text.parse().ok().filter(|_| text != "::");
    parsed(part).or_else(|| {
        let (before, after) = part.rsplit_once(':')?;
        let is_port = after.bytes().all(|byte| byte.is_ascii_digit()) && before.contains('.');
        parsed(before).filter(|_| is_port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_wherever_they_stand_alone() {
        for (text, expected) in [
            ("1.2.3.4 - - [01/Nov/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1", "1.2.3.4"),
            ("from [2001:db8::1]:443 to 192.0.2.1:8080, ok.", "2001:db8::1 192.0.2.1"),
            ("ip=192.0.2.1;x=192.0.2.2.", "192.0.2.1 192.0.2.2"),
            ("192.0.2.1,192.0.2.2", "192.0.2.1 192.0.2.2"),
            ("client: 192.0.2.1: denied", "192.0.2.1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
            ("v1.2.3.4 x192.0.2.1 192.0.2.1x 192.0.2 192.0.2.1.5 256.1.1.1", ""),
            (
                "\"Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36\" a%208.1.0.1 http://192.0.2.1/",
                "192.0.2.1",
            ),
            ("std::vec dead:beef 12:30:45 :: a.b.c.d cafe", ""),
            ("", ""),
            ("é1.2.3.4 (1.2.3.4)é", "1.2.3.4"),
        ] {
            let found: Vec<_> = addresses(text).iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
