// What test/mail/dkim/dkim-signer.test.ts calls; the package brings no types.
declare module 'dkim-signer' {
  export function DKIMSign(
    source: string | Buffer,
    options: { domainName: string; keySelector: string; privateKey: string; headerFieldNames?: string },
  ): string
}
