/** Files that are served as they are; the build puts them into the executable. */
declare module '*.css' {
  const text: string
  export = text
}
declare module '*/browser.js' {
  const text: string
  export = text
}
