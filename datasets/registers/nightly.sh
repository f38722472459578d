#!/bin/sh
# A night's index from the internet registries: fetch what is new, build, verify, publish.
#
#   nightly.sh FOLDER
#
# FOLDER holds firmtrie.toml (europe.toml is one to begin with) and urls.txt, a URL a line. What is fetched
# lies in FOLDER/fetched, the index in FOLDER/build, and the one that readers follow in FOLDER/live.
#
# A file that cannot be fetched stays as it is, and as old as it is: its source says `retrieved = "modified"`, and
# what is older than the policy keeps is left out. Whatever fails before `publish` leaves the live index alone.
set -eu

[ $# -eq 1 ] || { echo "usage: nightly.sh FOLDER" >&2; exit 2; }
cd "$1"
mkdir -p fetched build live

# A slow night and the next one must not write the same files.
exec 9> fetched/.lock
flock -n 9 || { echo "nightly.sh: the build before is still at work" >&2; exit 1; }

# Takes the place of the file that is there only whole, and only if there is a newer one.
fetch() {
    file=fetched/${1##*/}
    newer=
    [ ! -e "$file" ] || newer="--time-cond $file"
    rm -f "$file.new"
    # shellcheck disable=SC2086 # two words, or none
    curl --fail --silent --show-error --location --retry 3 --connect-timeout 30 --remote-time \
        $newer --output "$file.new" "$1" || return 1
    [ -s "$file.new" ] || { rm -f "$file.new"; return 0; }
    case $file in *.gz) gzip --test "$file.new" || { rm -f "$file.new"; return 1; } ;; esac
    mv "$file.new" "$file"
}

grep -v '^ *\(#\|$\)' urls.txt | while read -r url; do
    fetch "$url" || echo "nightly.sh: $url could not be fetched; what is there of it is built from" >&2
done

index=$(sed -n 's/^output *= *"\(.*\)"/\1/p' firmtrie.toml)
firmtrie build firmtrie.toml --report build/report.json --quiet
firmtrie verify "$index" > build/verified.txt || { cat build/verified.txt >&2; exit 1; }
firmtrie publish "$index" "live/${index##*/}" --quiet
