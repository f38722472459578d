#!/bin/sh
# A night's index from the internet registries: fetch what is new, build, verify, publish.
#
#   nightly.sh FOLDER
#
# FOLDER holds firmtrie.toml (europe.toml is one to begin with) and urls.txt, a URL a line. What is fetched
# lies in FOLDER/fetched under the last part of its URL, the index in FOLDER/build/index.firm, and the one that
# readers follow is FOLDER/live/index.firm.
#
# A file that cannot be fetched stays as it is, and as old as it is: its source says `retrieved = "modified"`, and
# what is older than the policy keeps is left out. Whatever fails before `publish` leaves the live index alone; so
# does an index that has lost more than half of the live one's companies, unless SHRINK=1 says that it may.
set -eu

fail() { echo "nightly.sh: $1" >&2; exit 1; }

[ $# -eq 1 ] || { echo "usage: nightly.sh FOLDER" >&2; exit 2; }
cd "$1"
[ -r urls.txt ] || fail "$1/urls.txt is not there; it has a URL a line"
mkdir -p fetched build live

# A slow night and the next one must not write the same files.
exec 9> fetched/.lock
flock -n 9 || fail "the build before is still at work"

urls=$(tr -d '\r' < urls.txt | sed 's/^[[:blank:]]*//; s/[[:blank:]]*$//; /^#/d; /^$/d')
[ -n "$urls" ] || fail "$1/urls.txt has no URL"

# The name of what a URL fetches, without a query behind it.
name_of() { set -- "${1%%[?#]*}"; echo "${1##*/}"; }

twice=$(echo "$urls" | while read -r url; do name_of "$url"; done | sort | uniq -d)
[ -z "$twice" ] || fail "two URLs are fetched as $twice; give each a name of its own"

# Takes the place of the file that is there only whole, and only if there is a newer one.
fetch() {
    url=$1
    file=fetched/$(name_of "$url")
    rm -f "$file.new"
    set -- --fail --silent --show-error --location --retry 3 --connect-timeout 30 --remote-time
    [ ! -e "$file" ] || set -- "$@" --time-cond "$file"
    curl "$@" --output "$file.new" "$url" || return 1
    [ -s "$file.new" ] || { rm -f "$file.new"; return 0; }
    case $file in *.gz) gzip --test "$file.new" || { rm -f "$file.new"; return 1; } ;; esac
    mv "$file.new" "$file"
}

echo "$urls" | while read -r url; do
    fetch "$url" || echo "nightly.sh: $url could not be fetched; what is there of it is built from" >&2
done

companies() { firmtrie info "$1" --json | sed -n 's/.*"companies":\([0-9]*\).*/\1/p'; }

new=build/index.firm live=live/index.firm
firmtrie build firmtrie.toml --output "$new" --report build/report.json --quiet
firmtrie verify "$new" > build/verified.txt || { cat build/verified.txt >&2; exit 1; }
if [ -e "$live" ] && [ -z "${SHRINK:-}" ]; then
    before=$(companies "$live") now=$(companies "$new")
    [ $((now * 2)) -ge "$before" ] ||
        fail "$new has $now companies and $live $before: look at what was fetched, or say SHRINK=1"
fi
firmtrie publish "$new" "$live" --quiet
