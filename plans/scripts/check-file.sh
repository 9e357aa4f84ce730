#!/bin/sh
# Checks a file (first argument): text ends its lines with a line feed alone, the last one too. Fails with what is wrong; its value is what the
# file holds.
set -eu
file=$1
size() { echo $(($(wc -c))); }

bytes=$(size < "$file")
lines=0
problems=0
complain() {
  echo "$file: $1"
  problems=$((problems + 1))
}

if [ "$(tr -d '\000' < "$file" | size)" -ne "$bytes" ]; then
  kind=binary
else
  kind=text
  lines=$(($(wc -l < "$file")))
  case $file in
    # Pictures of screens and recordings: they are as they were.
    test/*/frames/* | test/*/fixtures/*) ;;
    *)
      if [ "$(tr -d '\r' < "$file" | size)" -ne "$bytes" ]; then complain 'has carriage returns'; fi
      if [ "$bytes" -gt 0 ] && [ "$(tail -c 1 "$file" | wc -l)" -eq 0 ]; then complain 'does not end with a line end'; fi
      ;;
  esac
fi

printf '{"kind":"%s","bytes":%d,"lines":%d}\n' "$kind" "$bytes" "$lines" >> "${BATCHTOP_VALUE:-/dev/stdout}"
[ "$problems" -eq 0 ]
