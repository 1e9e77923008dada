// What the executable carries as text.
declare module '*.service' {
  const text: string
  export = text
}
