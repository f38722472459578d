//! Objects are found whatever their dialect, whole or in pieces, and what is none is named by its line.

use std::io::Write;

use proptest::prelude::*;

use super::*;

const CLASSES: &[&str] = &["inetnum", "organisation", "aut-num"];

fn open(content: &[u8]) -> Objects {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    Objects::open(file.path(), CLASSES, Layout::default()).unwrap()
}

/// Line, class and all texts of `descr` of each object.
type Read = Vec<(u64, &'static str, Vec<String>)>;

fn read(objects: &mut Objects) -> Result<Read> {
    let mut all = Vec::new();
    while objects.advance()? {
        let texts = objects.texts("descr").map(Cow::into_owned).collect();
        all.push((objects.line_number(), objects.class(), texts));
    }
    Ok(all)
}

fn read_in_pieces(objects: &mut Objects) -> Result<Read> {
    let mut all = Vec::new();
    while let Some(mut piece) = objects.split_off() {
        all.append(&mut read(&mut piece)?);
    }
    all.append(&mut read(objects)?);
    Ok(all)
}

fn error(content: &[u8]) -> String {
    let text = read(&mut open(content)).unwrap_err().to_string();
    text.split_once("tmp").unwrap().1.split_once(':').unwrap().1.to_owned()
}

fn object(line: u64, class: &'static str, texts: &[&str]) -> (u64, &'static str, Vec<String>) {
    (line, class, texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn objects_of_the_wanted_classes_are_read_and_others_are_only_counted() {
    let content = b"% A registry\n\n\ninetnum: 192.0.2.0 - 192.0.2.255\ndescr: A\n\n\
        person: Somebody\naddress: Street\n\n# between\norganisation: ORG-A\nDescr:B\n";
    let mut objects = open(content);
    assert_eq!(
        read(&mut objects).unwrap(),
        [object(4, "inetnum", &["A"]), object(11, "organisation", &["B"])]
    );
    assert_eq!(objects.passed(), 1);
}

#[test]
fn a_value_goes_on_in_the_next_line_and_an_empty_one_is_none() {
    let content =
        b"inetnum: x\ndescr:\ndescr:  A \n  B\n+\n+C\n\tD\n% remark\ncountry: NL\ndescr: E\n";
    let all = read(&mut open(content)).unwrap();
    assert_eq!(all, [object(1, "inetnum", &["A", "B", "C", "D", "E"])]);
}

#[test]
fn an_object_may_stand_right_behind_another() {
    let content = b"inetnum: a\naut-num: AS1\ndescr: A\norganisation: b\ndescr: B\nperson: P\n\
        inetnum: c\ndescr: C\n";
    let all = read(&mut open(content)).unwrap();
    let expected = [
        object(1, "inetnum", &["A"]),
        object(4, "organisation", &["B"]),
        object(7, "inetnum", &["C"]),
    ];
    assert_eq!(all, expected);
}

#[test]
fn letters_are_utf_8_or_latin_1_in_one_file() {
    let all = read(&mut open(b"inetnum: a\ndescr: Caf\xc3\xa9\ndescr: Caf\xe9\n")).unwrap();
    assert_eq!(all, [object(1, "inetnum", &["Caf\u{e9}", "Caf\u{e9}"])]);
}

#[test]
fn what_is_no_attribute_is_named_by_its_line_and_object_and_the_next_one_follows() {
    let content =
        b"inetnum: 192.0.2.0 - 192.0.2.255\ndescr: A\nno attribute\ndescr: B\n\ninetnum: b\n";
    let message = error(content);
    let said = "3: is no attribute; expected name: value (the line is not shown, since it may be a person's) \
                (in inetnum 192.0.2.0 - 192.0.2.255)";
    assert_eq!(message, said);
    let mut objects = open(content);
    assert!(objects.advance().is_err());
    assert_eq!(read(&mut objects).unwrap(), [object(6, "inetnum", &[])]);
}

#[test]
fn no_error_shows_what_may_be_a_persons() {
    for content in [
        "inetnum: 192.0.2.0 - 192.0.2.9\nPOC: a\nStreet Secret Body\n",
        "person: A\nremarks: a\n\nSecret Body lives here\n",
        "person : Secret Body\n",
        "person.name: Secret Body\n",
        "\u{feff}\u{feff}person: Secret Body\n",
        "person: A\rname: Secret Body\n",
        "inetnum: 192.0.2.0 - 192.0.2.9\rperson: Secret Body\r",
        "inetnum: 192.0.2.0\ndescr: A\rperson: Secret Body\n",
    ] {
        let message = error(content.as_bytes());
        assert!(!message.contains("Secret"), "{message}");
    }
}

#[test]
fn what_is_no_object_at_all_is_named() {
    for content in
        [&b"\n<html>\n</html>\n"[..], b"% x\n192.0.2.0,192.0.2.255,1,A\n", b"# x\n inetnum: a\n"]
    {
        let message = error(content);
        assert!(message.starts_with("2: is no"), "{message}");
        assert!(
            message.ends_with(
                "expected name: value (the line is not shown, since it may be a person's)"
            ),
            "{message}"
        );
    }
}

#[test]
fn an_endless_attribute_or_object_is_refused_and_not_kept() {
    let long = "x".repeat(LONGEST_ATTRIBUTE);
    let content = format!("inetnum: a\ndescr: {long}\n\ninetnum: b\n");
    let message = error(content.as_bytes());
    assert!(message.starts_with("2: column descr: \"xxx"), "{message}");
    assert!(message.ends_with("has more than 65536 bytes (in inetnum a)"), "{message}");
    let content = "person: a\nremarks: b\n".repeat(LONGEST_OBJECT / 20 + PIECE);
    let message = error(format!("\n{content}").as_bytes());
    assert!(message.contains("line 1: an object begins that has more than"), "{message}");
}

#[test]
fn a_file_that_ends_anywhere_is_read_as_far_as_it_goes() {
    let content = b"inetnum: a\r\ndescr: A\r\n\r\ninetnum: b\r\ndescr: B";
    let whole = [object(1, "inetnum", &["A"]), object(4, "inetnum", &["B"])];
    assert_eq!(read(&mut open(content)).unwrap(), whole);
    assert_eq!(read_in_pieces(&mut open(content)).unwrap(), whole);
    assert!(read(&mut open(b"")).unwrap().is_empty());
    assert!(read(&mut open(b"\n\n  \n% nothing\n")).unwrap().is_empty());
}

#[test]
fn a_large_file_is_the_same_in_pieces() {
    let object =
        |at: u32| format!("inetnum: {at}\ndescr: number {at}\n\nperson: x\nremarks: y\n\n");
    let content: String = (0..60_000).map(object).collect();
    assert!(content.len() > 3 * PIECE);
    let all = read(&mut open(content.as_bytes())).unwrap();
    assert_eq!(all.len(), 60_000);
    assert_eq!(read_in_pieces(&mut open(content.as_bytes())).unwrap(), all);
}

proptest! {
    /// No bytes stop the reading without an error, and pieces are no different.
    #[test]
    fn any_bytes_are_read_or_refused(
        lines in proptest::collection::vec(
            prop_oneof![
                Just(b"inetnum: a".to_vec()), Just(b"descr: A".to_vec()), Just(b" B".to_vec()),
                Just(b"+".to_vec()), Just(Vec::new()), Just(b"\r".to_vec()), Just(b"person: p".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..12),
            ],
            0..30,
        ),
    ) {
        let content = lines.join(&b'\n');
        if let Ok(all) = read(&mut open(&content)) {
            prop_assert_eq!(read_in_pieces(&mut open(&content)).unwrap(), all);
        }
    }
}

#[test]
fn a_mark_at_the_start_is_no_letter_of_a_name() {
    let content = b"\xef\xbb\xbfinetnum: a\ndescr: A\n";
    assert_eq!(read(&mut open(content)).unwrap(), [object(1, "inetnum", &["A"])]);
}

#[test]
fn of_a_refused_object_no_part_is_read_as_another() {
    let mut objects = open(b"inetnum: a\nno attribute\naut-num: AS1\ndescr: B\n\ninetnum: c\n");
    assert!(objects.advance().is_err());
    assert_eq!(read(&mut objects).unwrap(), [object(6, "inetnum", &[])]);
}

fn prefixed(content: &[u8]) -> Objects {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    Objects::open(file.path(), &["network"], Layout::default()).unwrap().prefixed()
}

#[test]
fn where_each_line_has_its_class_an_attribute_begins_no_object() {
    let content = b"contact:ID:C\nnetwork:ID:A\nnetwork:Route:x\nnetwork:Descr:A\n";
    let mut objects = prefixed(content);
    assert_eq!(read(&mut objects).unwrap(), [object(2, "network", &["A"])]);
    assert_eq!(objects.passed(), 1);
    let mut objects = prefixed(b"network:ID\nnetwork:Descr:A\ncontact:ID:C\n\nnetwork:ID:B\n");
    assert!(objects.advance().is_err());
    assert_eq!(read(&mut objects).unwrap(), [object(5, "network", &[])]);
}
