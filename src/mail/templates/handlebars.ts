//
// Owns: Handlebars as SendGrid and Mailgun take it → Liquid. What is empty or 0 is false there and true in Liquid: conditions
// are written so that they stay what they were.

import {
  type BracePiece,
  pathOf,
  Translating,
  type Translation,
  translated,
  untranslated,
} from './translating.ts'

export function fromHandlebars(source: string, { isHtml }: { readonly isHtml: boolean }): Translation {
  const state = new Translating()
  return translated(withoutMarks(source), state, (piece) => pieceOf(piece, state, isHtml))
}

/** What both replace before Handlebars sees it. */
const withoutMarks = (source: string): string =>
  source
    .replaceAll('--~}}', '--}}')
    .replace(/<%asm_group_unsubscribe_(?:raw_)?url%>|%unsubscribe_url%/g, '{{unsubscribe_url}}')
    .replace(/%recipient\.([A-Za-z_][\w]*)%/g, '{{$1}}')

function pieceOf(piece: BracePiece, state: Translating, isHtml: boolean): string {
  const { inside, isRaw } = piece
  if (inside.startsWith('!')) return ''
  if (inside.startsWith('#')) return blockOf(piece, state)
  if (inside.startsWith('/')) return state.close(inside.slice(1).trim()) ?? ''
  if (inside === 'else' || inside === '^') return '{% else %}'
  if (/^else\s+if\s/.test(inside)) return elseIf(piece, state)
  if (inside.startsWith('>')) return partialOf(piece, state)
  if (/^insert\s/.test(inside)) return insertOf(piece, state)
  if (inside === 'unsubscribe' || inside === 'unsubscribe_preferences' || inside === 'unsubscribe_url') {
    return '{{ unsubscribe_url }}'
  }
  const path = pathOf(inside.replace(/^&\s*/, ''), state)
  if (path === null) return untranslated(piece, state, 'no such expression here')
  return (isRaw || inside.startsWith('&')) && isHtml ? `{{ ${path} | raw }}` : `{{ ${path} }}`
}

function blockOf(piece: BracePiece, state: Translating): string {
  const [, word = '', rest = ''] = /^#\s*([A-Za-z]+)\s*([\s\S]*)$/.exec(piece.inside) ?? []
  switch (word) {
    case 'if':
    case 'unless':
      return conditionOf(piece, state, { word, rest })
    case 'each':
      return loopOf(piece, state, rest)
    case 'with': {
      const path = pathOf(rest.trim(), state)
      if (path === null) return untranslated(piece, state, 'no such expression here')
      state.open({ block: 'with', prefix: path, end: '', loop: null })
      return ''
    }
    default:
      return comparisonOf(piece, state, { word, rest })
  }
}

interface Said {
  readonly word: string
  readonly rest: string
}

function conditionOf(piece: BracePiece, state: Translating, { word, rest }: Said): string {
  const path = pathOf(rest.trim(), state)
  if (path === null) {
    state.open({ block: word, prefix: state.prefix, end: '{% endif %}', loop: null })
    state.note(`${piece.whole}: such a condition is not known here; what it guards is left out`)
    return '{% if false %}'
  }
  const name = state.fresh('if')
  state.open({ block: word, prefix: state.prefix, end: '{% endif %}', loop: null })
  const asked = word === 'if' ? `${name} and ${name} != 0` : `${name} == false or ${name} == 0`
  return `{% assign ${name} = ${path} | default: false %}{% if ${asked} %}`
}

/** The value has to be at hand before the `if`, which an `else` cannot give: one more level. */
function elseIf(piece: BracePiece, state: Translating): string {
  const path = pathOf(piece.inside.replace(/^else\s+if\s+/, ''), state)
  const top = state.scopes.pop()
  if (path === null || top === undefined) {
    if (top) state.scopes.push(top)
    return untranslated(piece, state, 'no such condition here')
  }
  const name = state.fresh('if')
  state.open({ ...top, end: `{% endif %}${top.end}` })
  return `{% else %}{% assign ${name} = ${path} | default: false %}{% if ${name} and ${name} != 0 %}`
}

function loopOf(piece: BracePiece, state: Translating, rest: string): string {
  const [, said = '', alias = '', index = ''] =
    /^(\S+)(?:\s+as\s+\|\s*(\w+)\s*(\w*)\s*\|)?\s*$/.exec(rest) ?? []
  const path = pathOf(said, state)
  const each = alias || state.fresh('each')
  const list = state.fresh('list')
  if (path === null) {
    state.open({ block: 'each', prefix: state.prefix, end: '{% endfor %}', loop: each })
    state.note(`${piece.whole}: such a loop is not known here; it is left out`)
    return `{% for ${each} in (1..0) %}`
  }
  state.open({ block: 'each', prefix: alias === '' ? each : '', end: '{% endfor %}', loop: each })
  if (alias !== '')
    state.note(`${piece.whole}: names that stand for themselves are looked for in the data, not in ${alias}`)
  const counted = index === '' ? '' : `{% assign ${index} = forloop.index0 %}`
  return `{% assign ${list} = ${path} | default: "" %}{% for ${each} in ${list} %}${counted}`
}

/** SendGrid's own. */
const COMPARISONS: Readonly<Record<string, string>> = {
  equals: '==',
  notEquals: '!=',
  greaterThan: '>',
  lessThan: '<',
  and: 'and',
  or: 'or',
}

function comparisonOf(piece: BracePiece, state: Translating, { word, rest }: Said): string {
  const operator = COMPARISONS[word]
  const operands = rest.match(/"[^"]*"|'[^']*'|\S+/g) ?? []
  const values = operands.map((one) =>
    /^["'\d-]|^(?:true|false|null)$/.test(one) ? one : pathOf(one, state),
  )
  state.open({ block: word, prefix: state.prefix, end: '{% endif %}', loop: null })
  if (operator === undefined || values.length !== 2 || values.includes(null)) {
    state.note(`${piece.whole}: this helper is not known here; what it guards is left out`)
    return '{% if false %}'
  }
  let before = ''
  const named = values.map((value) => {
    if (value === null || !/^[A-Za-z_]/.test(value) || /^(?:true|false|null)$/.test(value)) return value
    const name = state.fresh('value')
    before += `{% assign ${name} = ${value} | default: ${operator === 'and' || operator === 'or' ? 'false' : '""'} %}`
    return name
  })
  return `${before}{% if ${named.join(` ${operator} `)} %}`
}

function partialOf(piece: BracePiece, state: Translating): string {
  const [, name = ''] = /^>\s*["']?([\w-]+)["']?\s*$/.exec(piece.inside) ?? []
  if (name === '') return untranslated(piece, state, 'a partial with values of its own')
  state.note(`${piece.whole}: wants a partial "${name.toLowerCase()}" of that name`)
  return `{% render "${name.toLowerCase()}" %}`
}

/** `{{insert name "default=friend"}}` */
function insertOf(piece: BracePiece, state: Translating): string {
  const [, said = '', value] = /^insert\s+(\S+)(?:\s+["']default=([^"']*)["'])?\s*$/.exec(piece.inside) ?? []
  const path = pathOf(said, state)
  if (path === null) return untranslated(piece, state, 'no such expression here')
  return value === undefined ? `{{ ${path} }}` : `{{ ${path} | default: "${value}" }}`
}
