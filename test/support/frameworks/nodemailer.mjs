// Owns: sending with real Nodemailer by a program as docs/frameworks.md has it. Arguments are keys and files, in turns; it says
// for each "sent" or what Nodemailer said.

import { readFileSync } from 'node:fs'
import nodemailer from 'nodemailer'

const given = process.argv.slice(2)
for (let at = 0; at < given.length; at += 2) {
  const run = new Function(
    'nodemailer',
    'process',
    `return (async () => { ${readFileSync(given[at + 1], 'utf8')}; transport.close() })()`,
  )
  await run(nodemailer, { env: { MAILWOK_KEY: given[at] } }).then(
    () => console.log('sent'),
    (error) => console.log('error', error.message.replaceAll('\n', ' ')),
  )
}
