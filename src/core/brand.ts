declare const brand: unique symbol

/** A string that only its parser may make: two kinds of text cannot be swapped by accident. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
