//
// Owns: what of an act may stand in the audit log. Whatever looks like a secret of ours is taken out, wherever it stands,
// names of fields are names and nothing else, and nothing is long.

import type { Act, AuditDetails } from '../../core/audit.ts'

const LONGEST = 256
const MOST_FIELDS = 40
/** Keys, tokens of people, secrets of webhooks: prefix and everything behind it. A key's own first characters may stay. */
const SECRET = /(?:(mwk_(?:live|test)_[0-9A-Za-z]{0,4})[0-9A-Za-z]+|(mw[sir]_)\w+|(whsec_)[\w+/=]+)/g
const FIELD = /^[a-z][a-z0-9_]{0,39}$/i

const plain = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(SECRET, (_all, key = '', token = '', hook = '') => `${key}${token}${hook}…`)
    // One line, whatever was in the path.
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, LONGEST)
    .toWellFormed()

export function scrubbed(act: Act): Act {
  const { fields, name, note, peer, requestId } = act.details
  const details: AuditDetails = {
    ...(name === undefined ? {} : { name: plain(name) }),
    ...(peer === undefined ? {} : { peer: plain(peer) }),
    ...(requestId === undefined ? {} : { requestId: plain(requestId) }),
    ...(fields === undefined
      ? {}
      : {
          fields: fields.filter((field) => FIELD.test(field) && plain(field) === field).slice(0, MOST_FIELDS),
        }),
    ...(note === undefined ? {} : { note: plain(note) }),
  }
  return { ...act, actor: plain(act.actor), action: plain(act.action), subject: plain(act.subject), details }
}
