//
// Owns: Mustachio as Postmark takes it, and Resend's variables → Liquid.

import {
  type BracePiece,
  pathOf,
  Translating,
  type Translation,
  translated,
  untranslated,
} from './translating.ts'

export function fromMustachio(source: string, { isHtml }: { readonly isHtml: boolean }): Translation {
  const state = new Translating()
  return translated(source, state, (piece) => mustachio(piece, state, isHtml))
}

function mustachio(piece: BracePiece, state: Translating, isHtml: boolean): string {
  const { inside, isRaw } = piece
  if (inside.startsWith('!')) return ''
  if (inside === '@content') return '{% block content %}{% endblock %}'
  if (/^pm:unsubscribe(?:_url)?$/.test(inside)) return '{{ unsubscribe_url }}'
  if (inside.startsWith('#each ')) return loopOf(piece, state)
  if (inside.startsWith('#') || inside.startsWith('^')) return sectionOf(piece, state)
  if (inside.startsWith('/')) return state.close(inside.slice(1).trim()) ?? ''
  const path = pathOf(inside, state)
  if (path === null) return untranslated(piece, state, 'no such expression here')
  return isRaw && isHtml ? `{{ ${path} | raw }}` : `{{ ${path} }}`
}

function loopOf(piece: BracePiece, state: Translating): string {
  const said = piece.inside.slice('#each '.length).trim()
  const path = pathOf(said, state)
  if (path === null) return untranslated(piece, state, 'no such expression here')
  const each = state.fresh('each')
  const list = state.fresh('list')
  state.open({ block: 'each', prefix: each, end: '{% endfor %}', loop: each })
  return `{% assign ${list} = ${path} | default: "" %}{% for ${each} in ${list} %}`
}

/** Of a thing that is there, names within are its own; `^` is for when it is not. */
function sectionOf(piece: BracePiece, state: Translating): string {
  const word = piece.inside.slice(1).trim()
  const path = pathOf(word, state)
  if (path === null) return untranslated(piece, state, 'no such expression here')
  const name = state.fresh('if')
  const isInverted = piece.inside.startsWith('^')
  const prefix = isInverted ? state.prefix : path
  state.open({ block: word, prefix, end: '{% endif %}', loop: null })
  const asked = isInverted ? `${name} == false or ${name} == 0` : `${name} and ${name} != 0`
  return `{% assign ${name} = ${path} | default: false %}{% if ${asked} %}`
}

/** `{{{NAME}}}`, `{{{NAME|there}}}` */
export function fromResend(source: string): Translation {
  const state = new Translating()
  return translated(source, state, (piece) => {
    const [, name = '', value] = /^([A-Za-z_][\w.]*)\s*(?:\|([\s\S]*))?$/.exec(piece.inside) ?? []
    if (name === '') return untranslated(piece, state, 'no such expression here')
    if (name === 'RESEND_UNSUBSCRIBE_URL') return '{{ unsubscribe_url }}'
    if (value?.includes('"')) return untranslated(piece, state, 'a fallback with quotes in it')
    return value === undefined ? `{{ ${name} }}` : `{{ ${name} | default: "${value.trim()}" }}`
  })
}
