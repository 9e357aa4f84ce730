import { expect, test } from 'vitest'
import { commandWords } from '../../src/model/template.ts'
import { parseCommand } from '../../src/plan/command.ts'

const values = { item: "it's; $(x)", number: 1, thread: 1, batch: 'b' }

/** The words that run for an item, or why the command is refused. */
function wordsOf(text: string, shell?: readonly string[]): readonly string[] | string {
  const parsed = parseCommand(text, { columns: [], shell })
  return parsed.ok ? commandWords(parsed.command, values) : parsed.problem
}

const kindOf = (text: string, shell?: readonly string[]) => {
  const parsed = parseCommand(text, { columns: [], shell })
  return parsed.ok ? parsed.command.kind : parsed.problem
}

/** What is refused, with the part of the text that it is about. */
function refused(text: string, shell?: readonly string[]): readonly [string, string] {
  const parsed = parseCommand(text, { columns: [], shell })
  if (parsed.ok) throw new Error(`accepted: ${text}`)
  return [text.slice(parsed.at?.start, parsed.at?.end), parsed.hint]
}

test.each([
  ['gzip -k {}', ['gzip', '-k', values.item]],
  ['  convert\t{}  {.}.png ', ['convert', values.item, `${values.item}.png`]],
  ['cp {} out/x{}y{#}', ['cp', values.item, `out/x${values.item}y1`]],
  [`echo 'a  b' "c'd" ''`, ['echo', 'a  b', "c'd", '']],
  [`echo a'b'"c"d{}'e'`, ['echo', `abcd${values.item}e`]],
  [`grep 'x|y;$z' {}`, ['grep', 'x|y;$z', values.item]],
  ['find . -name {} -exec rm {{}} +', ['find', '.', '-name', values.item, '-exec', 'rm', '{}', '+']],
  [`docker ps --format '{{.Names}}'`, ['docker', 'ps', '--format', '{{.Names}}']],
  [`awk '{print $1}' {}`, ['awk', '{print $1}', values.item]],
  ['dd if={} bs=4k', ['dd', `if=${values.item}`, 'bs=4k']],
  ['./bin/{} a', [`./bin/${values.item}`, 'a']],
  ['naïve --größe=3', ['naïve', '--größe=3']],
  ['make -j4\n', ['make', '-j4']],
])('%j is words for a program', (text, words) => {
  expect(kindOf(text)).toBe('words')
  expect(wordsOf(text)).toEqual(words)
})

test.each([
  'ls *.c',
  'ls a?',
  'ls [ab]',
  'ls ~/x',
  'echo $x',
  'echo a\\ b',
  'a; b',
  'a & b',
  'a && b',
  'a | b',
  'a < b',
  'a > b',
  '(a)',
  'a {b',
  'a }',
  '! a',
  'a # b',
  'a\nb',
  'A=b cmd',
  'A+=b cmd',
  'cd {}',
  'exit 3',
  'export A=b',
  'set -e',
  '. ./x',
  'source x',
  ': x',
  'ulimit -n 5',
  'eval x',
  'exec x',
  'if x',
  'time x',
  '{} x',
  '-x y',
  '+x',
  '%1',
  "'cd' x",
  'a "$x"',
  'a "`x`"',
  'a "b\\c"',
  "''",
  'a{}b c',
  'a\u00a0b',
])('%j is for a shell', (text) => {
  expect(kindOf(text)).toBe('script')
})

test('a script runs in /bin/sh -e, with its placeholders quoted', () => {
  const quoted = `'it'\\''s; $(x)'`
  expect(wordsOf('cat {} | wc -l')).toEqual(['/bin/sh', '-e', '-c', `cat ${quoted} | wc -l`])
  expect(wordsOf('x="$(cat {})" && echo "$x" {{}}')).toEqual([
    '/bin/sh',
    '-e',
    '-c',
    `x="$(cat ${quoted})" && echo "$x" {}`,
  ])
  expect(wordsOf('echo {{}} | cat')).toEqual(['/bin/sh', '-e', '-c', 'echo {} | cat'])
})

test('where a shell is given, every command is for it', () => {
  expect(wordsOf('gzip {#}', ['bash', '-o', 'pipefail'])).toEqual(['bash', '-o', 'pipefail', '-c', "gzip '1'"])
  expect(wordsOf('print("{x}")', ['python3'])).toEqual(['python3', '-c', 'print("{x}")'])
})

test('an escaped `>` is a part of a word, and what follows is no redirection', () => {
  expect(wordsOf("echo a\\>&#'\necho ' {} '\n#'")).toBe(
    '`{}` stands in quotes, where what it stands for could end them.',
  )
})

