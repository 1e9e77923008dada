//
// Owns: what else receivers and readers look up about a sending domain: where bounces go, whether answers find a way, the
// host of its links, and what the domain says of its own incoming mail and its picture.

import type { Finding, FindingState } from '../../core/finding.ts'
import { type Asking, isAbsent, namesSame, recordsIn, shown, tagsOf } from './asking.ts'
import { type DmarcWalk, isTesting, policyOf } from './dmarc.ts'

const unknown = (name: string) =>
  ({
    state: 'unknown',
    found: [],
    message: `No name server gave an answer for ${name}; what was seen before holds.`,
    fix: 'Look again in a while.',
  }) as const

export async function returnPathMx(ask: Asking, name: string, hostname: string): Promise<Finding> {
  const head = { check: 'return_path_mx', name, type: 'MX', required: true } as const
  const records = recordsIn(await ask.mx(name))
  if (records === null) return { ...head, ...unknown(name) }
  const found = shown(records.map(({ exchange, preference }) => `${preference} ${exchange || '.'}`))
  const fix = `Publish at ${name} the MX record 10 ${hostname}`
  if (records.length === 0) {
    const message = `There is no MX at ${name}: bounces and complaints find no way back.`
    return { ...head, state: 'missing', found, message, fix }
  }
  const ours = records.filter(({ exchange }) => namesSame(exchange, hostname))
  if (ours.length === 0) {
    return {
      ...head,
      state: 'wrong',
      found,
      message: `Bounces to ${name} go to another host than ${hostname}.`,
      fix,
    }
  }
  const addresses = await ask.addresses(hostname)
  if (!addresses.ok && isAbsent(addresses.error)) {
    const message = `${name} leads to ${hostname}, which has no address: nothing can be brought there.`
    return { ...head, state: 'warning', found, message, fix: `Give ${hostname} its A record.` }
  }
  if (ours.length < records.length) {
    const message = `Some bounces to ${name} go to another host than ${hostname}, where nobody reads them.`
    return { ...head, state: 'warning', found, message, fix: `Leave ${hostname} as the only MX.` }
  }
  return { ...head, state: 'ok', found, message: `Bounces to ${name} come back here.`, fix: '' }
}

/** Answers of people go to the From address. */
export async function authorMx(ask: Asking, name: string): Promise<Finding> {
  const head = { check: 'mx', name, type: 'MX', required: false } as const
  const records = recordsIn(await ask.mx(name))
  if (records === null) return { ...head, ...unknown(name) }
  const found = shown(records.map(({ exchange, preference }) => `${preference} ${exchange || '.'}`))
  if (records.some(({ exchange }) => exchange === '' || exchange === '.')) {
    const message = `${name} says by a null MX that it takes no mail (RFC 7505): answers fail, and some receivers refuse mail from such a domain.`
    return {
      ...head,
      state: 'warning',
      found,
      message,
      fix: `Give ${name} an MX, or send as a domain that has one.`,
    }
  }
  if (records.length > 0)
    return { ...head, state: 'ok', found, message: `Answers to ${name} find a way.`, fix: '' }
  const addresses = recordsIn(await ask.addresses(name))
  if (addresses === null) return { ...head, ...unknown(name) }
  const without = addresses.length === 0
  const message = without
    ? `${name} has neither MX nor address: answers fail, and many receivers refuse mail from such a domain.`
    : `${name} has no MX; answers go to its address, where a mail server may be or not.`
  return { ...head, state: 'warning', found, message, fix: `Give ${name} an MX record.` }
}

export async function trackingCname(ask: Asking, name: string, host: string): Promise<Finding> {
  const head = { check: 'tracking', name, type: 'CNAME', required: false } as const
  const records = recordsIn(await ask.cname(name))
  if (records === null) return { ...head, ...unknown(name) }
  const found = shown(records)
  const fix = `Publish at ${name} the CNAME ${host}`
  if (records.some((target) => namesSame(target, host))) {
    return { ...head, state: 'ok', found, message: `${name} leads to ${host}.`, fix: '' }
  }
  if (records.length > 0) {
    return { ...head, state: 'wrong', found, message: `${name} leads elsewhere than to ${host}.`, fix }
  }
  const message = `There is no CNAME at ${name}: links of mail stand under the name of this server.`
  return { ...head, state: 'missing', found, message, fix }
}

/** Of the domain's own incoming mail: nothing of ours depends on it. */
export async function mtaSts(ask: Asking, domain: string): Promise<Finding> {
  const name = `_mta-sts.${domain}`
  const head = { check: 'mta_sts', name, type: 'TXT', required: false } as const
  const texts = recordsIn(await ask.txt(name))
  if (texts === null) return { ...head, ...unknown(name) }
  const records = texts.filter((text) => /^v=STSv1\s*;/.test(text))
  const found = shown(records)
  const [record] = records
  if (record === undefined) {
    const message = `${domain} announces no MTA-STS policy; it would protect mail to ${domain}, not from it.`
    return { ...head, state: 'missing', found, message, fix: '' }
  }
  const isRight = records.length === 1 && /^[a-zA-Z0-9]{1,32}$/.test(tagsOf(record).get('id') ?? '')
  if (isRight)
    return { ...head, state: 'ok', found, message: `${domain} announces an MTA-STS policy.`, fix: '' }
  const message = `The MTA-STS record at ${name} counts as none (RFC 8461 §3.1): it has to be one, with id= of letters and digits.`
  return {
    ...head,
    state: 'wrong',
    found,
    message,
    fix: 'Leave one record such as v=STSv1; id=20270115T103000',
  }
}

/** The picture beside a message. Receivers show it where DMARC is enforced, and most want a certificate besides. */
export async function bimi(ask: Asking, domain: string, walk: DmarcWalk): Promise<Finding> {
  const name = `default._bimi.${domain}`
  const head = { check: 'bimi', name, type: 'TXT', required: false } as const
  const texts = recordsIn(await ask.txt(name))
  if (texts === null) return { ...head, ...unknown(name) }
  const records = texts.filter((text) => /^v=BIMI1\s*;/i.test(text))
  const found = shown(records)
  const [record] = records
  if (record === undefined) {
    return {
      ...head,
      state: 'missing',
      found,
      message: `${domain} has no BIMI record, and needs none.`,
      fix: '',
    }
  }
  const tags = tagsOf(record)
  const say = (state: FindingState, message: string, fix: string): Finding => ({
    ...head,
    state,
    found,
    message,
    fix,
  })
  if (records.length > 1)
    return say('wrong', `There are several BIMI records at ${name}.`, 'Leave one of them.')
  const picture = tags.get('l') ?? ''
  if (picture === '') return say('ok', `${domain} says by BIMI that it has no picture.`, '')
  if (!/^https:\/\/[^\s/]+\/\S*\.svgz?(?:\?\S*)?$/i.test(picture)) {
    return say(
      'wrong',
      `The l= of the BIMI record at ${name} is no https address of an SVG.`,
      'Write l=https://…/logo.svg',
    )
  }
  const policy = walk.record === null ? 'none' : policyOf(walk.record, domain)
  if (policy === 'none' || (walk.record !== null && isTesting(walk.record))) {
    const message = `${domain} has a BIMI record; receivers pass over it while DMARC is not enforced.`
    return say('warning', message, 'Set p=quarantine or p=reject in the DMARC record, without t=y.')
  }
  const certificate = tags.get('a') ? '' : ' Without a certificate (a=) most of them show none.'
  return say('ok', `${domain} has a BIMI record that receivers may follow.${certificate}`, '')
}
