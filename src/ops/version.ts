//
// Owns: which version this is. The build puts both words in; a checkout that was not built says so.

declare const MAILWOK_VERSION: string | undefined
declare const MAILWOK_COMMIT: string | undefined

export const VERSION = typeof MAILWOK_VERSION === 'string' ? MAILWOK_VERSION : '0.0.0-checkout'
export const COMMIT = typeof MAILWOK_COMMIT === 'string' ? MAILWOK_COMMIT : ''