test('a script that begins with a sign is no option of the shell', () => {
  expect(wordsOf('-x; y')).toEqual(['/bin/sh', '-e', '-c', ' -x; y'])
})

test.each(['', ' ', '\n\t'])('%j is empty', (text) => {
  expect(wordsOf(text)).toBe('The command is empty.')
})

test('a command holds no NUL character', () => {
  expect(wordsOf('a \0')).toBe('A command may hold no NUL character.')
})

test.each([
  ["cp '{}' x", '{}', 'Write it without the quotes, batchtop quotes it itself: `{}`.'],
  ['cp "out/{}.md" x', '{}', 'batchtop quotes it itself: `out/{}.md`.'],
  ['cp "$OUT/{/.}.md" x', '{/.}', 'batchtop quotes it itself: `"$OUT/"{/.}.md`.'],
  ['sed "s/@NAME@/{}/" x', '{}', 'Code of another program gets it as an argument'],
  [`sh -c 'echo {}'`, '{}', 'Write it outside the quotes'],
  [`python3 -c 'print("{}")'`, '{}', 'gets it as an argument or from its environment: BATCHTOP_ITEM.'],
  [`bash -c "cat {#}; ls"`, '{#}', 'or from its environment: BATCHTOP_NUMBER.'],
  [`echo $'{}'`, '{}', 'outside the quotes'],
  ['echo "$(echo "{}")"', '{}', 'without the quotes'],
  ['cat <<EOF\n{}\nEOF', '{}', 'Write $BATCHTOP_ITEM there, or pass {} as an argument.'],
  ["cat <<'E'\n{.}\nE\n", '{.}', 'Set a variable above it, such as `x={.}`'],
  ['cat <<-A <<B\n\tA\n{}\nB', '{}', 'BATCHTOP_ITEM'],
  ['ls # {}', '{}', 'Take it out of the comment.'],
  ['echo `cat {}`', '{}', 'Write $(…) instead of the backticks.'],
  ['echo $((1 + {}))', '{}', '`expr {} + 1`'],
  ['echo $((1 + ({#} * 2)))', '{#}', 'Write $BATCHTOP_NUMBER there.'],
  ['echo a\\{} | cat', '{}', 'Take the backslash away'],
  ['a[{}]=3', '{}', 'Write it outside the brackets.'],
  ['echo "\\{}"', '{}', 'outside the quotes'],
])('%j is refused with a hint', (text, part, hint) => {
  const [at, told] = refused(text)
  expect(at).toBe(part)
  expect(told).toContain(hint)
})

test.each([
  ['a quote that is not closed', "cat {} 'x", "'"],
  ['double quotes that are not closed', 'cat {} "x', '"x'],
  ['backticks that are not closed', 'cat {} `x', '`'],
  ['a command that is not closed', 'cat {} $(x', '$(x'],
  ['a here-document that does not end', 'cat {} <<EOF\nx\n', '<<EOF'],
  ['a here-document whose text is missing', 'cat {} <<EOF', '<<EOF'],
  ['a here-document whose end is computed', 'cat {} <<"$x"\n', '<<'],
  ['a name on the line of a here-document', 'cat <<EOF > {}\nEOF', '{}'],
  ['quotes over the line of a here-document', "cat <<EOF 'a\nb' \nEOF\necho {}", "'a\nb'"],
  ['a line of a here-document that goes on', 'cat <<EOF\nx\\\nEOF\n{}\nEOF\n', 'x\\'],
  ['an open command in a here-document', 'cat <<EOF\n$(x\nEOF\n{} )\nEOF\n', '$(x'],
  ['a here-document in a command', 'x=$(cat <<E\nE\n) {}', '<<E'],
  ['a here-string in sh', 'cat <<< {}', '<<<'],
  ['`case` in a command', 'echo "$(case x in x) echo " {} ";; esac)"', 'case'],
  ['`[[` in a command', 'echo $([[ x =~ [(] ]]) {}', '[['],
  ['`((`', '((x++)); echo {}', '(('],
  ['`$[`', 'echo $[1] {}', '$['],
  ['a pattern with parentheses', 'ls a@(x|y) {}', '('],
  ['a brace in `${…}`', 'echo ${x:-{} {}', '{'],
  ['quotes in `"${…}"`', `echo "\${x:-'}" {} "'}"`, "'"],
  ['a command in `${ … }`', 'echo ${ ls; } {}', '${ '],
  ['`$$` before a brace', 'echo $${} {}', '$${'],
  ['an escaped `${`', 'echo \\${} {}', '\\${'],
  ['a comment that is one only in bash', 'echo <&-# {}', '-#'],
  ['an index with blanks in it', "a[ '#' {} ]=1", 'a['],
  ['a line that goes on behind an escaped blank', "echo \\ \\\n#' \n{}\n#'", '\\'],
  ['a word over two lines', "echo $\\\n'{}' {}", '\\'],
  ['a backslash at the end', 'echo {} \\', '\\'],
  ["an escaped quote in `$'…'`", "echo $'\\'' {} $'\\''", "$'\\''"],
  ['a comment in a command', 'echo $(ls # x\n) {}', '# x'],
  ['a comment that ends with a backslash', 'ls # x\\\necho {}', '# x\\'],
  ['arithmetic that is not closed', 'echo $((1) 2) {}', ')'],
  ['quotes in arithmetic', 'echo $(("1")) {}', '"'],
  ['quotes in doubled braces', 'echo {{ " }} {} {{ " }}', '{{ " }}'],
  ['a backslash before doubled braces', 'ls; echo \\{{}} {}', '{{}}'],
])('%s is refused in a command with placeholders, and only there', (_, text, part) => {
  expect(refused(text)[0]).toBe(part)
  expect(kindOf(text.replaceAll('{}', 'x'))).toBe('script')
})

