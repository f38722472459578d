//! The answer to an access request as a page: it can be read in a browser, in each language.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use tempfile::TempDir;

use super::{firmtrie, text, write};

const MANIFEST: &str = r#"
as_of = 2026-11-01
policy = "open"
registry = "registry"
output = "companies.firm"
[[source]]
name = "register"
format = "companies"
path = "companies.csv"
licence = "CC0-1.0"
retrieved = 2026-10-01
url = "https://register.example"
[[source]]
name = "whois"
format = "networks"
path = "networks.csv"
[controller]
name = "Example Index B.V."
contact = "privacy@example.com"
authority = "Autoriteit Persoonsgegevens"
recipients = "Customers of Example Index B.V."
"#;

#[test]
fn the_page_can_be_read_in_a_browser_in_both_languages() {
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    });
    let Some(browser) = browser else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no browser; install chromium to read the pages in it"
        );
        return;
    };
    let dir = TempDir::new().unwrap();
    let manifest = write(&dir, "firmtrie.toml", MANIFEST);
    let name = "\"Bäckerei <script>document.title='broken'</script> & Co\"";
    write(&dir, "companies.csv", format!("key,name,country,domain\na,{name},AT,baeckerei.at\n"));
    write(&dir, "networks.csv", "network,company\n11.1.0.0/16,a\n");
    let (registry, index) = (dir.path().join("registry"), dir.path().join("companies.firm"));
    let run = |arguments: &[&str]| {
        let ran = firmtrie("", arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.errors);
    };
    run(&["registry", "init", text(&registry)]);
    run(&["registry", "access", text(&registry), "--domain", "baeckerei.at"]);
    run(&["build", text(&manifest)]);
    for (language, wanted) in [
        (
            "en",
            [
                "What we hold about you",
                "Your rights",
                "privacy@example.com",
                "register.example",
                "2026-11-01",
            ],
        ),
        (
            "nl",
            [
                "Wat wij over u bewaren",
                "Uw rechten",
                "Toezicht",
                "Customers of Example Index B.V.",
                "inzage",
            ],
        ),
    ] {
        let page = dir.path().join("page.html");
        let _ = fs::remove_file(&page);
        let asked = ["registry", "subject", text(&registry), "--domain", "baeckerei.at"];
        let told = ["--index", text(&index), "--page", text(&page), "--language", language];
        run(&[&asked[..], &told].concat());
        let output = Command::new(browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .arg(format!("file://{}", page.display()))
            .output()
            .unwrap();
        let dom = String::from_utf8(output.stdout).unwrap();
        for wanted in wanted {
            assert!(
                dom.to_lowercase().contains(&wanted.to_lowercase()),
                "{wanted} is not in {dom}"
            );
        }
        assert!(dom.contains("Bäckerei &lt;script&gt;") && !dom.contains("<title>broken"), "{dom}");
        assert!(!dom.contains("<script"), "what a source says is text");
    }
}
