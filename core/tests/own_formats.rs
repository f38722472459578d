//! The formats of our own and the manifest: what they take, and how they refuse.
#![cfg(feature = "build")]

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use firmtrie::builder::{BuildOptions, Manifest, Policy, Summary};
use firmtrie::registry::Date;
use firmtrie::{Builder, Company, CompanyId, Field, Format, Index, Source, Status};
use tempfile::TempDir;

const COMPANIES: &str = "\
key,name,country,lei,domain,secret note\n\
a,Alpha B.V.,NL,724500VKKSH9QOLTFR81,\"alpha.example; WWW.alpha.example\",do not carry along\n\
b,Beta GmbH,de,,,\n";
const NETWORKS: &str = "\
network,start,end,company,name,kind,asn,date,confidence\n\
1.0.0.0/16,,,a,,business,64500,2026-01-01,0.8\n\
,1.0.1.3,1.0.1.9,b,,,,,\n\
1.0.2.0/24,,,,Gamma SA,,,,\n\
1.0.3.0/24,,,b,,hosting,64501,,\n";

/// A folder with files, from which a build takes its sources, one a file.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (name, content) in files {
            fs::write(folder.0.path().join(name), content).unwrap();
        }
        folder
    }

    fn builder(&self, files: &[&str]) -> Builder {
        self.try_builder(files).unwrap()
    }

    /// The error is of a file whose format cannot be told.
    fn try_builder(&self, files: &[&str]) -> firmtrie::Result<Builder> {
        let day: Date = "2026-11-01".parse().unwrap();
        files.iter().try_fold(Builder::new().as_of(day), |builder, name| {
            let path = self.0.path().join(name);
            Ok(builder.source(Source::new(*name, Format::detect(&path)?).path(path)))
        })
    }

    fn build(&self, files: &[&str]) -> (Index, Summary) {
        open(&self.builder(files))
    }

    /// The error without the folder's name. It leaves the output that was there as it was.
    fn message(&self, files: &[&str]) -> String {
        let output = self.0.path().join("output.firm");
        fs::write(&output, "old").unwrap();
        let written = self.try_builder(files).and_then(|of| of.force(true).write(&output));
        let error = written.unwrap_err().to_string();
        assert_eq!(fs::read(&output).unwrap(), b"old");
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn open(builder: &Builder) -> (Index, Summary) {
    let (bytes, summary) = builder.build().unwrap();
    (Index::from_bytes(&bytes).unwrap(), summary)
}

fn name(index: &Index, address: &str) -> String {
    let hit = index.lookup(address.parse().unwrap()).unwrap();
    hit.map_or("-".into(), |hit| hit.company().unwrap().name().to_owned())
}

#[test]
fn claims_join_companies_by_key_and_ranges_need_not_be_prefixes() {
    let folder = Folder::new(&[("n.csv", NETWORKS.as_bytes()), ("c.csv", COMPANIES.as_bytes())]);
    let (index, summary) = folder.build(&["n.csv", "c.csv"]);
    let answers = ["1.0.0.1", "1.0.1.2", "1.0.1.3", "1.0.1.9", "1.0.1.10", "1.0.2.0"];
    let names = answers.map(|address| name(&index, address));
    let alpha = "Alpha B.V.";
    assert_eq!(names, [alpha, alpha, "Beta GmbH", "Beta GmbH", alpha, "Gamma SA"]);

    let hit = index.lookup("1.0.0.1".parse().unwrap()).unwrap().unwrap();
    assert_eq!((hit.asn().unwrap(), hit.confidence().unwrap()), (Some(64500), Some(0.8)));
    assert_eq!(hit.sources().unwrap(), ["n.csv"]);
    let company = hit.company().unwrap();
    let domains = company.facts().filter(|(field, _)| *field == Field::Domain);
    let domains: Vec<_> = domains.map(|(_, value)| value).collect();
    assert_eq!(domains, ["alpha.example", "www.alpha.example"]);

    // Strict: a hosting network masks what is around it, and its company is not named for it.
    let class = index.classify("1.0.3.9".parse().unwrap()).unwrap();
    assert_eq!((class.status, class.asn), (Status::NonBusiness, Some(64501)));
    let ignored = &summary.ignored;
    assert_eq!(ignored.len(), 1);
    assert!(ignored[0].0.ends_with("c.csv") && ignored[0].1 == ["secret note"]);
    let open = folder.builder(&["n.csv", "c.csv"]).policy(Policy::open());
    assert_eq!(name(&self::open(&open).0, "1.0.3.9"), "Beta GmbH");
}

#[test]
fn json_lines_and_compressed_files_say_the_same_as_csv() {
    let json = concat!(
        "{\"network\": \"1.0.0.0/16\", \"company\": \"a\", \"kind\": \"business\", \"asn\": 64500,",
        " \"date\": \"2026-01-01\", \"confidence\": 0.8, \"other\": {\"a\": 1}}\n\n",
        "{\"start\": \"1.0.1.3\", \"end\": \"1.0.1.9\", \"company\": \"b\", \"name\": null}\r\n",
        "{\"network\": \"1.0.2.0/24\", \"name\": \"Gamma SA\"}\n",
        "{\"network\": \"1.0.3.0/24\", \"company\": \"b\", \"kind\": \"hosting\", \"asn\": \"64501\"}"
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(NETWORKS.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstandard = zstd::encode_all(NETWORKS.as_bytes(), 1).unwrap();
    let crlf = NETWORKS.replace('\n', "\r\n");
    let bom = format!("\u{feff}{crlf}");
    let variants: [&[u8]; 6] =
        [NETWORKS.as_bytes(), json.as_bytes(), &gzip, &zstandard, crlf.as_bytes(), bom.as_bytes()];
    let built: Vec<_> = variants
        .iter()
        .map(|content| {
            let folder = Folder::new(&[("n", content), ("c.csv", COMPANIES.as_bytes())]);
            folder.builder(&["n", "c.csv"]).build().unwrap().0
        })
        .collect();
    assert!(built.iter().all(|bytes| *bytes == built[0]));

    let cut = Folder::new(&[("n", &gzip[..gzip.len() - 9]), ("c.csv", COMPANIES.as_bytes())]);
    assert!(cut.message(&["n", "c.csv"]).starts_with("n: cannot read: "));
}

#[test]
fn sources_that_speak_of_one_company_are_merged_field_by_field() {
    let register = "key,name,country,register_number,lei,city\n\
                    r1,Alpha Holding,NL,123,724500VKKSH9QOLTFR81,\n\
                    r2,Delta,NL,77,,\n";
    let other = "key,name,country,register_number,city,domain\n\
                 o1,ALPHA,NL,123,Delft,alpha.example\n\
                 r2,Delta again,,,Leiden,\n\
                 o3,Elsewhere,BE,123,,\n";
    let networks = "network,company\n1.0.0.0/24,o1\n1.0.1.0/24,r1\n1.0.2.0/24,r2\n1.0.3.0/24,o3\n\
                    1.0.4.0/24,a\n";
    let folder = Folder::new(&[
        ("register", register.as_bytes()),
        ("other", other.as_bytes()),
        ("networks", networks.as_bytes()),
        ("lei", COMPANIES.as_bytes()),
    ]);
    let build = |better: &str| {
        let priority = |name: &str| i32::from(name == better);
        let sources = ["register", "other", "networks", "lei"].map(|name| {
            let path = folder.0.path().join(name);
            let format = Format::detect(&path).unwrap();
            Source::new(name, format).path(path).priority(priority(name))
        });
        open(&sources.into_iter().fold(Builder::new(), Builder::source)).0
    };
    let index = build("register");
    let names = ["1.0.0.1", "1.0.1.1", "1.0.4.1"].map(|address| name(&index, address));
    assert_eq!(names, ["Alpha Holding"; 3]);
    assert_eq!(name(&index, "1.0.2.1"), "Delta");
    // Beta has no address, and the same number in another country is another company's.
    assert_eq!((name(&index, "1.0.3.1").as_str(), index.company_count()), ("Elsewhere", 3));
    let hit = index.lookup("1.0.0.1".parse().unwrap()).unwrap().unwrap();
    let company = hit.company().unwrap();
    assert_eq!(company.get(Field::City), Some("Delft"));
    assert_eq!(company.get(Field::Domain), Some("alpha.example"));
    assert_eq!(name(&build("other"), "1.0.0.1"), "ALPHA");
}

#[test]
fn of_equal_priorities_the_source_retrieved_later_is_believed() {
    let folder = Folder::new(&[
        ("early", b"key,name,city\na,Early,Delft\n"),
        ("late", b"key,name\na,Late\n"),
        ("n", b"network,company\n1.0.0.0/24,a\n"),
    ]);
    let source = |name: &str, day: &str| {
        let path = folder.0.path().join(name);
        let source = Source::new(name, Format::detect(&path).unwrap()).path(path);
        source.retrieved(day.parse().unwrap())
    };
    let builder = Builder::new()
        .source(source("early", "2026-01-01"))
        .source(source("late", "2026-02-01"))
        .source(source("n", "2026-01-01"));
    let index = open(&builder).0;
    assert_eq!(name(&index, "1.0.0.1"), "Late");
    let company = index.company(CompanyId::new(1)).unwrap();
    assert_eq!(company.get(Field::City), Some("Delft"));
    // Each fact keeps its source: "late" is the second of the three, "early" the first.
    assert_eq!(company.fact_sources().collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn a_company_known_by_name_only_is_not_joined_to_one_with_a_key() {
    let networks = "network,company,name,country\n1.0.0.0/24,b,,\n1.0.1.0/24,,Beta GmbH,DE\n";
    let folder = Folder::new(&[("n", networks.as_bytes()), ("c", COMPANIES.as_bytes())]);
    assert_eq!(folder.build(&["n", "c"]).0.company_count(), 2);
}

#[test]
fn sources_that_agree_on_a_range_are_all_named_and_surer_together() {
    let (one, two) = (
        "network,name,confidence,kind\n1.0.0.0/24,Alpha,0.8,\n1.0.1.0/24,Alpha,0.8,\n",
        "start,end,name,confidence,kind,asn\n1.0.0.0,1.0.0.255,Alpha,0.5,business,64500\n\
         1.0.0.0,1.0.0.255,Alpha,0.4,business,64500\n1.0.1.0,1.0.1.255,Beta,0.9,,\n",
    );
    let folder = Folder::new(&[("one", one.as_bytes()), ("two", two.as_bytes())]);
    let (index, _) = folder.build(&["one", "two"]);
    let hit = index.lookup("1.0.0.1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(hit.sources().unwrap(), ["one", "two"]);
    assert_eq!(hit.confidence().unwrap(), Some(0.9));
    assert_eq!((hit.kind().unwrap(), hit.asn().unwrap()), (firmtrie::Kind::Business, Some(64500)));
    let hit = index.lookup("1.0.1.1".parse().unwrap()).unwrap().unwrap();
    assert_eq!(hit.sources().unwrap().len(), 1);
}

#[test]
fn the_newer_of_two_claims_wins_where_priorities_are_equal() {
    let old = "network,name,date\n1.0.0.0/24,Aardvark,2024-01-01\n1.0.1.0/24,Aardvark,2026-01-01\n";
    let new = "network,name,date\n1.0.0.0/24,Zebra,2025-01-01\n1.0.1.0/24,Zebra,\n";
    let folder = Folder::new(&[("a", old.as_bytes()), ("b", new.as_bytes())]);
    let (index, _) = folder.build(&["a", "b"]);
    assert_eq!(["1.0.0.1", "1.0.1.1"].map(|at| name(&index, at)), ["Zebra", "Aardvark"]);
}

#[test]
fn every_bad_row_is_named_by_line_column_and_value() {
    for (row, said) in [
        (
            "1.0.0.1/24,a,,,,,",
            "n:3: column network: \"1.0.0.1/24\": has host bits set; write 1.0.0.0/24",
        ),
        ("1.0.0.0/33,a,,,,,", "n:3: column network: \"1.0.0.0/33\": is not a prefix"),
        (",a,,,,,", "n:3: has neither a network nor start and end"),
        ("1.0.0.0/24,,,,,,", "n:3: names neither a company by its key nor a name"),
        ("1.0.0.0/24,a,Alpha,,,,", "n:3: has both the key of a company and a name"),
        ("1.0.0.0/24,a,,firm,,,", "n:3: column kind: \"firm\": is not one of unknown, business"),
        ("1.0.0.0/24,,X,,UK,,", "n:3: column country: \"UK\": is not a code of ISO 3166-1"),
        ("1.0.0.0/24,a,,,,1.11.2026,", "n:3: column date: \"1.11.2026\": is not a date"),
        ("1.0.0.0/24,a,,,,2026-11-02,", "n:3: column date: \"2026-11-02\": lies after the day"),
        ("1.0.0.0/24,a,,,,,90%", "n:3: column confidence: \"90%\": is not a number from 0 to 1"),
        ("1.0.0.0/24,a,,,,,1.1", "n:3: column confidence: \"1.1\": is not a number from 0 to 1"),
        ("1.0.0.0/24,z,,,,,", "n:3: column company: \"z\": no company has this key"),
        ("1.0.0.0/24,a", "n:3: has 2 columns where its header has 7"),
    ] {
        let rows = format!("network,company,name,kind,country,date,confidence\r\n\r\n{row}\r\n");
        let folder = Folder::new(&[("n", rows.as_bytes()), ("c", COMPANIES.as_bytes())]);
        let message = folder.message(&["n", "c"]);
        assert!(message.starts_with(said), "{message}\n{said}");
    }
    for (row, said) in [
        ("x,,,,,", "c:2: column name: \"\": is empty"),
        ("x,X,Q1,,,", "c:2: column country: \"Q1\": is not a code"),
        ("x,X,NL,99Z9,,", "c:2: column legal_form: \"99Z9\": is not a code of ISO 20275"),
        (
            "x,X,NL,,724500VKKSH9QOLTFR82,",
            "c:2: column lei: \"724500VKKSH9QOLTFR82\": is not an LEI",
        ),
        ("x,X,NL,,,NL123456789B01", "c:2: column vat: \"NL123456789B01\": is not a VAT number of"),
        ("x,X,NL,,,12", "c:2: column vat: \"12\": is not a VAT number: a country's two letters"),
        (
            "k,X,NL,54M6,,NL 0044.95445.B01\nk,Y,,,,",
            "c:3: column key: \"k\": this source has the key",
        ),
    ] {
        let rows = format!("key,name,country,legal_form,lei,vat\n{row}\n");
        let message = Folder::new(&[("c", rows.as_bytes())]).message(&["c"]);
        assert!(message.starts_with(said), "{message}\n{said}");
    }
    let rows = "key,name,domain\nk,X,x.example jan@x.example\n";
    let message = Folder::new(&[("c", rows.as_bytes())]).message(&["c"]);
    let said = "c:2: column domain: \"...@x.example\": is an e-mail address and no domain";
    assert!(message.starts_with(said), "{message}");
}

#[test]
fn a_message_about_a_contact_quotes_nothing_of_it() {
    let secret = "Ms Secret";
    for rows in [
        format!("company,name,email,date\na,{secret},{secret}@x.example,{secret}\n").into_bytes(),
        format!("company,name,email\n,{secret},{secret}\n").into_bytes(),
        format!("company,name,email\na,{secret}\n").into_bytes(),
        format!("company,name\n{secret},{secret}\n").into_bytes(),
        [b"company,name,email\na,", secret.as_bytes(), b"\xe9,x\n"].concat(),
        format!("{{\"company\": \"a\", \"name\": {{\"is\": \"{secret}\"}}}}").into_bytes(),
        format!("{{\"company\": \"a\", \"name\": \"{secret}\"}}\n\"{secret}\"\n").into_bytes(),
    ] {
        let folder = Folder::new(&[("p", &rows), ("c", COMPANIES.as_bytes())]);
        let message = folder.message(&["c", "p"]);
        assert!(message.starts_with("p:") && !message.contains("Secret"), "{message}");
    }
    let good = format!("company,name,email\na,{secret},secret@x.example\n");
    let networks = "network,company\n1.0.0.0/24,a\n";
    let folder = Folder::new(&[
        ("p", good.as_bytes()),
        ("c", COMPANIES.as_bytes()),
        ("n", networks.as_bytes()),
    ]);
    let (bytes, summary) = folder.builder(&["p", "c", "n"]).build().unwrap();
    assert_eq!(summary.metadata.counts.contacts, 1);
    for text in ["Secret", "secret@x", "do not carry along", "Beta"] {
        let holds = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds, "{text}");
    }
}

#[test]
fn bad_rows_can_be_passed_over_and_are_counted() {
    let mut rows = NETWORKS.to_owned();
    for line in 6..20 {
        rows.push_str(if line % 2 == 0 { "nonsense,,,a,,,,,\n" } else { "2.0.0.0/24,,,z,,,,,\n" });
    }
    let folder = Folder::new(&[("n", rows.as_bytes()), ("c", COMPANIES.as_bytes())]);
    let (index, summary) = open(&folder.builder(&["n", "c"]).skip_bad_rows(true));
    assert_eq!((summary.skipped.count, summary.skipped.first.len()), (14, 10));
    assert_eq!(summary.skipped.first[0].line, 6);
    assert_eq!(index.info().unwrap().counts.skipped_rows, 14);
    assert_eq!(name(&index, "1.0.0.1"), "Alpha B.V.");
    // What is wrong with a file as a whole is not one row's fault.
    let long = format!("network,name\n1.0.0.0/24,\"{}\"\n", "x".repeat(10 << 20));
    let folder = Folder::new(&[("n", long.as_bytes())]);
    let error = folder.builder(&["n"]).skip_bad_rows(true).build().unwrap_err().to_string();
    assert!(error.contains("n: line 2: the row is longer than"), "{error}");
    let json = format!("{{\"network\": \"1.0.0.0/24\", \"name\": \"{}\"}}", "x".repeat(10 << 20));
    let message = Folder::new(&[(
        "n.json",
        format!("{{\"network\":\"2.0.0.0/8\",\"name\":\"X\"}}\n{json}").as_bytes(),
    )])
    .message(&["n.json"]);
    assert!(message.starts_with("n.json: line 2 is longer than"), "{message}");
}

#[test]
fn what_a_file_is_is_told_from_its_first_row_or_not_at_all() {
    let detect = |content: &str| {
        let folder = Folder::new(&[("f", content.as_bytes())]);
        Format::detect(folder.0.path().join("f")).map_err(|error| error.to_string())
    };
    assert_eq!(detect("1.0.0.0,1.0.0.255,1,X\n"), Ok(Format::AsnCsv));
    assert_eq!(detect("\n::,::1,1,\"X, Y\"\n"), Ok(Format::AsnCsv));
    assert_eq!(detect("Name, END ,start\n"), Ok(Format::Networks));
    assert_eq!(detect("key,name\n"), Ok(Format::Companies));
    assert_eq!(detect("email,company,name\n"), Ok(Format::Contacts));
    assert_eq!(detect("\n {\"key\": 1, \"name\": 2}\n"), Ok(Format::Companies));
    for content in ["a,b\n", "key,network,name\n", "{}\n", "1.0.0.0/24,X\n"] {
        let error = detect(content).unwrap_err();
        assert!(error.contains("asn-csv") && error.contains("contacts"), "{error}");
    }
    assert!(detect("").unwrap_err().ends_with("has no rows"));
}

#[test]
fn another_separator_encoding_or_header_is_named_with_what_to_do() {
    let detect = |content: &[u8]| {
        let folder = Folder::new(&[("f", content)]);
        Format::detect(folder.0.path().join("f")).map_err(|error| error.to_string())
    };
    for (content, says) in [
        ("network;name\n1.0.0.0/24;X\n", "separated by semicolons; say delimiter = \";\""),
        ("network\tname\n1.0.0.0/24\tX\n", "separated by tabs; say delimiter = \"tab\""),
        ("1.0.0.0|1.0.0.255|1|X\n", "separated by bars"),
        (
            "netwrok,nmae\n1.0.0.0/24,X\n",
            "its columns are netwrok, nmae; is network meant by netwrok?",
        ),
        ("Jo Doe,jo@firm.example\n", "no name of a column is in its first row"),
    ] {
        let error = detect(content.as_bytes()).unwrap_err();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("jo@"), "{error}");
    }
    let utf_16: Vec<u8> = "network,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for content in [[&[0xff, 0xfe], &utf_16[..]].concat(), utf_16.clone()] {
        let error = detect(&content).unwrap_err();
        assert!(error.contains("UTF-16; say encoding = \"utf-16\""), "{error}");
    }
    // A header that is nearly right, of a format that is named.
    let folder = Folder::new(&[("n", b"network,compnay\n1.0.0.0/24,X\n")]);
    let text = "[[source]]\nname = \"n\"\npath = \"n\"\nbasis = \"x\"\nformat = \"networks\"\n";
    let message = manifest(&folder, text).unwrap().builder.build().unwrap_err().to_string();
    assert!(message.contains("is company meant by compnay?"), "{message}");
    let message = Folder::new(&[("n", b"network,name\n1.0.0.0/24,Caf\xe9\n")]).message(&["n"]);
    assert!(message.contains("is not UTF-8; say what it is with encoding = "), "{message}");
}

#[test]
fn json_loses_and_alters_nothing() {
    let networks = b"{\"network\": \"1.0.0.0/24\", \"company\": 7}\n";
    let companies =
        b"{\"key\": 7, \"name\": \"Alpha B.V.\", \"register_number\": 1234567890123456789012, \
                      \"industry\": 62.10, \"extra\": {\"x\": 1e999}, \"domain\": [\"a.example\", \"b.example\"]}\n";
    let (index, _) = Folder::new(&[("n", networks), ("c", companies)]).build(&["n", "c"]);
    let hit = index.lookup("1.0.0.1".parse().unwrap()).unwrap().unwrap();
    let company = hit.company().unwrap();
    assert_eq!(company.get(Field::RegisterNumber), Some("1234567890123456789012"));
    assert_eq!(company.get(Field::Industry), Some("62.10"));
    for (row, says) in [
        (
            "\"name\": \"A\", \"name\": \"B\"",
            "1: has one name twice, the second time before character",
        ),
        ("\"name\": {\"$serde_json::private::RawValue\": \"5\"}", "is an object; expected text"),
        ("\"name\": \"A\\ud83d\"", "1: column name: \"\": holds what is no letter"),
        ("\"name\": [\"A\", \"B\"]", "1: column name: \"\": is a list; expected one text"),
        ("\"name\": \"A\", \"x\": {\"y\": 1, \"y\": 2", "is not an object of JSON, from character"),
    ] {
        let row = format!("{{\"network\": \"1.0.0.0/24\", {row}}}\n");
        let message = Folder::new(&[("n", row.as_bytes())]).message(&["n"]);
        assert!(message.contains(says), "{message}");
    }
    for (content, says) in [
        ("[{\"network\": \"1.0.0.0/24\"}]\n", "is a list of JSON; write its objects as JSON Lines"),
        ("{\n  \"network\": \"1.0.0.0/24\"\n}\n", "line 1: is not an object of JSON"),
        ("{\"a\": 1} {\"a\": 2}\n", "JSON Lines have one object on each line"),
    ] {
        let message = Folder::new(&[("n", content.as_bytes())]).message(&["n"]);
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn what_a_slip_in_a_header_may_mean_is_told_and_blanks_before_quotes_are_refused() {
    let rows = b"network,name,contry,secret note,knd\n1.0.0.0/24,X B.V.,NL,y,isp\n";
    let (_, summary) = Folder::new(&[("n", rows)]).build(&["n"]);
    let slips: Vec<_> =
        summary.slips.iter().map(|slip| (slip.column.as_str(), slip.meant)).collect();
    assert_eq!(slips, [("contry", "country"), ("knd", "kind")]);
    // Where blanks stand behind all separators they are no sign of prose; a blank line is no row.
    let rows = b"\r\n\r\nnetwork, remark, name\r\n11.1.0.0/16,\"main, Alpha B.V.\r\n11.2.0.0/16, rack 5\",Beta B.V.\r\n";
    let message = Folder::new(&[("n", rows)]).message(&["n"]);
    assert!(message.contains("holds what looks like whole rows in column 2"), "{message}");
    let rows =
        b"network, remark, name\n11.1.0.0/16,\"main, Alpha B.V.\n11.2.0.0/16, rack 5\",Beta B.V.\n";
    let message = Folder::new(&[("n", rows)]).message(&["n"]);
    assert!(message.contains("2: holds what looks like whole rows in column 2"), "{message}");
    let message = Folder::new(&[("n", b"network,name\n1.0.0.0/24, \"X\"\n")]).message(&["n"]);
    assert!(
        message.contains("2: column name: ") && message.contains("a blank before its quote"),
        "{message}"
    );
}

#[test]
fn what_is_no_table_at_all_is_called_what_it_is() {
    for (content, says) in [
        (&b""[..], "it has no rows"),
        (b"\xef\xbb\xbf", "it has no rows"),
        (b"network,name\r1.0.0.0/24,X\r", "its lines end in carriage returns"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "is a ZIP archive; unpack it"),
        (b"\xff\xfe\0\0n\0\0\0", "is written in UTF-32"),
        (b"network,name\n1.0.0.0/24,A\0B\n", "\"A\\0B\": holds a NUL"),
    ] {
        let folder = Folder::new(&[("n", content)]);
        let text = "[[source]]\nname = \"n\"\npath = \"n\"\nbasis = \"x\"\nformat = \"networks\"\n";
        let message = manifest(&folder, text).unwrap().builder.build().unwrap_err().to_string();
        assert!(message.contains(says) && !message.contains("UTF-16"), "{message}");
    }
}

#[test]
fn a_manifest_says_what_separates_columns_and_how_letters_are_encoded() {
    let rows = b"network;name\n1.0.0.0/24;\"Caf\xe9; Bar B.V.\"\n".to_vec();
    let utf_16: Vec<u8> = "network\tname\n1.0.0.0/24\tCaf\u{e9}; Bar B.V.\n"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let utf_16 = [&[0xfe, 0xff], &utf_16[..]].concat();
    let folder = Folder::new(&[("n", &rows[..]), ("u", &utf_16[..])]);
    for (path, layout) in [
        ("n", "delimiter = \";\"\nencoding = \"windows-1252\"\n"),
        ("u", "delimiter = \"tab\"\nencoding = \"utf-16\"\n"),
    ] {
        // Its format is found by its header, too.
        for format in ["format = \"networks\"\n", ""] {
            let text = format!(
                "[[source]]\nname = \"n\"\npath = \"{path}\"\nbasis = \"x\"\n{format}{layout}"
            );
            let read = manifest(&folder, &text).unwrap();
            let index = Index::from_bytes(&read.builder.build().unwrap().0).unwrap();
            assert_eq!(name(&index, "1.0.0.1"), "Caf\u{e9}; Bar B.V.");
        }
    }
    let text = "[[source]]\nname = \"n\"\npath = \"n\"\nbasis = \"x\"\nformat = \"networks\"\n";
    for (layout, says) in [
        ("delimiter = \",,\"", "line 6: \",,\" separates no columns; write one character"),
        (
            "encoding = \"latin9000\"",
            "line 6: \"latin9000\" is no encoding; it is utf-8, windows-1252",
        ),
    ] {
        let error = manifest(&folder, &format!("{text}{layout}\n")).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    // What the encoding has no letter for is no guess.
    let text = format!("{text}delimiter = \";\"\nencoding = \"shift_jis\"\n");
    let error = manifest(&folder, &text).unwrap().builder.build().unwrap_err().to_string();
    assert!(error.contains("is not Shift_JIS"), "{error}");
}

#[test]
fn a_quote_that_is_left_open_is_named_and_swallows_no_row() {
    let rows = "network,name\n1.0.0.0/24,\"Open B.V.\n1.0.1.0/24,X\n1.0.2.0/24,\"Y\"\n";
    for rows in [rows, "network,name\n1.0.0.0/24,\"Open B.V.\n1.0.1.0/24,X\n"] {
        let folder = Folder::new(&[("n", rows.as_bytes())]);
        let says = "n: line 2: the quote that begins a value here is not closed";
        assert!(folder.message(&["n"]).starts_with(says), "{}", folder.message(&["n"]));
        let text = "[[source]]\nname = \"n\"\npath = \"n\"\nbasis = \"x\"\nformat = \"networks\"\n";
        let builder = manifest(&folder, text).unwrap().builder.skip_bad_rows(true);
        assert!(builder.build().unwrap_err().to_string().contains(&says[3..]));
    }
}

fn manifest(folder: &Folder, text: &str) -> Result<Manifest, String> {
    let path = folder.0.path().join("firmtrie.toml");
    fs::write(&path, text).unwrap();
    let here = format!("{}/", folder.0.path().display());
    Manifest::read(&path).map_err(|error| error.to_string().replace(&here, ""))
}

#[test]
fn a_manifest_says_it_all_and_its_paths_are_relative_to_it() {
    let folder = Folder::new(&[("n.csv", NETWORKS.as_bytes()), ("c.csv", COMPANIES.as_bytes())]);
    let text = "as_of = 2026-11-01\npolicy = \"open\"\noutput = \"out/x.firm\"\n\
                [[source]]\nname = \"n\"\nformat = \"networks\"\npath = \"n.csv\"\n\
                retrieved = \"2026-10-01\"\npriority = 3\nlicence = \"CC0-1.0\"\n\
                [[source]]\nname = \"c\"\npath = [\"c.csv\"]\n\
                [controller]\nname = \"Example\"\ncontact = \"privacy@example.org\"\n";
    let read = manifest(&folder, text).unwrap();
    assert_eq!(read.output, Some(folder.0.path().join("out/x.firm").into()));
    let metadata = read.builder.build().unwrap().1.metadata;
    assert_eq!((metadata.as_of.as_str(), metadata.policy.as_str()), ("2026-11-01", "open"));
    assert_eq!(metadata.controller.unwrap().name, "Example");
    let source = &metadata.sources[1];
    assert_eq!((source.name.as_str(), source.priority), ("n", 3));
    assert_eq!(source.retrieved.as_deref(), Some("2026-10-01"));
    assert!(!Path::new(&source.name).is_absolute());
}

#[test]
fn a_source_was_retrieved_on_the_day_on_which_the_oldest_of_its_files_was_modified() {
    let folder = Folder::new(&[("a.csv", NETWORKS.as_bytes()), ("c.csv", COMPANIES.as_bytes())]);
    // The last second of 30 September 2026, and the first one of 2 October.
    let [old, new] =
        [1_790_812_799, 1_790_899_200].map(|time| UNIX_EPOCH + Duration::from_secs(time));
    let modify = |name: &str, time: SystemTime| {
        let file = fs::File::options().write(true).open(folder.0.path().join(name)).unwrap();
        file.set_modified(time).unwrap();
    };
    fs::copy(folder.0.path().join("a.csv"), folder.0.path().join("b.csv")).unwrap();
    modify("a.csv", new);
    modify("b.csv", old);
    let text = |path: &str| {
        format!(
            "as_of = 2026-11-01\npolicy = \"open\"\n[[source]]\nname = \"n\"\nformat = \"networks\"\n\
             path = {path}\nretrieved = \"modified\"\n[[source]]\nname = \"c\"\npath = \"c.csv\"\n"
        )
    };
    let retrieved = |path: &str| {
        let metadata = manifest(&folder, &text(path)).unwrap().builder.build().unwrap().1.metadata;
        metadata.sources[1].retrieved.clone()
    };
    assert_eq!(retrieved("[\"a.csv\", \"b.csv\"]").as_deref(), Some("2026-09-30"));
    assert_eq!(retrieved("\"a.csv\"").as_deref(), Some("2026-10-02"));
    let error = manifest(&folder, &text("\"z.csv\"")).unwrap_err();
    assert!(error.starts_with("z.csv: cannot read: "), "{error}");
}

#[test]
fn companies_alike_are_all_of_which_the_same_is_known_contacts_aside() {
    let folder = Folder::new(&[
        (
            "companies",
            b"key,name,country,domain\na,Twin B.V.,NL,\nb,Twin B.V.,NL,\nc,Twin B.V.,BE,\n\
              d,Works GmbH,DE,z.example a.example m.example\n",
        ),
        ("networks", b"network,company\n1.0.0.0/24,a\n1.0.2.0/24,b\n1.0.4.0/24,c\n1.0.6.0/24,d\n"),
    ]);
    let index = folder.build(&["companies", "networks"]).0;
    let list = |company: &Company| {
        let networks = index.networks_of(&index.companies_alike(company).unwrap()).unwrap();
        networks.map(|network| network.unwrap().prefix().to_string()).collect::<Vec<_>>()
    };
    let twin = Company::new("Twin B.V.").with(Field::Country, "NL");
    assert_eq!(list(&twin), ["1.0.0.0/24", "1.0.2.0/24"]);
    assert_eq!(list(&twin.clone().with(Field::Contact, "Eva\t\teva@twin.example")), list(&twin));
    assert_eq!(list(&twin.with(Field::City, "Delft")), [""; 0]);
    for company in index.companies() {
        let (id, record) = company.unwrap();
        let known = record.to_company();
        assert!(index.companies_alike(&known).unwrap().contains(&id), "{record:?}");
        assert!(record.facts().eq(known.facts()), "{record:?}");
    }
}

#[test]
fn a_manifest_of_no_files_is_refused_and_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let mut options = BuildOptions::default();
    options.output = Some(folder.path().join("none.firm").into());
    let manifest = Manifest::of_files(&[], None, None).unwrap();
    let error = manifest.write(options, |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.kind(), "usage", "{error}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_manifest_that_cannot_be_used_says_why_and_where() {
    let folder = Folder::new(&[("n.csv", NETWORKS.as_bytes()), ("c.csv", COMPANIES.as_bytes())]);
    let source = "[[source]]\nname = \"n\"\npath = \"n.csv\"\nbasis = \"given\"\n";
    for (text, said) in [
        (format!("{source}priorty = 1\n"), "firmtrie.toml: line 5: unknown field `priorty`"),
        (format!("as_of = \n{source}"), "firmtrie.toml: line 1: "),
        (format!("as_of = 2026-13-01\n{source}"), "firmtrie.toml: line 1: "),
        (format!("as_of = \"soon\"\n{source}"), "firmtrie.toml: line 1: \"soon\" is not a date"),
        (format!("\npolicy = \"lax\"\n{source}"), "firmtrie.toml: line 2: \"lax\" is no policy"),
        (format!("{source}format = \"csv\"\n"), "firmtrie.toml: line 5: \"csv\" is no format"),
        (
            "[[source]]\nname = \"n\"\npath = \"n.csv\"\n".into(),
            "firmtrie.toml: line 1: source \"n\" has no basis",
        ),
        (
            format!("registry_key = \"k\"\n{source}"),
            "firmtrie.toml: line 1: registry_key is the key of a registry; name that too",
        ),
        ("policy = \"open\"\n".into(), "firmtrie.toml: line 1: missing field `source`"),
        ("[[source]]\nname = \"n\"\npath = \"no.csv\"\n".into(), "no.csv: cannot open: "),
    ] {
        let message = manifest(&folder, &text).unwrap_err();
        assert!(message.starts_with(said), "{message}\n{said}");
    }
    let day = "as_of = 2026-11-01\npolicy = \"open\"\n";
    for (text, said) in [
        (format!("{day}{source}{source}"), "two sources are named \"n\"; give each its own name"),
        (
            format!("{day}{source}retrieved = 2026-11-02\n"),
            "source \"n\" was retrieved on 2026-11-02, after",
        ),
        (
            format!("{day}[[source]]\nname = \"n\"\nformat = \"networks\"\npath = []\n"),
            "source \"n\" has no file",
        ),
    ] {
        let message = manifest(&folder, &text).unwrap().builder.build().unwrap_err().to_string();
        assert!(message.starts_with(said), "{message}\n{said}");
    }
}

#[test]
fn what_is_told_without_a_file_reads_none() {
    // Errors of JSON speak of `manifest`, and a file of that name is another.
    let folder = Folder::new(&[("n.csv", NETWORKS.as_bytes()), ("manifest", b"")]);
    let text = "[[source]]\nname = \"n\"\npath = \"n.csv\"\nbasis = \"x\"\nformat = \"networks\"\n";
    let output = folder.0.path().join("manifest");
    let told = Manifest::parse(text, &output).unwrap().builder.skip_bad_rows(true);
    told.write(&output).unwrap();
    assert!(Index::open(&output).is_ok());
}
