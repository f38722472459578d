//! The report of a build tells what sources disagree about and what could not be read, by file and line and
//! never by name.
#![cfg(feature = "build")]

use std::fs;

use firmtrie::builder::{Conflict, Conflicts, Report, Summary};
use firmtrie::{Builder, Format, Index, Source};
use tempfile::TempDir;

/// A build of files of networks, of which the first has the highest priority.
fn built(files: &[&str]) -> (TempDir, Vec<u8>, Summary) {
    let dir = TempDir::new().unwrap();
    let mut builder = Builder::new().skip_bad_rows(true);
    for (at, rows) in files.iter().enumerate() {
        let path = dir.path().join(format!("{at}.csv"));
        fs::write(&path, rows).unwrap();
        let source = Source::new(format!("{at}"), Format::Networks).path(path);
        builder = builder.source(source.priority(-i32::try_from(at).unwrap()));
    }
    let (bytes, summary) = builder.build().unwrap();
    (dir, bytes, summary)
}

fn in_folder(dir: &TempDir, report: &Report) -> [String; 2] {
    let folder = format!("{}/", dir.path().display());
    let texts = [report.to_string(), serde_json::to_string(report).unwrap()];
    texts.map(|text| text.replace(&folder, ""))
}

#[test]
fn one_network_that_is_claimed_for_two_companies_is_counted_as_a_conflict() {
    let (dir, bytes, summary) = built(&[
        "network,name\n1.0.0.0/24,Alpha B.V.\n1.0.1.0/24,Alpha B.V.\n1.0.2.0/24,Alpha B.V.\n",
        // The same company agrees, a wider or a smaller range is another network.
        "network,name\n1.0.0.0/24,ALPHA BV\n1.0.1.0/24,Beta B.V.\n1.0.2.0/25,Gamma B.V.\n",
        "network,name\n1.0.1.0/24,Alpha B.V.\n1.0.1.0/24,Delta B.V.\n",
    ]);
    let conflicts = &summary.report.conflicts[&Conflict::Companies];
    let [alpha, beta] = &conflicts.examples[0];
    assert_eq!((conflicts.networks, conflicts.examples.len()), (2, 2));
    // By another spelling it is another company, until an identifier says that it is not.
    assert_eq!((alpha.line, beta.line), (2, 2));
    let [alpha, beta] = &conflicts.examples[1];
    assert_eq!((alpha.line, beta.line), (3, 3));
    let [table, json] = in_folder(&dir, &summary.report);
    assert!(table.contains("2 networks are claimed for different companies\n"), "{table}");
    assert!(table.contains("0.csv:3 goes before 1.csv:3\n"), "{table}");
    for text in [table, json] {
        assert!(!text.contains("Beta") && !text.contains("Alpha"), "never by name: {text}");
    }
    let index = Index::from_bytes(&bytes).unwrap();
    let hit = index.lookup("1.0.1.9".parse().unwrap()).unwrap().unwrap();
    assert_eq!(hit.company().unwrap().name(), "Alpha B.V.");
}

