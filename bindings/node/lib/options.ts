/** What is given: options under their names, readers that are open. A slip is told, and never ignored. */

import { FirmtrieError } from './errors'

/** What an option may be: in words, and as a test. */
const KINDS = {
  string: ['a string', (value: unknown) => typeof value === 'string'],
  boolean: ['true or false', (value: unknown) => typeof value === 'boolean'],
  function: ['a function', (value: unknown) => typeof value === 'function'],
  number: ['a number', (value: unknown) => typeof value === 'number'],
  asn: ['a number from 0 to 4294967295', (value: unknown) => Number.isInteger(value) && value === (value as number) >>> 0],
  version: ['4 or 6', (value: unknown) => value === 4 || value === 6],
  object: ['an object', isObject],
  addresses: ['a list of addresses, or another iterable', isIterable],
  packed: ['a Uint32Array, Buffer or Uint8Array', (value: unknown) => value instanceof Uint32Array || value instanceof Uint8Array],
  lines: ['a string, Buffer or Uint8Array', (value: unknown) => typeof value === 'string' || value instanceof Uint8Array],
  day: ['a day, as in "2026-11-01", or a Date', (value: unknown) => typeof value === 'string' || value instanceof Date],
  signal: ['an AbortSignal', (value: unknown) => value instanceof AbortSignal],
  list: ['a list of strings', isIterable],
  watch: ['true, false, or an object with onError', (value: unknown) => typeof value === 'boolean' || isObject(value)],
} as const

/** @internal The options, if all of them are known: a misspelt one would be ignored in silence. */
export function known<T extends object>(
  of: string,
  options: T,
  kinds: Readonly<Record<string, keyof typeof KINDS>>,
): T {
  if (!isObject(options) || Array.isArray(options)) {
    throw new FirmtrieError('usage', `${of}: options are an object, not ${shown(options)}`)
  }
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) {
      const all = Object.keys(kinds).join(', ')
      throw new FirmtrieError('usage', `${of}: there is no option ${name}; there are ${all}`)
    }
    if (value !== undefined) fitting(`${of}: ${name}`, kind, value)
  }
  return options
}

/** @internal An argument, where any other would be refused in words that nobody wrote. */
export function fitting<T>(name: string, kind: keyof typeof KINDS, value: T): T {
  const [what, fits] = KINDS[kind]
  if (fits(value)) return value
  throw new FirmtrieError('usage', `${name} is ${what}, not ${shown(value)}`)
}

/** @internal A list, each of which is a string. */
export function strings(name: string, list: Iterable<string>): string[] {
  const given: unknown = list
  if (!isIterable(given)) {
    throw new FirmtrieError('usage', `${name} are a list of strings, not ${shown(given)}`)
  }
  const all = [...list]
  const wrong = all.findIndex((one: unknown) => typeof one !== 'string')
  if (wrong !== -1) {
    throw new FirmtrieError('usage', `${name} are strings, but number ${wrong} is ${shown(all[wrong])}`)
  }
  return all
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Is it a list, or another object whose members come one by one? */
function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value
}

/** @internal A value as a message shows it. */
export function shown(value: unknown): string {
  if (value instanceof Promise) return 'a promise; await it'
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
