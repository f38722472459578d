/**
 * The registry of objections and requests. What is recorded here holds in every reader of this
 * process that follows the same registry before the promise is kept.
 */

import { awaiting, FirmtrieError } from './errors'
import * as native from './native'
import { fitting, known, shown } from './options'
import { nativeOf, Reader } from './reader'

/** A day: a `Date`, of which its day in UTC is meant, or `YYYY-MM-DD`. */
export type Day = Date | string

/**
 * Whom a request is about; several identifiers are all of one firm. With `index`, a reader, all that
 * its index knows the firm by is recorded too.
 */
export interface About {
  lei?: string
  vat?: string
  /** A number in the register of `country`, or of any. */
  register?: string
  /** A name with its legal form, in `country`, or in any. */
  name?: string
  /** ISO 3166-1 alpha-2. */
  country?: string
  domain?: string
  /** The business e-mail of a contact. */
  email?: string
  address?: string
  prefix?: string
  /** When it came; today, unless said. An answer is due a month later. */
  received?: Day
  /** How it came, such as `mail`; kept sealed. */
  channel?: string
  /** Why; kept sealed. */
  reason?: string
  index?: Reader
  /** It is meant, though it takes out more than a hundredth of the index, or a /8. */
  sure?: boolean
}

export type Right =
  | 'objection'
  | 'erasure'
  | 'restriction'
  | 'rectification'
  | 'access'
  | 'portability'
  | 'withdrawal'

export type Step =
  | 'received'
  | 'identity_asked'
  | 'verified'
  | 'extended'
  | 'done'
  | 'refused'
  | 'lifted'

/** An entry of a registry. Nothing in it identifies anybody. */
export interface Entry {
  entry: number
  right: Right
  received: string
  due: string
  until: string | null
  step: Step
  identified_by: string[]
  /** A name or register number in it is meant in any country, since none was given. */
  any_country: boolean
  prefixes: number
}

/** What a request meets in an index: how much, and the first thousand networks. */
export interface Met {
  companies: number
  networks: number
  first: string[]
  /** Are they no longer answered with a company? */
  taken_out: boolean
}

/** What came of a change: the entry, which is on the disk, and who in this process could not follow. */
export interface Recorded extends Entry {
  /** Also readers that found entries gone from the registry; they follow what is there now. */
  not_followed: { index: string; error: string }[]
  /** What it meets in the reader's index, if one was given. */
  met: Met | null
}

/**
 * Objections and other requests, kept for ever in a folder.
 *
 * ```js
 * const registry = await Registry.create('registry')
 * const { entry, due } = await registry.object({ domain: 'alpha.example' })
 * ```
 */
export class Registry {
  readonly #native: native.Registry
  readonly #folder: string

  private constructor(registry: native.Registry, folder: string) {
    this.#native = registry
    this.#folder = folder
  }

  /**
   * Opens the registry in a folder, with the key that lies in it or elsewhere. Rejects with the code
   * `registry` if there is none, or the key is missing or not its own.
   */
  static async open(folder: string, options: { key?: string } = {}): Promise<Registry> {
    return Registry.#begin(folder, options, false)
  }

  /** Makes a registry in a folder, and its key, there or elsewhere. */
  static async create(folder: string, options: { key?: string } = {}): Promise<Registry> {
    return Registry.#begin(folder, options, true)
  }

  /**
   * Brings a registry that is gone or damaged back from the folder of a backup, and adds to one that
   * can be read what it has not. Rejects with code `registry` if it has what the backup has not.
   */
  static async restore(folder: string, backup: string, options: { key?: string } = {}): Promise<Registry> {
    return Registry.#begin(folder, options, false, backup)
  }