test.each([
  ['let', 'let x={}'],
  ['read', 'read {} < x; y'],
  ['unset', 'if x; then unset {}; fi'],
  ['declare', 'declare {}=1'],
  ['export', 'export {}'],
  ['a comparison', 'x && [[ {} -eq 3 ]]'],
  ['a comparison behind `&&`', '[[ -n x && 3 -lt {} ]]'],
  ['an integer', 'declare -i x; x={}'],
  ['a variable that is there or not', 'x; [ -v {} ]'],
  ['a variable that is there or not, behind `&&`', '[[ x && -v {} ]]'],
  ['a variable that is there or not, in parentheses', '[[ ! ( -v {} ) ]]'],
  ['a builtin behind exec', 'exec let {}'],
  ['the format of printf', 'x; printf {} y'],
  ['a format of printf with something before it', "x; printf 'a '{}"],
  ['a variable of printf', 'printf -v{} x'],
  ['a builtin behind an option', 'command -p let {}'],
  ['a builtin in quotes', "'let' {}"],
  ['a builtin behind a backslash', '\\unset {}'],
  ['a builtin behind a redirection', '2>/dev/null let {}'],
  ['a builtin before `>|`', 'let >| x {}'],
  ['a builtin before `&>`', 'let &> x {}'],
  ['a builtin before `<(…)`', 'let <(x) {}'],
  ['a builtin in `<(…)`', 'cat <(let {})'],
  ['a builtin in a function', 'function f { let {}; }; f'],
  ['a builtin of a coprocess', 'coproc let {}'],
  ['words that are expanded', 'compgen -W {}'],
  ['an integer with other options', 'declare -r +x -xi x; x={}'],
  ['a list of integers', 'declare -ai x; x=({})'],
  ['a redirection that bash expands twice', 'x >& {}'],
  ['a redirection that bash expands twice, over two lines', 'x <& \\\n a{}'],
  ['a variable that names another', 'declare -n x; x={}'],
  ['an index with a bracket in it', 'a[${z#]}{}]=1'],
  ['an index with a bracket in quotes', "a[']'{}]=1"],
])('a name is not taken for code by %s', (_, text) => {
  expect(refused(text, ['bash'])[0]).toContain('{}')
})

test.each([
  ["sh -c 'cat '{}", 'such as `sh -c'],
  ["timeout 5 bash -ec 'cat '{}' | wc'", 'BATCHTOP_ITEM'],
  ["x; env A=b bash -o pipefail -ec 'cat '{}", 'as an argument'],
  ["python3 -c 'print(\"'{}'\")'", 'as an argument'],
  ["perl -ne 'print if /'{}'/' x; y", 'as an argument'],
  ['eval echo {}', 'as an argument'],
  ["trap 'rm '{} EXIT; x", 'trap \'rm -f "$x"\' EXIT'],
  ['printf {}', "printf '%s"],
])('%j takes no name for a part of its code', (text, hint) => {
  expect(refused(text)[1]).toContain(hint)
})

