//! The tables of the policy: lines of columns between tabs, and comments that begin with `#`.

/// The lines of a table, without its comments.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().filter(|line| !line.starts_with('#'))
}

/// The first column of each line, and the rest.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    lines(table).filter_map(|line| line.split_once('\t'))
}

/// The first three columns of each line that has them.
pub(super) fn triples(
    table: &'static str,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    lines(table).filter_map(|line| {
        let mut columns = line.split('\t');
        Some((columns.next()?, columns.next()?, columns.next()?))
    })
}
