//
// Owns: what is shared in putting templates of other services into Liquid: pieces between braces, contexts that blocks
// open, notes on what did not go over. Nothing is dropped in silence: what is not understood stays as text, and is noted.

export interface TranslationNote {
  readonly line: number
  readonly message: string
}

export interface Translation {
  readonly text: string
  readonly notes: readonly TranslationNote[]
}

/** What a name means where it stands. */
export interface Scope {
  /** By which word its end is asked for: `if`, `each`, `person`. */
  readonly block: string
  /** What is before a name here; empty: the data itself. */
  readonly prefix: string
  /** Closes it in Liquid. */
  readonly end: string
  /** Of a loop: the name of its element. */
  readonly loop: string | null
  readonly line: number
}

/** The state of one translation. */
export class Translating {
  readonly scopes: Scope[] = []
  readonly #notes: TranslationNote[] = []
  #line = 1
  #count = 0

  at(line: number): void {
    this.#line = line
  }

  note(message: string): void {
    this.#notes.push({ line: this.#line, message })
  }

  /** A name that no data has. */
  fresh(word: string): string {
    return `${word}_${++this.#count}`
  }

  get prefix(): string {
    return this.scopes[this.scopes.length - 1]?.prefix ?? ''
  }

  open(scope: Omit<Scope, 'line'>): void {
    this.scopes.push({ ...scope, line: this.#line })
  }

  /** Null: nothing of that name is open. */
  close(block: string): string | null {
    const last = this.scopes[this.scopes.length - 1]
    if (last === undefined || last.block !== block) {
      this.note(`{{/${block}}} closes nothing that is open here`)
      return null
    }
    this.scopes.pop()
    return last.end
  }

  done(text: string): Translation {
    let ends = ''
    for (const { block, end, line } of [...this.scopes].reverse()) {
      this.#notes.push({ line, message: `{{#${block}}} is never closed; it was closed at the end` })
      ends += end
    }
    return { text: text + ends, notes: this.#notes }
  }
}

export interface BracePiece {
  /** Without braces and blanks. */
  readonly inside: string
  /** As it was. */
  readonly whole: string
  readonly isRaw: boolean
}

/** Text as it is, and what is between braces translated; `{%` of the text would be Liquid now. */
export function translated(
  source: string,
  state: Translating,
  pieceOf: (piece: BracePiece) => string,
): Translation {
  let text = ''
  let from = 0
  let line = 1
  for (const { begin, end } of braces(source)) {
    const whole = source.slice(begin, end)
    const between = source.slice(from, begin)
    line += between.split('\n').length - 1
    state.at(line)
    const isRaw = whole.startsWith('{{{')
    const inside = whole
      .slice(isRaw ? 3 : 2, isRaw ? -3 : -2)
      .replace(/^~|~$/g, '')
      .trim()
    text += literal(between) + pieceOf({ inside, whole, isRaw })
    line += whole.split('\n').length - 1
    from = end
  }
  const rest = source.slice(from)
  if (rest.includes('{{')) state.note('{{ is never closed; what follows stands as it was')
  return state.done(text + literal(rest))
}

/** One way through, also where nothing is ever closed. */
function* braces(source: string): Generator<{ readonly begin: number; readonly end: number }> {
  for (let begin = source.indexOf('{{'); begin !== -1; ) {
    const close = closeOf(source, begin)
    const at = source.indexOf(close, begin + 2)
    if (at === -1) return
    const end = at + close.length
    yield { begin, end }
    begin = source.indexOf('{{', end)
  }
}

/** A comment may hold braces. */
function closeOf(source: string, begin: number): string {
  if (source.startsWith('{{!--', begin)) return '--}}'
  return source.startsWith('{{{', begin) ? '}}}' : '}}'
}

const literal = (text: string): string => text.replaceAll('{%', '{{ "{%" }}')

/** Kept as it was, so that it is seen. */
export function untranslated({ whole }: BracePiece, state: Translating, why: string): string {
  state.note(`${whole.slice(0, 80)}: ${why}; it stands in the text as it was`)
  return `{% raw %}${whole.replaceAll('{% endraw %}', '')}{% endraw %}`
}

/** A path of others as one of ours: `this.name`, `../name`, `@index`. Null: it is none. */
export function pathOf(said: string, { scopes }: Translating): string | null {
  let rest = said.replaceAll('/', '.').replace(/^(?:\.\.\.)+/, (up) => '../'.repeat(up.length / 3))
  let depth = scopes.length
  const contexts = scopes.map(({ prefix }) => prefix)
  while (rest.startsWith('../')) {
    rest = rest.slice(3)
    const inner = contexts[depth - 1] ?? ''
    do depth--
    while (depth > 0 && (contexts[depth - 1] ?? '') === inner)
  }
  const prefix = contexts[depth - 1] ?? ''
  if (rest === 'this' || rest === '.') return prefix === '' ? null : prefix
  rest = rest.replace(/^(?:this\.|\.)/, '')
  if (rest.startsWith('@root.')) return plain(rest.slice('@root.'.length))
  const loop = LOOP[rest]
  if (loop !== undefined) return loop
  const path = plain(rest)
  return path === null || prefix === '' ? path : `${prefix}.${path}`
}

const LOOP: Readonly<Record<string, string>> = {
  '@index': 'forloop.index0',
  '@first': 'forloop.first',
  '@last': 'forloop.last',
}

/** `items.[0].name` → `items[0].name`. */
function plain(path: string): string | null {
  const ours = path.replace(/\.?\[(\d+)\]/g, '[$1]').replace(/\.(\d+)(?=\.|$)/g, '[$1]')
  return /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])*$/.test(ours) ? ours : null
}
