//
// Owns: what `mailwok setup` has to know: from flags, from what the configuration says already, else by asking.
// Never: a prompt where nobody sits. What is missing there is named with its flag.

import type { AdminFault } from '../../src/admin/admin.ts'
import { type Setting, valueIn } from '../../src/config/edit.ts'
import { parseDomain, parseMailbox } from '../../src/core/address.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'
import type { Prompts } from './prompts.ts'

export interface Flags {
  readonly hostname?: string
  readonly operator?: string
  readonly domain?: string
  readonly delivery?: 'direct' | 'relay'
  readonly relayHost?: string
  readonly relayPort?: string
  readonly relayUser?: string
  readonly relayPasswordFile?: string
  readonly acmeTermsAgreed?: boolean
  /** False by --no-acme. */
  readonly acme: boolean
  /** False by --no-backup. */
  readonly backup: boolean
}

export interface Answers {
  readonly operator: string
  readonly domain: string
  readonly settings: readonly Setting[]
}

interface Question {
  readonly flag: string
  readonly about: string
  /** Given by its flag. */
  readonly given: string | undefined
  /** What is taken where nothing is said. */
  readonly present: string
  /** A sentence on what is wrong; null: nothing. */
  readonly wrong: (text: string) => string | null
}

const TERMS = 'https://letsencrypt.org/repository/'

/** Null as prompts: nobody can be asked. */
export async function answersFor(
  flags: Flags,
  toml: string,
  prompts: Prompts | null,
): Promise<Result<Answers, AdminFault>> {
  const missing: string[] = []
  const faults: string[] = []
  const ask = asker(prompts, missing, faults)
  const said = (key: string): string => {
    const value = valueIn(toml, key)
    return value === undefined || typeof value === 'object' ? '' : String(value)
  }
  const hostname = await ask({
    ...{
      flag: '--hostname',
      about: 'Public name of this server (its A and PTR records), such as mail.example.com',
    },
    ...{ given: flags.hostname, present: said('server.hostname'), wrong: notDomain },
  })
  const operator = await ask({
    ...{
      flag: '--operator',
      about: 'Your address, at a mailbox elsewhere: alerts go there, and the first mail',
    },
    ...{ given: flags.operator, present: said('server.operator'), wrong: notMailbox },
  })
  const domain = await ask({
    ...{ flag: '--domain', about: 'The first domain that will send, such as example.com' },
    ...{ given: flags.domain, present: '', wrong: notDomain },
  })
  const delivery = await ask({
    ...{ flag: '--delivery', about: 'Deliver directly to receivers, or through a relay (direct, relay)' },
    ...{ given: flags.delivery, present: deliveryOf(said), wrong: oneOf('direct', 'relay') },
  })
  const relay = delivery === 'relay' ? await relayAnswers(flags, said, { ask, prompts, missing, faults }) : []
  const acme = await acmeAnswer(flags, said('tls.mode'), prompts, missing)
  if (missing.length > 0) {
    const message = `nobody is at a terminal to be asked; say ${missing.join(', ')}`
    return fault({ code: 'usage', message })
  }
  if (faults.length > 0) return fault({ code: 'usage', message: faults.join('\n') })
  const backup = flags.backup && !isSet(said('backup.every'))
  return ok({
    operator,
    domain,
    settings: [
      { key: 'server.hostname', value: hostname },
      { key: 'server.operator', value: operator },
      // Other modes that somebody wrote stay.
      ...(flags.delivery === undefined && delivery === deliveryOf(said) && said('delivery.mode') !== ''
        ? []
        : [{ key: 'delivery.mode', value: delivery }]),
      ...relay,
      ...(acme
        ? [
            { key: 'tls.mode', value: 'acme' },
            { key: 'tls.acme_terms_agreed', value: true },
          ]
        : []),
      ...(backup ? [{ key: 'backup.every', value: '24h' }] : []),
    ],
  })
}

