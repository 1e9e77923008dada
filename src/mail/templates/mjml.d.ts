// Owns: the types of mjml as far as it is used here; it comes without.

declare module 'mjml' {
  interface MjmlOptions {
    readonly validationLevel: 'soft' | 'strict' | 'skip'
    readonly ignoreIncludes: boolean
    readonly keepComments: boolean
    readonly minify: boolean
    readonly beautify: boolean
    readonly fonts: Readonly<Record<string, string>>
  }
  interface MjmlError {
    readonly line: number
    readonly message: string
    readonly tagName: string
  }
  const mjml2html: (
    source: string,
    options: MjmlOptions,
  ) => Promise<{ readonly html: string; readonly errors: readonly MjmlError[] }>
  export = mjml2html
}