#[test]
fn conflicts_are_counted_by_what_claims_differ_in_and_parts_of_a_range_are_none() {
    let (dir, _, summary) = built(&[
        "start,end,name,kind,asn,date\n\
         1.0.0.0,1.0.0.255,Alpha B.V.,business,64500,2026-10-01\n\
         1.0.1.0,1.0.1.255,Alpha B.V.,,64500,2026-10-01\n\
         1.0.2.0,1.0.2.200,Alpha B.V.,,,2026-10-01\n1.0.3.0,1.0.3.255,Alpha B.V.,,,2026-10-01\n",
        "start,end,name,kind,asn,date\n\
         1.0.0.0,1.0.0.255,Alpha B.V.,hosting,64500,2026-09-01\n\
         1.0.1.0,1.0.1.255,Alpha B.V.,education,64501,2026-09-01\n\
         1.0.2.100,1.0.2.255,Beta B.V.,,,2026-09-01\n1.0.3.0,1.0.3.9,Beta B.V.,,,2026-09-01\n\
         1.0.3.0,1.0.3.255,Beta B.V.,,,2019-01-01\n",
    ]);
    let conflicts = &summary.report.conflicts;
    let counted: Vec<_> = conflicts.iter().map(|(of, found)| (*of, found.networks)).collect();
    let each = [Conflict::Kinds, Conflict::Asns, Conflict::Crossing].map(|conflict| (conflict, 1));
    assert_eq!(counted, each, "what is too old contradicts nobody");
    let lines = |of: &Conflicts| of.examples[0].clone().map(|example| example.line);
    assert_eq!(conflicts.values().map(lines).collect::<Vec<_>>(), [[2, 2], [3, 3], [4, 4]]);
    let [table, json] = in_folder(&dir, &summary.report);
    assert!(
        table
            .contains("1 networks begin within another company's, and end behind it\n    0.csv:4 ")
    );
    assert!(json.contains(r#""conflicts":{"kinds":{"networks":1,"#), "{json}");
}

#[test]
fn rows_that_were_skipped_are_listed_without_what_stands_there() {
    let (dir, _, summary) = built(&[
        "network,name,asn\n1.0.0.0/24,Alpha B.V.,\n1.0.1.0/24,Beta B.V.,Jo Doe\nx,Gamma B.V.,\n",
    ]);
    assert_eq!(summary.report.skipped_rows, 2);
    let [table, json] = in_folder(&dir, &summary.report);
    let said =
        "2 rows could not be read and were skipped\n    0.csv:3: column asn: is not the number";
    assert!(table.contains(said), "{table}");
    assert!(json.contains("\"line\":4,\"column\":\"network\""), "{json}");
    for text in [table, json] {
        assert!(!text.contains("Jo Doe"), "{text}");
    }
}

#[test]
fn what_a_source_says_of_a_networks_kind_goes_before_the_words_of_a_name() {
    let (_dir, bytes, _) = built(&["network,name,kind\n\
         1.0.0.0/24,Juno Telecom Verzekeringen,business\n\
         1.0.1.0/24,Juno Telecom Verzekeringen,\n\
         1.0.2.0/24,Example Bakery B.V.,hosting\n\
         1.0.3.0/24,KDDI Corporation,business\n"]);
    let index = Index::from_bytes(&bytes).unwrap();
    let kinds = ["1.0.0.1", "1.0.1.1", "1.0.2.1", "1.0.3.1"].map(|address| {
        let found = index.classify(address.parse().unwrap()).unwrap();
        (found.status.as_str(), found.kind.map(firmtrie::Kind::as_str))
    });
    assert_eq!(kinds[0], ("company", Some("business")));
    assert_eq!(kinds[1], ("non_business", Some("isp")));
    assert_eq!(kinds[2], ("non_business", Some("hosting")));
    // A network that was looked at is one, whatever its claims say.
    assert_eq!(kinds[3], ("non_business", Some("isp")));
}

#[test]
fn what_is_too_old_is_explained_behind_what_decides() {
    let (dir, ..) = built(&[
        "network,name,date\n1.0.0.0/24,Old B.V.,2020-01-01\n",
        "network,name,date\n1.0.0.0/24,New B.V.,2026-10-01\n",
        "network,name,date\n1.0.0.0/16,Wide B.V.,2026-10-01\n",
    ]);
    let source = |at: i32| {
        let path = dir.path().join(format!("{at}.csv"));
        Source::new(at.to_string(), Format::Networks).path(path).priority(-at)
    };
    let builder = Builder::new().as_of("2026-11-01".parse().unwrap());
    let builder = (0..3).map(source).fold(builder, Builder::source);
    let (bytes, claims) = builder.explain("1.0.0.9".parse().unwrap()).unwrap();
    let companies: Vec<_> = claims.iter().map(|claim| claim.company.as_str()).collect();
    assert_eq!(companies, ["New B.V.", "Old B.V.", "Wide B.V."]);
    let index = Index::from_bytes(&bytes).unwrap();
    let hit = index.lookup("1.0.0.9".parse().unwrap()).unwrap().unwrap();
    assert_eq!(hit.company().unwrap().name(), "New B.V.", "the first decides");
}
