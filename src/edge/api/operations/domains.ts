//
// Owns: what the routes of /v1/domains say of themselves.

import { operation } from '../operation.ts'
import {
  DkimKeys,
  DnsQuery,
  DomainAnswer,
  DomainList,
  DomainPath,
  DomainRecordsAnswer,
  DomainsQuery,
  ImportedKeyAnswer,
  RemovedDomain,
  RotatedKeys,
} from '../schema/domains.ts'

const of = { params: DomainPath, problems: ['not_found'] } as const
const changing = { params: DomainPath, problems: ['not_found', 'live_key_required'] } as const

export const LIST_DOMAINS = operation({
  summary: 'List domains',
  description: 'Domains that the account may send as, the newest first.',
  query: DomainsQuery,
  answers: { 200: { description: 'The domains.', schema: DomainList } },
})
export const ADD_DOMAIN = operation({
  summary: 'Add a domain',
  description:
    'Makes its DKIM keys and answers with the records to publish. Keys that have signed its mail elsewhere can be brought along in `dkim`: they are checked against what is published.',
  bodyExample: { name: 'example.com' },
  answers: { 200: { description: 'The domain, with the records to publish.', schema: DomainRecordsAnswer } },
  problems: ['name_taken', 'too_many_domains', 'live_key_required'],
})
export const GET_DOMAIN = operation({
  summary: 'Get a domain',
  ...of,
  answers: { 200: { description: 'The domain.', schema: DomainAnswer } },
})
export const CHANGE_DOMAIN = operation({
  summary: 'Change a domain',
  description: 'What is not named stays as it is.',
  ...changing,
  bodyExample: { track_opens: false },
  answers: { 200: { description: 'The domain as it is now.', schema: DomainAnswer } },
})
export const REMOVE_DOMAIN = operation({
  summary: 'Remove a domain',
  description:
    'Nobody may send as it from then on. Mail that was accepted before is signed and delivered as it was promised.',
  ...changing,
  answers: {
    200: {
      description: 'It is gone.',
      schema: RemovedDomain,
      example: {
        success: true,
        removed: 1,
        queued_mail:
          'Mail that was accepted before is still delivered and signed; leave the DKIM records of example.com until 2027-01-15.',
        publish_until: '2027-01-15',
      },
    },
  },
})
export const DNS_OF_DOMAIN = operation({
  summary: 'Records of a domain',
  description:
    'What to publish and why, and what was found at the last look, with what is wrong in a sentence. `format=bind` gives a zone file.',
  ...of,
  query: DnsQuery,
  answers: { 200: { description: 'The records and all findings.', schema: DomainRecordsAnswer } },
})
export const VERIFY_DOMAIN = operation({
  summary: 'Verify a domain',
  description: 'Looks the records up now. The domain is verified as soon as all required ones are seen.',
  ...changing,
  answers: { 200: { description: 'What was seen.', schema: DomainRecordsAnswer } },
})
export const LIST_DKIM = operation({
  summary: 'List DKIM keys',
  description:
    'Of each algorithm one that signs and one that is to sign next, and those that have signed lately.',
  ...of,
  answers: { 200: { description: 'The keys, without their private halves.', schema: DkimKeys } },
})
export const ROTATE_DKIM = operation({
  summary: 'Rotate DKIM keys',
  description:
    'The next keys sign as soon as their records were seen right in two looks an hour apart: at once where that is so, else when it is. Nothing is lost while it waits.',
  ...changing,
  answers: {
    200: { description: 'Whether other keys sign now, and what is waited for.', schema: RotatedKeys },
  },
})
export const IMPORT_DKIM = operation({
  summary: 'Import a DKIM key',
  description:
    'A private key that has signed the mail of the domain elsewhere: RSA of 2048 to 4096 bits or Ed25519, as PEM (PKCS#8 or PKCS#1) or as a base64 seed. It signs at once where its record is published; else it is the next key and waits for that. One that does not fit its record is refused.',
  // The seed of RFC 8037, appendix A: everybody knows it.
  bodyExample: { selector: 's1', private_key: 'nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=' },
  ...changing,
  answers: { 200: { description: 'The key, without its private half.', schema: ImportedKeyAnswer } },
})
