//
// Owns: taking out of text what nobody else may see: secrets, and whom mail is for. Pure.

const KEY = /mwk_(?:live|test)_[A-Za-z0-9]+/g
const PASSWORD_IN_URL = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi
const MAILBOX = /[^\s@<>"'=:,;()[\]{}]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)/g
const ASSIGNED =
  /\b((?:[a-z_.]*(?:password|secret|token|authorization))["']?\s*[=:]\s*)(?!.*secret_file)("[^"]*"|'[^']*'|\S+)/gi
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g

/** The domain of an address stays: most trouble is one of domains. */
export const redacted = (text: string): string =>
  text
    .replace(PEM, '[a private key]')
    .replace(KEY, '[a key]')
    .replace(PASSWORD_IN_URL, '$1:[a password]@')
    .replace(ASSIGNED, '$1[a secret]')
    .replace(MAILBOX, '[somebody]@$1')
