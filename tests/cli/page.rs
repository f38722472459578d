//! The answer to an access request as a letter: complete in each language, and to be read in a browser and on
//! paper as it is.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::{Ran, firmtrie, text, write};

const MANIFEST: &str = r#"
as_of = 2026-11-01
registry = "registry"
output = "companies.firm"
[[source]]
name = "register"
format = "companies"
path = "companies.csv"
licence = "CC0-1.0"
basis = "public register of firms"
retrieved = 2026-10-01
url = "https://register.example/a/very/long/address/of/a/page/which/no/table/of/four/columns/holds/in/one/line"
[[source]]
name = "whois"
format = "networks"
path = "networks.csv"
basis = "public registry of networks"
[controller]
name = "Example Index B.V."
contact = "privacy@example.com"
authority = "Autoriteit Persoonsgegevens"
"#;

/// A firm, its networks, and a request of access.
struct Office {
    dir: TempDir,
}

impl Office {
    fn new(manifest: &str) -> Self {
        let dir = TempDir::new().unwrap();
        write(&dir, "firmtrie.toml", manifest);
        let name = "\"Bäckerei <script>document.title='broken'</script> & Co\"";
        let facts =
            "Hoofdstraat 1,1234 AB,Delft,Dienstverlening-en-Handelsonderneming,1999-05,1200";
        let head = "key,name,country,domain,street,postal_code,city,legal_form,founded,employees";
        write(&dir, "companies.csv", format!("{head}\na,{name},AT,baeckerei.at,{facts}\n"));
        let networks =
            "network,company,kind\n11.1.0.0/16,a,\n11.3.0.0/24,a,business\n2a00:1::/32,a,\n";
        write(&dir, "networks.csv", networks);
        let office = Self { dir };
        for arguments in
            [&["init"][..], &["access", "--domain", "baeckerei.at", "--received", "2026-10-02"]]
        {
            let ran = office.registry(arguments);
            assert_eq!(ran.code, Some(0), "{}", ran.errors);
        }
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn registry(&self, arguments: &[&str]) -> Ran {
        let (command, rest) = arguments.split_first().unwrap();
        let registry = self.path("registry");
        firmtrie("", &[&["registry", command, text(&registry)], rest].concat())
    }

    fn build(&self) -> Ran {
        firmtrie("", &["build", text(&self.path("firmtrie.toml"))])
    }

    /// The page about the firm.
    fn page(&self, more: &[&str]) -> (Ran, String) {
        let (index, page) = (self.path("companies.firm"), self.path("answer.html"));
        let asked =
            ["subject", "--domain", "baeckerei.at", "--index", text(&index), "--page", text(&page)];
        let ran = self.registry(&[&asked[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.errors);
        (ran, fs::read_to_string(page).unwrap())
    }
}

/// What is read on a page, without its marks.
fn read(page: &str) -> String {
    let body = page.split_once("<main>").unwrap().1;
    let texts = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    let text = texts.collect::<Vec<_>>().join(" ").replace('\u{a0}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_letter_says_everything_in_its_language_and_nothing_in_another() {
    let office = Office::new(MANIFEST);
    office.build();
    let (ran, dutch) = office.page(&["--language", "nl"]);
    assert!(!ran.errors.contains("WARNING"), "{}", ran.errors);
    let dutch = read(&dutch);
    for wanted in [
        "Wat wij over u bewaren",
        "Aan Bäckerei",
        "Hoofdstraat 1",
        "1234 AB Delft Oostenrijk",
        "land Oostenrijk register",
        "Van Example Index B.V.",
        "privacy@example.com",
        "Ons kenmerk 1",
        "Betreft antwoord op een verzoek om inzage (artikel 15 AVG)",
        "Zoals bewaard in de index van 1 november 2026.",
        "2 oktober 2026",
        "2 november 2026",
        "1 oktober 2026",
        "1 inzage",
        "ontvangen",
        "klacht in te dienen bij de toezichthoudende autoriteit, Autoriteit Persoonsgegevens",
        "worden bewaard tot 2 jaar nadat",
        "11.1.0.0/16",
        "65.536",
        "4.294.967.296 × /64",
        "3 netwerken",
        "65.792 + 4.294.967.296 × /64",
        "Uw rechten",
        "schrijf dan naar privacy@example.com en noem ons kenmerk",
        "11.3.0.0/24 256 bedrijf",
        "mei 1999",
        "1.200",
        "Netwerk Adressen Gebruik Bron",
    ] {
        assert!(dutch.contains(wanted), "{wanted} is not in {dutch}");
    }
    let lower = dutch.to_lowercase();
    for word in
        [" the ", " and ", " your ", "network ", "received", "withheld", "november 2026,", "gdpr"]
    {
        assert!(!lower.contains(word), "{word} is in {dutch}");
    }
    let english = read(&office.page(&[]).1);
    for wanted in [
        "Dear Sir or Madam",
        "country Austria",
        "1 November 2026",
        "65,536",
        "until 2 years after",
        "VAT",
    ] {
        assert_eq!(english.contains(wanted), wanted != "VAT", "{wanted}: {english}");
    }
    for word in [" het ", " een ", " uw ", "AVG"] {
        assert!(!english.contains(word), "{word} is in {english}");
    }
    let told = ["--to", "Mr Doe\nHigh Street 1", "--reference", "2026/17"];
    let letter = read(&office.page(&told).1);
    assert!(
        letter.contains("Mr Doe  High Street 1") || letter.contains("Mr Doe High Street 1"),
        "{letter}"
    );
    assert!(letter.contains("Our reference 2026/17"), "{letter}");
}

#[test]
fn who_is_responsible_is_missed_at_the_build_and_at_the_page() {
    let (sources, _) = MANIFEST.split_once("[controller]").unwrap();
    let office = Office::new(sources);
    let ran = office.build();
    assert!(
        ran.errors.contains("WARNING: the manifest does not say who is responsible"),
        "{}",
        ran.errors
    );
    let (ran, page) = office.page(&[]);
    assert!(
        ran.errors.contains("WARNING: the index does not say who is responsible"),
        "{}",
        ran.errors
    );
    assert!(page.contains("does not say who is responsible") && page.contains("……"), "{page}");
    let asked = ["subject", "--domain", "baeckerei.at", "--page", "-"];
    let ran = office.registry(&asked);
    assert_eq!(ran.code, Some(2), "an answer that looked nowhere says that nothing is held");
    assert!(ran.errors.contains("--index <INDEX.firm>"), "{}", ran.errors);
    let office = Office::new(MANIFEST);
    assert!(!office.build().errors.contains("WARNING"));
}

/// A firm with two people, from a source that is called as a word of ours is.
const PEOPLE: &str = r#"
as_of = 2026-11-01
policy = "policy.toml"
registry = "registry"
output = "companies.firm"
[[source]]
name = "company"
format = "companies"
path = "companies.csv"
basis = "public register of firms"
[[source]]
name = "whois"
format = "networks"
path = "networks.csv"
basis = "public registry of networks"
[[source]]
name = "people"
format = "contacts"
path = "contacts.csv"
basis = "published by the firm"
[controller]
name = "Example Index B.V."
"#;

#[test]
fn a_letter_says_nothing_that_is_not_so() {
    let office = Office::new(PEOPLE);
    write(&office.dir, "policy.toml", "preset = \"open\"\n[contacts]\ninclude = true\n");
    let people = "company,name,job_title,email,date\n\
                  a,Eva Puk,,eva@baeckerei.at,2026-10-01\na,Max Mus,Koch,max@baeckerei.at,2026-10-01\n";
    write(&office.dir, "contacts.csv", people);
    let rectified =
        ["--domain", "baeckerei.at", "--field", "city", "--value", "Graz", "--channel", "brief"];
    let restricted = ["--domain", "other.at", "--until", "2026-12-31"];
    for (command, arguments) in [("rectify", &rectified[..]), ("restrict", &restricted)] {
        assert_eq!(office.registry(&[&[command], arguments].concat()).code, Some(0));
    }
    assert_eq!(
        office
            .registry(&[
                "rectify",
                "--domain",
                "baeckerei.at",
                "--field",
                "country",
                "--value",
                "AT",
                "--old",
                "DE"
            ])
            .code,
        Some(0)
    );
    assert_eq!(office.registry(&["step", "1", "verified", "--day", "2026-10-05"]).code, Some(0));
    assert_eq!(office.build().code, Some(0));
    let (index, page) = (office.path("companies.firm"), office.path("answer.html"));
    let ask = |who: &[&str], more: &[&str]| {
        let page = ["--index", text(&index), "--page", text(&page), "--language", "nl"];
        let ran = office.registry(&[&["subject"], who, &page, more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.errors);
        (ran.errors, read(&fs::read_to_string(office.path("answer.html")).unwrap()))
    };

    let (errors, letter) = ask(&["--domain", "baeckerei.at"], &[]);
    assert!(errors.contains("does not say where to write to, nor which authority"), "{errors}");
    for wanted in [
        "plaats Graz een rectificatie",
        "2 rectificatie kanaal: brief wat is hersteld: plaats nieuwe waarde: Graz",
        "rectificatie (AVG, artikel 16)",
        "wat is hersteld: land nieuwe waarde: Oostenrijk oude waarde: Duitsland",
        "vastgesteld 5 oktober 2026",
        "rechtsvorm Dienstverlening-en-Handelsonderneming company",
        "Eva Puk, eva@baeckerei.at",
    ] {
        assert!(letter.contains(wanted), "{wanted} is not in {letter}");
    }
    for lie in ["uw rectificatie", "het bedrijf", "profiel", ", ,"] {
        assert!(!letter.contains(lie), "{lie} is in {letter}");
    }

    let (errors, letter) = ask(&["--email", "eva@baeckerei.at"], &[]);
    assert!(!errors.contains("--to") && letter.contains("Aan Eva Puk Bäckerei"), "{letter}");
    assert!(!letter.contains("Max Mus") && !letter.contains("kenmerk"), "{letter}");
    assert!(letter.contains("Er is geen verzoek van u vastgelegd"), "{letter}");

    let (errors, letter) = ask(&["--domain", "other.at"], &[]);
    assert!(errors.contains("addressed to nobody; say to whom it is with --to"), "{errors}");
    assert!(letter.contains("beperking tot en met 31 december 2026"), "{letter}");
    assert!(!ask(&["--domain", "other.at"], &["--to", "Other"]).0.contains("--to"));
}

#[test]
fn who_sends_what_is_held_of_several_firms_is_told_so() {
    let office = Office::new(MANIFEST);
    let firms = "key,name,country,domain\na,Alpha Works B.V.,NL,shared.nl\nb,Beta Works B.V.,NL,shared.nl\n";
    write(&office.dir, "companies.csv", firms);
    write(&office.dir, "networks.csv", "network,company\n11.1.0.0/16,a\n11.2.0.0/16,b\n");
    office.build();
    let index = office.path("companies.firm");
    let asked = ["subject", "--index", text(&index), "--page", "-"];
    let refused = office.registry(&[&asked[..], &["--domain", "shared.nl"]].concat());
    assert_eq!((refused.code, refused.output.as_str()), (Some(1), ""));
    assert!(refused.errors.contains("several firms are known by this"), "{}", refused.errors);
    let errors = office.registry(&[&asked[..], &["--prefix", "11.0.0.0/8"]].concat()).errors;
    assert!(
        errors.contains("tells of several companies: Alpha Works B.V.; Beta Works B.V."),
        "{errors}"
    );
}

/// Opens a page of the test in a frame, and tells which words stand on more than one line.
const MEASURED: &str = "<!DOCTYPE html><html><body><iframe id=f src=answer.html width=900 height=9000></iframe>\
<pre id=out>waiting</pre><script>\
f.onload=()=>{const d=f.contentDocument,w=d.createTreeWalker(d.body,4),bad=[];let n;\
while(n=w.nextNode()){if(n.parentNode.className==='url')continue;\
for(const m of n.data.matchAll(/\\S+/g)){const r=d.createRange();r.setStart(n,m.index);\
r.setEnd(n,m.index+m[0].length);const tops=new Set([...r.getClientRects()].map(x=>Math.round(x.top)));\
if(tops.size>1&&!/[-\\u2013\\/]/.test(m[0]))bad.push(m[0]);}}\
const wide=d.documentElement.scrollWidth>d.documentElement.clientWidth;\
out.textContent='broken:['+bad.join(' ')+'] wide:'+wide;};</script></body></html>";

#[test]
fn the_letter_is_read_in_a_browser_and_on_paper_without_a_broken_word() {
    let Some(browser) = browser() else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no browser; install chromium to read the pages in it"
        );
        return;
    };
    let office = Office::new(MANIFEST);
    office.build();
    for language in ["en", "nl"] {
        office.page(&["--language", language]);
        let page = office.path("answer.html");
        let dom = dump(browser, &page);
        assert!(dom.contains("Bäckerei &lt;script&gt;") && !dom.contains("<title>broken"), "{dom}");
        assert!(!dom.contains("<script"), "what a source says is text");

        let measure = write(&office.dir, "measure.html", MEASURED);
        let told = dump(browser, &measure);
        assert!(told.contains("broken:[] wide:false"), "{language}: {told}");

        let pdf = office.path("answer.pdf");
        let print = format!("--print-to-pdf={}", pdf.display());
        run(browser, &["--no-pdf-header-footer", &print], &page);
        let printed = fs::read(&pdf).unwrap();
        assert!(printed.starts_with(b"%PDF-") && printed.len() > 10_000, "{}", printed.len());
        // A place to look at it.
        if let Some(kept) = std::env::var_os("FIRMTRIE_PAGES") {
            fs::copy(&pdf, Path::new(&kept).join(format!("answer-{language}.pdf"))).unwrap();
            fs::copy(&page, Path::new(&kept).join(format!("answer-{language}.html"))).unwrap();
        }
    }
}

fn browser() -> Option<&'static str> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    })
}

fn run(browser: &str, arguments: &[&str], page: &Path) -> Output {
    Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"])
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap()
}

fn dump(browser: &str, page: &Path) -> String {
    let output = run(browser, &["--dump-dom", "--virtual-time-budget=2000"], page);
    String::from_utf8(output.stdout).unwrap()
}
