/** What is given: options under their names, readers that are open. A slip is told, and never ignored. */

import { FirmtrieError } from './errors'

/** @internal The options, if all of them are known: a misspelt one would be ignored in silence. */
export function known<T extends object>(of: string, options: T, names: readonly string[]): T {
  if (typeof options !== 'object' || options === null) {
    throw new FirmtrieError('usage', `${of}: options are an object, not ${shown(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new FirmtrieError('usage', `${of}: there is no option ${name}; there are ${names.join(', ')}`)
    }
  }
  return options
}

/** @internal A value as a message shows it. */
export function shown(value: unknown): string {
  if (value instanceof Promise) return 'a promise; await it'
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
