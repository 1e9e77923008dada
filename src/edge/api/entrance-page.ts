//
// Owns: the two pages to which letters lead: coming in by an invitation, and choosing a new password. They stand alone until
// there is more to log in to.
// Never: the token on its way here. It stands behind the # of the address, which no browser sends; the script takes it
// from there, out of the address, and posts it where a program would.

import { createHash } from 'node:crypto'

/** Which page of the two it is, and the words on it. */
interface Words {
  readonly title: string
  readonly lead: string
  readonly button: string
  readonly done: string
  /** Where its form is posted to. */
  readonly path: string
  readonly asksName: boolean
}

const INVITATION: Words = {
  title: 'Come in',
  lead: 'You were invited. Choose a password of at least ten characters; if you have one here already, give that.',
  button: 'Come in',
  done: 'You belong to the account now, and can log in with your address and this password.',
  path: '/v1/invitations/accept',
  asksName: true,
}
const RESET: Words = {
  title: 'Choose a new password',
  lead: 'At least ten characters. All your sessions end.',
  button: 'Change it',
  done: 'Your password is changed, and you can log in with it.',
  path: '/v1/password-resets/confirm',
  asksName: false,
}

const SCRIPT = `'use strict'
const form = document.querySelector('form'), out = document.querySelector('output')
const token = location.hash.slice(1)
history.replaceState(null, '', location.pathname)
const say = (text, good) => { out.textContent = text; out.className = good ? 'good' : 'bad' }
if (token === '') say('The link is not whole. Open it as it stands in the letter.', false)
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
  const { again, ...body } = given
  if (again !== undefined && again !== body.password) return say('The two passwords differ.', false)
  form.querySelector('button').disabled = true
  try {
    const answer = await fetch(form.dataset.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, token }),
    })
    const said = await answer.json()
    if (answer.ok) { form.remove(); say(form.dataset.done, true); return }
    if (said.error.code === 'code_required') document.querySelector('#with-code').hidden = false
    say(said.error.message, false)
  } catch { say('The server could not be reached. Try again.', false) }
  form.querySelector('button').disabled = false
})
`

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:26rem;margin:4rem auto;padding:0 1rem}
label{display:block;margin:1rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.5rem}
button{font:inherit;padding:.5rem 1.5rem}output{display:block;margin:1rem 0}.bad{color:light-dark(#a40000,#ff8a80)}.good{color:light-dark(#0a6b2d,#7ee2a0)}`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const FIELDS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `script-src ${hashOf(SCRIPT)}`,
    `style-src ${hashOf(STYLE)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const pageOf = ({ asksName, button, done, lead, path, title }: Words): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · MailWok</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${lead}</p>
<form data-path="${path}" data-done="${done}">
${asksName ? '<label>Your name <input name="name" maxlength="100" autocomplete="name"></label>\n' : ''}<label>Password <input name="password" type="password" required autocomplete="new-password"></label>
<label>Once more <input name="again" type="password" required autocomplete="new-password"></label>
<label id="with-code" hidden>One-time code <input name="code" autocomplete="one-time-code" inputmode="numeric"></label>
<button>${button}</button></form><output aria-live="polite"></output></main>
<noscript><p>This page needs its script. Without it, post the code of the letter to ${path}.</p></noscript>
<script>${SCRIPT}</script></body></html>
`

const PAGES: ReadonlyMap<string, string> = new Map([
  ['/accept-invitation', pageOf(INVITATION)],
  ['/reset-password', pageOf(RESET)],
])

export const ENTRANCES: readonly string[] = [...PAGES.keys()]

export const entrancePage = (path: string): Response =>
  new Response(PAGES.get(path) ?? '', { status: PAGES.has(path) ? 200 : 404, headers: FIELDS })
