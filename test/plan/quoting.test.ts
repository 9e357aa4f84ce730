import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeName } from '../../src/model/names.ts'
import type { Command } from '../../src/model/template.ts'
import { commandWords, quoteWord } from '../../src/model/template.ts'
import { parseCommand } from '../../src/plan/command.ts'
import { folderWith } from './rig.ts'

/** What people fear in a file's name, and everything else but NUL. */
const hostile = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    '`',
    '\\',
    '\n',
    ' ',
    '\t',
    '-',
    '$',
    '#',
    '*',
    '~',
    '!',
    '&',
    '|',
    ';',
    '<',
    '>',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    '=',
    '\r',
    '\u001b',
  ),
  fc.constantFrom(
    '$(printf PWNED)',
    '`printf PWNED`',
    ';printf PWNED;',
    '\nprintf PWNED\n',
    '${x}',
    "'\\''",
    '-n',
    '--',
    '{}',
    'a[$(printf PWNED)]',
    '\nE\n',
    '$((1))',
  ),
  fc.integer({ min: 0x80, max: 0xff }).map((byte) => String.fromCharCode(0xdc00 + byte)),
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
)
const names = fc.array(hostile, { maxLength: 6 }).map((parts) => parts.join(''))

/** What a command prints for an item, as bytes in Latin-1. It finds no programs: only what the shell has itself. */
function printed(command: Command, item: string, folder: string): string {
  const words = commandWords(command, { item, number: 7, thread: 2, batch: 'b' })
  const line = words.map(quoteWord).join(' ')
  const { stdout } = spawnSync('/bin/sh', { input: encodeName(line), cwd: folder, env: { PATH: folder } })
  return stdout.toString('latin1')
}

const latin = (text: string) => Buffer.from(encodeName(text)).toString('latin1')

function commandOf(text: string, shell: readonly string[] | undefined): Command | undefined {
  const parsed = parseCommand(text, { columns: [], shell })
  return parsed.ok ? parsed.command : undefined
}

const RUNS = 60
const SHELLS = [['/bin/sh', '-e'], ['/bin/bash']]

/** Parts of scripts that print what they are given, whatever it is. */
const whole = fc.constantFrom(
  "printf '<%s>' {};",
  "printf '<%s>' {}{} a{}b;",
  'x={}; printf "<%s>" "$x";',
  'printf "<%s>" "$(printf "<%s>" {})";',
  "printf '<%s>' $(printf \"'\" ; printf '%s' {} | while read -r l; do :; done);",
  'for f in {} \'#\'; do printf "<%s>" "$f"; done;',
  "case {} in zz..zz) printf a ;; *) printf '<%s>' {} ;; esac;",
  "( printf '<%s>' {} );",
  "{ printf '<%s>' {}; };",
  'printf "it\'s <%s>" {};',
  "printf '\"<%s>' {};",
  'printf "\\"\\\\<%s>" {};',
  'printf \\\'\\"; printf "<%s>" {};',
  '# a comment with \' and " in it\n',
  'while read -r l; do printf "<%s>" "$l"; done <<E\n\'"\nE\nprintf "<%s>" {};',
  'printf "<%s>" "${y:-a}" ${y#\'}\'} {};',
  'printf "<%s>" $((1 + (2))) {};',
  'printf "<%s>" `printf a` {};',
  "printf '<%s>' $(( $([ {} = x ]; printf 3) + 1 )) {};",
  'f() { printf \'<%s>\' "$@"; }; f {} x;',
  'printf "<%s>" \\\n {};',
  'if [ {} = zz..zz ]; then printf a; fi;',
  "printf '<%s>' {{}};",
)

test.each(SHELLS)('a name arrives byte for byte in scripts for %s', (...shell) => {
  const folder = folderWith({})
  const check = (parts: readonly string[], item: string) => {
    const command = commandOf(`printf '<%s>' {};${parts.join(' ')}`, shell)
    if (!command) throw new Error(`refused: ${parts.join(' ')}`)
    const usual = printed(command, 'NAME', folder)
    expect(usual).toContain('<NAME>')
    expect(printed(command, item, folder)).toBe(usual.replaceAll('NAME', () => latin(item)))
  }
  fc.assert(fc.property(fc.array(whole, { minLength: 1, maxLength: 4 }), names, check), {
    numRuns: RUNS,
  })
})

