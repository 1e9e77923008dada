import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flat, treeOf } from '../../cli/command-tree.ts'
import { programOf } from '../../cli/main.ts'
import { manualOf } from '../../cli/manual.ts'
import { completionFor, SHELLS } from '../../cli/shell-completion.ts'

const program = treeOf(programOf())

test('a command alone is the same as among all the others', () => {
  const all = programOf()
  for (const command of all.commands) {
    const alone = programOf(command.name()).commands.find((one) => one.name() === command.name())
    expect(alone?.helpInformation()).toBe(command.helpInformation())
  }
  // What nobody knows is told with all that there is.
  expect(programOf('sned').commands).toHaveLength(all.commands.length)
  expect(programOf('constructor').commands).toHaveLength(all.commands.length)
  expect(programOf('man').commands).toHaveLength(all.commands.length)
  expect(programOf('send').commands).toHaveLength(1)
})
const verbs = flat(program).filter(({ path }) => path.length > 0)

/** What bash offers behind these words. */
function offered(...words: readonly string[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-completion-'))
  try {
    writeFileSync(join(folder, 'script'), completionFor('bash', program))
    const all = ['mailwok', ...words].map((word) => `'${word}'`).join(' ')
    const script = `source ${folder}/script; COMP_WORDS=(${all}); COMP_CWORD=${words.length}; _mailwok; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = Bun.spawnSync(['bash', '-c', script], { cwd: folder, stderr: 'ignore' })
    return stdout.toString().trim().split('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('bash offers', () => {
  test.each([
    [['doma'], ['domain']],
    [['domain', 'ad'], ['add']],
    [['--config', 'domain', 'domain', 'ad'], ['add']],
    [['--json', 'domain', 'add', '--acc'], ['--account']],
    [['domain', 'add', 'list.example', '--conf'], ['--config']],
    [['completion', '--js'], ['--json']],
  ])('behind %p: %p', (words, want) => expect(offered(...words)).toEqual(want))
})

test.each(SHELLS)('every verb stands in the script for %s', (shell) => {
  const script = completionFor(shell, program)
  for (const { path } of verbs) expect(script).toContain(`'${path.join(' ')}'`)
})

test('fish and zsh are told what each verb does, with its quotes', () => {
  const tree = { ...program, verbs: [{ ...program, path: ['it'], says: "isn't", verbs: [], flags: [] }] }
  expect(completionFor('zsh', tree)).toContain("'it:isn'\\''t'")
  expect(completionFor('fish', tree)).toContain("-a 'it' -d 'isn\\'t'")
})

describe('the manual', () => {
  const page = manualOf(program, '1.2.3')

  test('names every verb', () => {
    const plain = page.replaceAll('\\-', '-')
    for (const { path } of verbs) expect(plain).toContain(`mailwok ${path.join(' ')}`)
  })

  test('holds no line that would be a request by accident', () => {
    const known = /^\.(TH|SH|SS|TP|B|PP|RS 4|RE|br)\b/
    for (const line of page.split('\n')) if (line.startsWith('.')) expect(line).toMatch(known)
  })
})

test('the words of the first help are all there, and none twice', () => {
  const paths = verbs.map(({ path }) => path.join(' '))
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths).toContain('completion')
})
