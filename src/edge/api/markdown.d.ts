/** A page of docs/ as text; the build puts it into the executable. */
declare module '*.md' {
  const text: string
  export = text
}
