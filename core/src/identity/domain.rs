//! Domains and mailboxes in their normalised form.

use unicode_normalization::UnicodeNormalization;

/// The domain that somebody registered, in ASCII: of `https://www.Bücher.example.co.uk/shop` it is
/// `example.co.uk`.
pub(super) fn registrable(text: &str) -> Result<String, &'static str> {
    let host = text.trim();
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err("is an e-mail address and no domain");
    }
    let host = host.split(':').next().unwrap_or_default();
    let host = ascii(host)?;
    // A name of one label, as `localhost`, is a suffix of its own.
    let domain = psl::domain_str(&host).filter(|domain| domain.contains('.'));
    domain.map(str::to_owned).ok_or("is a suffix under which others register, and nobody's domain")
}

/// A mailbox: its local part in lower case and without what follows a `+`, and its host.
pub(super) fn mailbox(text: &str) -> Result<String, &'static str> {
    const NONE: &str = "is not an e-mail address";
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, host) = text.rsplit_once('@').ok_or(NONE)?;
    let local: String = local.trim().nfkc().flat_map(char::to_lowercase).collect();
    let local = local.split('+').next().unwrap_or_default();
    let fit = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    if local.is_empty() || !local.chars().all(fit) {
        return Err(NONE);
    }
    Ok(format!("{local}@{}", ascii(host).map_err(|_| NONE)?))
}

fn ascii(host: &str) -> Result<String, &'static str> {
    const NONE: &str = "is not a domain, as in example.nl";
    let host = idna::domain_to_ascii_strict(host.trim().trim_matches('.')).map_err(|_| NONE)?;
    let labels = host.split('.').count();
    // The last label of a domain has a letter in it; that of an address has none.
    let named =
        host.rsplit('.').next().is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
    (labels > 1 && named).then_some(host).ok_or(NONE)
}
