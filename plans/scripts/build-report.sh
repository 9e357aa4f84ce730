#!/bin/sh
# Writes totals and a table to a file (first argument), from the values of the batches before. Each batch's are in a file, in lines such as
# {"item":"part=src,level=9","value":123456}
set -eu
report=$1

# The number that a field of $line has, in $number.
read_number() {
  number=${line##*\"$1\":}
  number=${number%%[!0-9]*}
}

files=0 bytes=0 lines=0 binary=0
while IFS= read -r line; do
  files=$((files + 1))
  read_number bytes && bytes=$((bytes + number))
  read_number lines && lines=$((lines + number))
  case $line in *'"kind":"binary"'*) binary=$((binary + 1)) ;; esac
done < "$BATCHTOP_RESULTS_check"

packed=0 small=0
while IFS= read -r line; do
  packed=$((packed + 1))
  read_number value && small=$((small + number))
done < "$BATCHTOP_RESULTS_compress"

{
  echo '# Build matrix'
  echo
  echo "- $files files are in order: $lines lines, $bytes bytes, $binary of them binary"
  echo "- $packed files, each compressed by itself: $small bytes"
  if ! git rev-parse > /dev/null 2>&1; then echo '- no git checkout: these are all files below this folder'; fi
  echo
  echo '| part | level | bytes |'
  echo '|---|---:|---:|'
  LC_ALL=C sort "$BATCHTOP_RESULTS_pack" | while IFS= read -r line; do
    name=${line#*part=}
    name=${name%%\"*}
    read_number value
    echo "| ${name%%,*} | ${name##*level=} | $number |"
  done
} > "$report"
cat "$report"