test('a name arrives byte for byte among the words of a program', () => {
  const folder = folderWith({})
  const command = commandOf("printf '<%s>' {} 'a '{}\"b'\"{{}}", undefined)
  if (command?.kind !== 'words') throw new Error('no words')
  const check = (item: string) => {
    expect(printed(command, item, folder)).toBe(`<${latin(item)}><a ${latin(item)}b'{}>`)
  }
  fc.assert(fc.property(names, check), { numRuns: RUNS })
})

/** Anything that opens, closes or hides something in a shell. */
const scrap = fc.constantFrom(
  "'",
  '"',
  '`',
  '$(',
  '(',
  ')',
  '\\',
  '#',
  '\n',
  '\n',
  ' ',
  ' ',
  ';',
  '&',
  '|',
  '$',
  "$'",
  '$"',
  '${x:-',
  '${x#',
  '}',
  '$((',
  '))',
  '((',
  '{',
  '{}',
  '@{}',
  ' @{} ',
  '@{}',
  '{{',
  '}}',
  '{{}}',
  '[',
  ']',
  '[[ ',
  ' ]]',
  '<<E',
  '<<-E',
  "<<'E'",
  '\nE\n',
  '\tE\n',
  '<<<',
  '<',
  '!',
  ' case x in ',
  ' esac ',
  ' in ',
  'x)',
  ';;',
  "printf '<%s>' ",
  "printf '<%s>' @{}",
  'printf "<%s>" @{}\n',
  '=',
  'x=',
  '1',
  '+',
  '\r',
  '"$(',
  ')"',
  "'\\''",
  '\\\n',
  '"\\"',
  '\\ ',
  '\\>',
  '&',
  '>&',
  '>|',
  " #'",
)

/** Commands with a name where it could get out of its quotes, or nearly there. */
const risky = fc.constantFrom(
  'printf "<@{}>"\n',
  "printf '<@{}>'\n",
  "printf '<%s>' $'@{}'\n",
  'printf "<%s>" "$(printf "%s" "@{}")"\n',
  'printf "<%s>" "${y:-"@{}"}"\n',
  'printf "<%s>" "$(case x in x) printf "%s" " @{} ";; esac)"\n',
  "printf '<%s>' `printf '%s' @{}`\n",
  ': # @{}\n',
  'printf "<%s>" \\@{}\n',
  'printf "<%s>" $\\\n\'@{}\'\n',
  'while read -r l; do printf "<%s>" "$l"; done <<E\n@{}\nE\n',
  "while read -r l; do printf '<%s>' \"$l\"; done <<'E'\n@{}\nE\n",
  'while read -r l; do printf "<%s>" "$l"; done <<E >&1 @{}\nx\nE\n',
  "printf '<%s>' \"it's\" @{} 'x\"'\n",
)

test.each(SHELLS)('whatever script is accepted for %s, a name in it stays one text', (...shell) => {
  const folder = folderWith({})
  const check = (parts: readonly string[], name: string) => {
    // Never the name of a builtin, whatever stands beside it: `{}` may be the command.
    const item = `V${name}`
    const text = parts.join('')
    const command = commandOf(text, shell)
    if (!command || !text.includes('{}')) return fc.pre(false)
    const usual = printed(command, 'NAME', folder)
    expect(printed(command, item, folder)).toBe(usual.replaceAll('NAME', () => latin(item)))
  }
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 3, arbitrary: scrap }, { weight: 1, arbitrary: risky }), {
        minLength: 1,
        maxLength: 8,
      }),
      names,
      check,
    ),
    {
      numRuns: RUNS,
      maxSkipsPerRun: 1000,
    },
  )
})
