#!/bin/sh
# Prints the files of the folder it is started in, or of a part of it (first argument), a line each: those that git knows of. Without
# a git checkout, or where git knows of none, whatever lies there but what is made there.
part=${1:-.}
files=$(git ls-files -z -- "$part" 2>/dev/null | tr '\000' '\n')
if [ -z "$files" ]; then
  echo 'git knows of no files here: all are taken' >&2
  files=$(
    du -al --exclude=node_modules --exclude=.git --exclude=./dist --exclude=./out --exclude=./state -- "$part" |
      cut -f 2- | LC_ALL=C sort
  )
fi
# Neither links nor what somebody has removed without telling git.
printf '%s\n' "$files" | while IFS= read -r file; do
  file=${file#./}
  if [ -f "$file" ] && [ ! -L "$file" ]; then printf '%s\n' "$file"; fi
done