  static async #begin(
    folder: string,
    options: { key?: string },
    create: boolean,
    backup?: string,
  ): Promise<Registry> {
    const { key } = known('Registry', options, { key: 'string' })
    fitting('Registry: the folder', 'string', folder)
    if (backup !== undefined) fitting('Registry: the backup', 'string', backup)
    const opened = await awaiting(async () => native.openRegistry(folder, key, create, backup))
    return new Registry(opened, folder)
  }

  /** The folder. */
  get path(): string {
    return this.#folder
  }

  /** Records an objection (GDPR, article 21): they are not shown from now on, nor collected again. */
  object(about: About): Promise<Recorded> {
    return this.#request('objection', about)
  }

  /** Records a request for erasure (article 17). */
  erase(about: About): Promise<Recorded> {
    return this.#request('erasure', about)
  }

  /** Records a restriction (article 18): not shown up to and including the day `until`. */
  restrict(about: About & { until: Day }): Promise<Recorded> {
    return read(async () => {
      const { until, ...who } = fitting('restrict: who', 'object', about)
      return this.#native.restrict(day(fitting('restrict: until', 'day', until)), ...words(who))
    })
  }

  /** Records a rectification (article 16): `field` becomes `value` in every later build. */
  rectify(about: About & { field: string; value: string; old?: string }): Promise<Recorded> {
    return read(async () => {
      const { field, value, old, ...who } = fitting('rectify: who', 'object', about)
      fitting('rectify: field', 'string', field)
      fitting('rectify: value', 'string', value)
      if (old !== undefined) fitting('rectify: old', 'string', old)
      return this.#native.rectify(field, value, old, ...words(who))
    })
  }

  /** Records a request of another right. */
  request(right: 'access' | 'portability' | 'withdrawal', about: About): Promise<Recorded> {
    return this.#request(right, about)
  }

  /** Takes a step of a request; `extended` and `refused` with a reason. */
  step(
    entry: number,
    step: Exclude<Step, 'received' | 'lifted'>,
    options: { day?: Day; reason?: string } = {},
  ): Promise<Recorded> {
    return read(async () => {
      const { day: on, reason } = known('step', options, { day: 'day', reason: 'string' })
      const at = on === undefined ? undefined : day(on)
      fitting('step: the entry', 'number', entry)
      return this.#native.step(entry, fitting('step: the step', 'string', step), at, reason)
    })
  }

  /** Takes an entry back, once: what it asked for does not hold any more. */
  lift(entry: number, options: { reason?: string } = {}): Promise<Recorded> {
    return read(async () => {
      const { reason } = known('lift', options, { reason: 'string' })
      return this.#native.lift(fitting('lift: the entry', 'number', entry), reason)
    })
  }

  /** Copies the registry as it is now to a folder, while it is used; its key only when asked. */
  async backup(folder: string, options: { withKey?: boolean } = {}): Promise<void> {
    const { withKey = false } = known('backup', options, { withKey: 'boolean' })
    await awaiting(async () => this.#native.backup(fitting('backup: the folder', 'string', folder), withKey))
  }

  /**
   * Everything that is held about somebody, in the registry and in the index of `index`, each fact
   * with its source: the answer to a request for access (article 15).
   */
  subject(about: About): Promise<Record<string, unknown>> {
    return read(async () => this.#native.subject(...words(about)))
  }

  /** Every entry. */
  entries(): Promise<Entry[]> {
    return read(async () => this.#native.entries())
  }

  /** Entries that have no answer yet, the one due first before the others. */
  due(): Promise<Entry[]> {
    return read(async () => this.#native.due())
  }

  #request(right: Right, about: About): Promise<Recorded> {
    return read(async () => this.#native.request(fitting('the right', 'string', right), ...words(about)))
  }
}

async function read<T>(ask: () => Promise<string>): Promise<T> {
  return JSON.parse(await awaiting(ask)) as T
}

/** @internal A day as text. */
export function day(value: Day): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new FirmtrieError('usage', 'the day is an invalid Date')
    return value.toISOString().slice(0, 10)
  }
  return value
}

function words(who: About): [Record<string, string>, native.Reader?] {
  const { index, received, sure, ...about } = fitting('who', 'object', who)
  const given: Record<string, string | undefined> = { ...about }
  if (received !== undefined) given['received'] = day(received)
  if (sure !== undefined) given['sure'] = String(sure)
  const words: Record<string, string> = {}
  for (const [word, text] of Object.entries(given)) {
    if (text === undefined || text === null) continue
    if (typeof text !== 'string') throw new FirmtrieError('usage', `${word} is a string, not ${shown(text)}`)
    words[word] = text
  }
  if (index === undefined) return [words]
  if (!(index instanceof Reader)) {
    throw new FirmtrieError('usage', `index is a reader, not ${shown(index)}; open one with \`await open(…)\``)
  }
  return [words, nativeOf(index)]
}