/** One that is missing or wrong is noted where nobody can be asked again. */
const asker =
  (prompts: Prompts | null, missing: string[], faults: string[]) =>
  async ({ about, flag, given, present, wrong }: Question): Promise<string> => {
    if (given === undefined && prompts !== null) {
      for (;;) {
        const said = (await prompts.ask(about, present)) || present
        const why = wrong(said)
        if (why === null) return said
        prompts.tell(why)
      }
    }
    const value = given ?? present
    if (value === '') missing.push(flag)
    else {
      const why = wrong(value)
      if (why !== null) faults.push(`${flag} is ${JSON.stringify(value)}: ${why}`)
    }
    return value
  }

const deliveryOf = (said: (key: string) => string): string =>
  said('delivery.mode') === 'relay' ? 'relay' : 'direct'

const isSet = (duration: string): boolean => duration !== '' && !/^0+\D*$/.test(duration)

interface Asking {
  readonly ask: (question: Question) => Promise<string>
  readonly prompts: Prompts | null
  readonly missing: string[]
  readonly faults: string[]
}

async function relayAnswers(
  flags: Flags,
  said: (key: string) => string,
  { ask, faults, missing, prompts }: Asking,
): Promise<readonly Setting[]> {
  const host = await ask({
    ...{ flag: '--relay-host', about: 'Name of the relay', given: flags.relayHost },
    ...{ present: said('relay.0.host'), wrong: notDomain },
  })
  const port = await ask({
    ...{ flag: '--relay-port', about: 'Its port', given: flags.relayPort },
    ...{ present: said('relay.0.port') || '587', wrong: notPort },
  })
  const user =
    flags.relayUser ?? (await prompts?.ask('User name there (empty: none)', said('relay.0.username'))) ?? ''
  const username = user || said('relay.0.username')
  const settings = [
    { key: 'relay.0.host', value: host },
    { key: 'relay.0.port', value: Number(port) },
  ]
  if (username === '') return settings
  const named = { key: 'relay.0.username', value: username }
  if (said('relay.0.password') !== '' || said('relay.0.password__FILE') !== '') {
    if (flags.relayPasswordFile === undefined) return [...settings, named]
  }
  if (flags.relayPasswordFile === undefined && prompts === null) missing.push('--relay-password-file')
  const password = await passwordOf(flags.relayPasswordFile, prompts)
  if (password === null) faults.push(`--relay-password-file ${flags.relayPasswordFile} cannot be read`)
  return [...settings, named, { key: 'relay.0.password', value: password ?? '' }]
}

async function passwordOf(file: string | undefined, prompts: Prompts | null): Promise<string | null> {
  if (file === undefined) return (await prompts?.secret('Password there')) ?? ''
  const text = await Bun.file(file)
    .text()
    .catch(() => null)
  return text?.split(/\r?\n/)[0] ?? null
}

/** A certificate of files, or by ACME already, is left as it is. */
async function acmeAnswer(
  { acme, acmeTermsAgreed }: Flags,
  mode: string,
  prompts: Prompts | null,
  missing: string[],
): Promise<boolean> {
  if (!acme || mode === 'files' || mode === 'acme') return false
  if (acmeTermsAgreed === true) return true
  if (prompts === null) {
    missing.push('--acme-terms-agreed (or --no-acme)')
    return false
  }
  return prompts.yes(`A certificate of Let's Encrypt: do you agree to its terms (${TERMS})?`)
}

const notDomain = (text: string): string | null =>
  text.includes('.') && parseDomain(text).ok ? null : 'want a full name such as mail.example.com'

const notMailbox = (text: string): string | null =>
  parseMailbox(text).ok ? null : 'want an address such as you@example.net'

const notPort = (text: string): string | null =>
  /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65_536 ? null : 'want a port such as 587'

const oneOf =
  (...words: readonly string[]) =>
  (text: string): string | null =>
    words.includes(text) ? null : `want ${words.join(' or ')}`
