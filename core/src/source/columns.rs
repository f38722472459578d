//! What a file that has not the columns of its format may have instead, said so that its author sees it.

use std::fmt::Write as _;

use super::layout::SEPARATORS;

/// How many of a file's own columns a message names.
const MOST_NAMED: usize = 12;

/// What was found in a header where others were expected: another separator, or names that are nearly
/// right.
pub(super) fn found(header: &[String], delimiter: u8, known: &[&str]) -> String {
    if header.iter().any(|name| name.contains('\r')) {
        return "its lines end in carriage returns (CR) only; have them end in line feeds (LF or CRLF)".to_owned();
    }
    if let [one] = header
        && let Some((separator, name)) = separator(one, delimiter, known)
    {
        let shown = if separator == '\t' { "tab".to_owned() } else { separator.to_string() };
        return format!(
            "its columns are separated by {name}; say delimiter = \"{shown}\" of its source, in a manifest"
        );
    }
    let slips: Vec<_> =
        header.iter().filter_map(|name| Some((name, nearest(name, known)?))).collect();
    if slips.is_empty() && !header.iter().any(|name| known.contains(&name.as_str())) {
        // It may be a row, of people even, and no header: it is not quoted.
        return "no name of a column is in its first row".to_owned();
    }
    let mut named: Vec<_> =
        header.iter().take(MOST_NAMED).map(|name| crate::error::excerpt(name)).collect();
    if header.len() > MOST_NAMED {
        named.push("…".to_owned());
    }
    let mut found = format!("its columns are {}", named.join(", "));
    for (name, nearest) in slips {
        let _ = write!(found, "; is {nearest} meant by {name}?");
    }
    found
}

/// The separator by which one column would be several, one of which is known.
fn separator(line: &str, delimiter: u8, known: &[&str]) -> Option<(char, &'static str)> {
    SEPARATORS.into_iter().find(|(separator, _)| {
        let mut parts = line.split(*separator);
        u32::from(*separator) != u32::from(delimiter)
            && line.contains(*separator)
            && parts.any(|part| {
                let part = part.trim().trim_matches('"');
                known.contains(&part) || crate::net::parse_address(part).is_ok()
            })
    })
}

/// The known name that a name is a slip of, if it is none itself: a third of its letters may be wrong.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // The first letter is seldom the wrong one.
    let slips = |known: &&str| {
        (strsim::osa_distance(name, known), name.chars().next() != known.chars().next())
    };
    let near = known.iter().copied().min_by_key(slips)?;
    let (distance, _) = slips(&near);
    (distance > 0 && distance <= near.len().div_ceil(3).min(3)).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_slips_are_named() {
        let known = ["network", "name", "country"];
        let header = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let said = found(&header(&["network;name"]), b',', &known);
        assert!(said.contains("separated by semicolons") && said.contains("\";\""), "{said}");
        let said = found(&header(&["1.0.0.0\t1.0.0.255\t1\tx"]), b',', &known);
        assert!(said.contains("separated by tabs") && said.contains("\"tab\""), "{said}");
        let said = found(&header(&["netwrok", "name", "land"]), b',', &known);
        assert_eq!(said, "its columns are netwrok, name, land; is network meant by netwrok?");
        let said = found(&header(&["network", "name\r1.0.0.0/24"]), b',', &known);
        assert!(said.starts_with("its lines end in carriage returns"), "{said}");
        let said = found(&header(&["a1", "Jo Doe", "jo@firm.example"]), b',', &known);
        assert!(!said.contains("Jo"), "what may be a row is not quoted: {said}");
    }
}