test.each([
  'sh -c {}',
  'eval {}',
  'sh -c \'wc -l "$1"\' sh {}',
  'bash -e checks/{}.sh',
  'python3 -O train.py -c configs/{}.yaml',
  'node -e {} x/{}',
])('%j has a name for all of its code, or none in it', (text) => {
  expect(parseCommand(text, { columns: [] }).ok).toBe(true)
})

test('`&>` is for bash: other shells would run the name beside it', () => {
  expect(refused('make -C {} &> log')[0]).toBe('&>')
  expect(kindOf('make -C {} &> log', ['bash'])).toBe('script')
})

test('an alias, which may open quotes, is refused in a command with placeholders', () => {
  expect(refused(`alias q="echo '"\nq {}`)[0]).toBe('alias')
})

test.each([
  'export X={}; x',
  'local x={}',
  'while read -r l; do echo "$l"; done < {}',
  "printf '%s\\n' {} | cat",
  '[ {} = x ] && y',
  '[[ -f {} ]] && cat {}',
  'a=({} x); y',
  'for f in {}; do x; done',
  'case {} in a) echo {} ;; *) x ;; esac',
  'diff <(sort {}) <(sort x)',
  'cat <<< {}',
  'cat > {} <<EOF\nx\nEOF\n',
  "echo $'it\\'s' {}",
  'cmd 2>&1 > {} && x',
  'echo "${x:-a}" ${y%.*} {} $$ $# $?',
  'x=$(( $(wc -l < {}) + 1 ))',
  '{ cat {}; }',
  'cat {} # plain words',
  'export V=$(sed -n 1p x); y={}',
  'a[0]={} b["$k"]={}',
  'cmd >| {} 2>&1 <&- && x',
  'ls x[0-9]{}',
])('%j is fine in bash', (text) => {
  expect(kindOf(text, ['bash'])).toBe('script')
})

test('numbers are numbers: a shell may compare them', () => {
  expect(kindOf('[[ {#} -gt 10 ]] && x', ['bash'])).toBe('script')
  expect(kindOf('[ {#} -gt 10 ] && x', ['ksh'])).toBe('script')
  expect(refused('[ {} -gt 10 ] && x', ['ksh'])[0]).toBe('{}')
  expect(kindOf('[ {} -gt 10 ] && x')).toBe('script')
})

test.each([['exit {}'], ["printf '%d' {}"], ['shift {}'], ['ulimit -c {}']])(
  '%j is a number that ksh works out',
  (text) => {
    expect(refused(`x; ${text}`, ['ksh'])[0]).toBe('{}')
    expect(kindOf(`x; ${text}`, ['bash'])).toBe('script')
  },
)

test('texts are texts for printf, in every shell', () => {
  expect(kindOf("printf '%s: 100%%\\n' {} | x", ['zsh'])).toBe('script')
})

test('zsh may take parentheses for a pattern that runs code', () => {
  expect(refused('ls *({})', ['zsh'])[0]).toBe('(')
  expect(refused('ls x({})', ['zsh'])[0]).toBe('(')
  expect(kindOf('f() { cat {}; }; (f); a=({} x)', ['zsh'])).toBe('script')
})

test('zsh may take two quotes in a row for one', () => {
  expect(refused("echo {}'a'", ['/usr/bin/zsh', '-f'])[0]).toBe('{}')
  expect(refused('echo {}{#}', ['zsh'])[0]).toBe('{#}')
  expect(kindOf('echo {}-{#}', ['zsh'])).toBe('script')
})

test.each([[['fish']], [['python3', '-u']], [['env', 'bash']]])('%j gets names from the environment', (shell) => {
  const parsed = parseCommand('x {}', { columns: [], shell })
  expect(parsed).toMatchObject({ ok: false, hint: expect.stringContaining('BATCHTOP_ITEM') as unknown })
  expect(kindOf('x {{}} ${}', shell)).toBe('script')
})

test('a column is quoted as everything else, and no placeholder where it is none', () => {
  expect(parseCommand('x {seed}', { columns: ['seed'] })).toMatchObject({
    command: { words: [['x'], [{ slot: 'column', name: 'seed' }]] },
  })
  expect(parseCommand("awk '{print}' {}", { columns: ['seed'] }).ok).toBe(true)
  expect(parseCommand("awk '{print}' {}", { columns: ['print'] }).ok).toBe(false)
  expect(parseCommand("awk '{print}' {}", { columns: undefined })).toMatchObject({
    ok: false,
    hint: expect.stringContaining('set blanks in them: `{ print }`') as unknown,
  })
  expect(parseCommand("awk '{ print }' {}", { columns: undefined }).ok).toBe(true)
})
