//
// Owns: how servers word that the message is spam or malware. One phrase a line, lower-case; `*` is anything
// between.

import { phrases } from './phrase.ts'

export const VIRUS = phrases(`
  virus detected
  virus infected
  virus found
  contains a virus
  contains virus
  virus phishing
  virus/
  infected with
  is infected
  malware
  trojan
  a virus
  viral content
  eicar
  clamav
  antivirus
  anti-virus
  w32/
  win32/
  contains viruses
  worm
  potentially infected
  virus was
  infected file
  infected attachment
  infected message
  macro virus
  вирус
  ウイルス
  ウィルス
  바이러스
  wirus
`)

/** The message itself was found to be spam. */
export const SPAM_SURELY = phrases(`
  blacklisted url
  blacklisted link
  url * blacklisted
  uribl
  url in * listed
  listed url
  blocking url
  link in * listed
  surbl
  listed domain in body
  spam content
  spam message
  spam mail
  spam email
  spam detected
  spam classification
  spam score
  spam points
  spam rejected
  spam scanner
  spam filter
  spam check
  spam-like
  spamassassin
  spamminess
  is spam
  as spam
  be spam
  considered spam
  considered unsolicited
  contains spam
  classified as spam
  detected as spam
  detected spam
  identified as spam
  identified as unsolicited
  likely unsolicited
  looks like spam
  looked like spam
  marked as spam
  scored as spam
  suspected spam
  suspected to be spam
  suspicion of spam
  probable spam
  rejected as spam
  rejected for spam
  rejected * spam
  - spam
  appears to be unsolicited
  unsolicited bulk
  unsolicited mail
  unsolicited email
  unsolicited message
  junk mail
  rejected, ube
  ube content
  phishing
  high probability of spam
  message content rejected
  content filter
  content rejected
  considers this message as
  spammy
  ofr_506
  spamv
  dt:spm
  hl:itc
  recipients (:blocked)
  bulk e-mail
  you are sending spam
  matches a profile the internet community may consider
  dt:sum
  spam or virus content
  anti-spam content
  content filtering
  identified as junk
  as junk
`)

export const SPAM = phrases(`
  spam
  unsolicited
  bulk mail
  bulk email
`)
