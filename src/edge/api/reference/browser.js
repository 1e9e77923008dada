// Owns: what the pages of the documentation do in a browser: the menu of narrow screens, and trying an operation. The key
// stays in its field, for as long as the page is open.

const WIDE = matchMedia('(min-width: 60rem)')
const fold = document.querySelector('.fold')

function unfold() {
  if (fold) fold.open = WIDE.matches
}
WIDE.addEventListener('change', unfold)
unfold()

const key = document.querySelector('#key')
key?.form.addEventListener('submit', (event) => event.preventDefault())

for (const form of document.querySelectorAll('form[data-path]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send(form)
  })
}

async function send(form) {
  const output = form.querySelector('output')
  const button = form.querySelector('button')
  if (!('open' in form.dataset) && key.value.trim() === '') {
    show(output, 'A key is needed: put it into the field at the top of this page.', 'bad')
    key.focus()
    return
  }
  button.disabled = true
  show(output, 'Asking …', '')
  try {
    const began = performance.now()
    const answer = await fetch(...asked(form))
    const took = Math.round(performance.now() - began)
    const text = await answer.text()
    const fields = ['x-request-id', 'retry-after', 'ratelimit', 'idempotency-replayed']
      .filter((name) => answer.headers.has(name))
      .map((name) => `${name}: ${answer.headers.get(name)}`)
    const head = [`${answer.status} ${answer.statusText}`.trim(), `${took} ms`, ...fields].join('\n')
    show(output, `${head}\n\n${pretty(text)}`, answer.ok ? 'good' : 'bad')
  } catch (error) {
    show(output, `No answer: ${error.message}`, 'bad')
  } finally {
    button.disabled = false
  }
}

function asked(form) {
  let path = form.dataset.path
  const query = new URLSearchParams()
  const headers = new Headers()
  const init = { method: form.dataset.method, headers, credentials: 'omit', cache: 'no-store' }
  if (!('open' in form.dataset)) headers.set('authorization', `Bearer ${key.value.trim()}`)
  for (const input of form.querySelectorAll('[data-in]')) {
    const value = input.value
    if (input.dataset.in === 'path') path = path.replace(`{${input.name}}`, encodeURIComponent(value))
    else if (value === '') continue
    else if (input.dataset.in === 'query') query.set(input.name, value)
    else if (input.dataset.in === 'header') headers.set(input.name, value)
    else {
      init.body = value
      headers.set('content-type', input.dataset.type)
    }
  }
  const asking = query.toString()
  return [asking === '' ? path : `${path}?${asking}`, init]
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function show(output, text, kind) {
  const pre = document.createElement('pre')
  pre.tabIndex = 0
  pre.className = kind
  pre.textContent = text
  output.replaceChildren(pre)
}
