/** Words that only a shell understands: a command that begins with one of them is for a shell. */

const KEYWORDS = '! [[ ]] { } case coproc do done elif else esac fi for function if in select then time until while'

/** Of POSIX, dash and bash, without those that are programs as well (echo, printf, test, kill, pwd, true, false). */
const BUILTINS =
  '. : alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown enable eval exec exit ' +
  'export fc fg getopts hash help history jobs let local logout mapfile popd pushd read readarray readonly return set shift shopt ' +
  'source suspend times trap type typeset ulimit umask unalias unset wait'

const WORDS: ReadonlySet<string> = new Set(`${KEYWORDS} ${BUILTINS}`.split(' '))

export function isShellWord(word: string): boolean {
  return WORDS.has(word)
}
