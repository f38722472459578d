/**
 * The reader: an open index that is asked for the companies behind addresses.
 *
 * The native module is given an address and gives numbers; companies are made of them here, and
 * kept by the number of their answer until something is swapped: a new file, or an objection.
 */

import { inspect } from 'node:util'
import { AnswerCache, answerAt, companyAt, slot } from './cache'
import { Answer, Company, factsOf } from './company'
import {
  gather,
  type ManyOptions,
  pushAll,
  pushLines,
  pushPacked,
  type ColumnOptions,
} from './batch'
import { Answers, Matches, Rows } from './columns'
import { asking, awaiting, FirmtrieError } from './errors'
import type { Info } from './info'
import { fitting, known, shown } from './options'
import { Classification, Match, type Words } from './match'
import * as native from './native'

/** An address: text, or its 4 or 16 bytes, the first the highest. */
export type Address = string | Uint8Array

/** Packed addresses: numbers of IPv4, or bytes. */
export type Packed = Uint32Array | Uint8Array

/** Text with an address on each line. */
export type Lines = string | Uint8Array

export interface PackedOptions extends ColumnOptions {
  /** The family of bytes; 4, unless said. */
  version?: 4 | 6
}

type Push = (batch: native.Batch) => Iterable<void>

export interface OpenOptions {
  /** The folder of a registry: who objects there is hidden at once. */
  registry?: string
  /** The registry's key, if that is elsewhere. */
  key?: string
  /**
   * `mmap` (the default) shares the pages of the file with all processes, and asks that nobody
   * changes it in place; `memory` copies it.
   */
  mode?: 'mmap' | 'memory'
  /**
   * Takes over a new file within a second. What cannot be followed, such as a damaged file, or a
   * registry that is gone or was replaced by an older copy, is told to `onError`, once for the same
   * failure, or else as a warning of the process; meanwhile what was known goes on answering. A reader
   * with a registry watches always.
   */
  watch?: boolean | { onError?: (error: unknown) => void }
}

/** How often a watched file is looked at, in milliseconds. */
const WATCHED_EVERY = 500

/** What `find` of the native module gives, where it is no number of an answer. */
const SWAPPED = -1

type Finder = ReturnType<native.Reader['finder']>

/** What makes a reader of a native one, and gives that back. */
let reading: (native: native.Reader, path: string, options: OpenOptions) => Reader
/** @internal */
export let nativeOf: (reader: Reader) => native.Reader

/**
 * An open index; made by `open` or `openSync`. Worker threads open the same file again: it is mapped
 * once in a process.
 */
export class Reader implements Disposable {
  readonly #native: native.Reader
  readonly #find: Finder
  /** Where `find` puts the address, and the length of its network. */
  readonly #located: Int32Array
  readonly #answers = new AnswerCache()
  readonly #path: string
  #watch: NodeJS.Timeout | undefined
  #closed = false

  static {
    reading = (native, path, options) => new Reader(native, path, options)
    nativeOf = (reader) => reader.#native
  }

  private constructor(reader: native.Reader, path: string, options: OpenOptions) {
    this.#native = reader
    this.#find = reader.finder()
    this.#located = this.#find.located
    this.#path = path
    this.#know()
    const watch = options.watch ?? options.registry !== undefined
    if (watch || options.registry !== undefined) this.#follow(typeof watch === 'object' ? watch : {})
  }

  /**
   * The company behind an address, or null where none is named.
   *
   * Throws a `FirmtrieError` with the code `address` for what is no address, `closed` after `close`,
   * `damaged` where the file is.
   *
   * ```js
   * db.lookup('8.1.0.1')?.company.name // 'Alpha B.V.'
   * db.lookup('10.0.0.1') // null
   * ```
   */
  lookup(address: Address): Match | null {
    const number = this.#find(address)
    if (number === 0) return null
    if (number > 0) {
      const [page, at] = [this.#answers.page(number), slot(number)]
      if (page[at] === number) return this.#match(companyAt(page, at), answerAt(page, at))
    }
    const answer = this.#answerAnew(number, address)
    return answer === null ? null : this.#match(answer.company, answer)
  }

  /**
   * How an address is answered, also where nobody is named.
   *
   * ```js
   * db.classify('8.2.0.1').status // 'non_business'
   * ```
   */
  classify(address: Address): Classification {
    const answer = this.#answerAnew(this.#find(address), address) ?? UNKNOWN
    return new Classification(answer, words(this.#located), this.#located[4]!, false)
  }

  /**
   * `lookup` of each of many addresses, on another thread: the event loop goes on. With a `signal`
   * it can be given up. What is no address rejects it, by its index; with `onError: 'null'` it is null.
   *
   * ```js
   * const matches = await db.lookupMany(['8.1.0.1', '10.0.0.1'])
   * matches.at(0)?.company.name // 'Alpha B.V.'
   * ```
   */
  async lookupMany(addresses: Iterable<Address>, options: ManyOptions = {}): Promise<Matches> {
    const { onError = 'throw' } = known('lookupMany', options, { signal: 'signal', onError: 'string' })
    if (onError !== 'throw' && onError !== 'null') {
      throw new FirmtrieError('usage', `lookupMany: onError is 'throw' or 'null', not ${shown(onError)}`)
    }
    fitting('lookupMany: the first argument', 'addresses', addresses)
    const explain = (address: unknown): void => this.#explain(address)
    return new Matches(await this.#many((batch) => pushAll(batch, addresses, onError === 'null' ? null : explain), options))
  }

  /**
   * The companies of packed addresses, also on another thread: of IPv4 as numbers in a `Uint32Array`,
   * or of 4 bytes each, or of 16 with `version: 6`. With `networks` they are matches.
   *
   * ```js
   * const answers = await db.lookupPacked(Uint32Array.of(0x08010001))
   * answers.company(answers.answers[0])?.name // 'Alpha B.V.'
   * ```
   */
  async lookupPacked(addresses: Packed, options: PackedOptions & { networks: true }): Promise<Matches>
  async lookupPacked(addresses: Packed, options?: PackedOptions): Promise<Answers>
  async lookupPacked(addresses: Packed, options: PackedOptions = {}): Promise<Answers> {
    fitting('lookupPacked: the first argument', 'packed', addresses)
    return this.#columns((batch) => pushPacked(batch, addresses, options.version ?? 4), options)
  }

  /** The same of text with an address on each line. */
  async lookupLines(text: Lines, options: ColumnOptions & { networks: true }): Promise<Matches>
  async lookupLines(text: Lines, options?: ColumnOptions): Promise<Answers>
  async lookupLines(text: Lines, options: ColumnOptions = {}): Promise<Answers> {
    fitting('lookupLines: the first argument', 'lines', text)
    return this.#columns((batch) => pushLines(batch, text), options)
  }

  /**
   * Every network in address order, or those that have an address in common with a prefix, or that
   * an autonomous system announces: also those whose companies are left out, as far as the index
   * tells of them.
   *
   * ```js
   * for await (const found of db.networks({ asn: 64501 })) console.log(found.network)
   * ```
   */
  networks(of: { prefix?: string; asn?: number } = {}): AsyncIterable<Classification> {
    return this.#networks(known('networks', of, { prefix: 'string', asn: 'asn' }))
  }

  /**
   * Every network of all companies that have this name, LEI or domain, or of which the same is known
   * as of a `Company`, which may be of another index.
   */
  networksOf(company: Company | string): AsyncIterable<Classification> {
    if (typeof company === 'string') return this.#networks({ called: company })
    if (!(company instanceof Company)) {
      throw new FirmtrieError('usage', `networksOf: give a name, an LEI, a domain or a Company, not ${shown(company)}`)
    }
    return this.#networks({ alike: factsOf(company) })
  }

  /** What the index says of itself: its day, policy, sources and counts. */
  info(): Info {
    return JSON.parse(asking(() => this.#native.info())) as Info
  }

  /** Checks every checksum and reference. Gives what is damaged; nothing, if all is sound. */
  verify(): Promise<string[]> {
    return awaiting(() => this.#native.verify())
  }

  /**
   * Takes over a new file at the path, and what the registry says now, for all readers of this
   * process that have the same open. Says whether anything was new. A file that is damaged is
   * refused, and the old one goes on answering.
   */
  async reload(): Promise<boolean> {
    return awaiting(() => this.#native.reload())
  }

  /**
   * Closes the reader; asking it throws. What it gave goes on answering. Resolves when everything is
   * let go of. Closing twice is fine.
   */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    this.#answers.clear()
    await this.#native.close()
  }

  [Symbol.dispose](): void {
    void this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Was it closed? */
  get closed(): boolean {
    return this.#closed
  }

  /** The path it was opened by. */
  get path(): string {
    return this.#path
  }

  [inspect.custom](): string {
    return `Reader { ${this.#path}${this.#closed ? ', closed' : ''} }`
  }

  /** The match of an answer whose network was found. */
  #match(company: Company | null, answer: Answer): Match | null {
    if (company === null) return null
    return new Match(company, answer, words(this.#located), this.#located[4]!)
  }

  /** The answer of a number that `find` gave, whose network is then found; null of nobody. */
  #answerAnew(number: number, address: Address): Answer | null {
    for (;;) {
      if (number === 0) return null
      if (number > 0) {
        const known = this.#answers.get(number)
        if (known !== undefined) return known
        const found = number
        const json = asking(() => this.#native.answer(found))
        if (json !== null) {
          const answer = new Answer(number, json)
          this.#answers.keep(answer)
          return answer
        }
        // Swapped since it was found.
        this.#know()
      } else if (number === SWAPPED) {
        this.#know()
      } else {
        asking(() => this.#explain(address))
      }
      number = this.#find(address)
    }
  }

  /** Throws why an address is refused, unless it would not be now. */
  #explain(address: unknown): void {
    if (typeof address !== 'string' && !(address instanceof Uint8Array)) {
      const what = 'an address is a string, or a Buffer or Uint8Array of 4 or 16 bytes'
      throw new FirmtrieError('address', `${what}, not ${shown(address)}`)
    }
    this.#native.explain(address)
  }

  /** From now on what is loaded is known. */
  #know(): void {
    asking(() => this.#native.know())
    this.#answers.clear()
  }

  async #columns(push: Push, options: ColumnOptions): Promise<Answers> {
    const kinds = { signal: 'signal', networks: 'boolean', version: 'version' } as const
    const { networks = false } = known('lookupPacked and lookupLines', options, kinds)
    const rows = await this.#many(push, { ...options, networks })
    return networks ? new Matches(rows) : new Answers(rows)
  }

  async #many(push: Push, options: ColumnOptions): Promise<Rows> {
    return new Rows(await gather(asking(() => this.#native.batch()), push, options))
  }

  async *#networks(of: native.NetworksOf): AsyncGenerator<Classification, void, undefined> {
    const rows = new Rows(await awaiting(async () => this.#native.networks(of)))
    for (let at = 0; at < rows.length; at++) {
      const found = rows.classification(at)
      if (!this.#isGone(found)) yield found
    }
  }

  /** Did its company, or an address in it, object since the listing was begun? A closed reader follows nobody. */
  #isGone({ company, network }: Classification): boolean {
    if (company === null || this.#closed) return false
    if (this.lookup(network.slice(0, network.indexOf('/'))) === null) return true
    return asking(() => this.#native.hidesIn(network))
  }

  #follow({ onError = warn }: { onError?: (error: unknown) => void }): void {
    let looking = false
    let told: string | undefined
    const look = async (): Promise<void> => {
      // A large file takes longer to be checked than until the next look.
      if (looking) return
      looking = true
      try {
        await this.reload()
        told = undefined
      } catch (error) {
        const message = String(error)
        if (!this.#closed && message !== told) onError(error)
        told = message
      } finally {
        looking = false
      }
    }
    this.#watch = setInterval(() => void look(), WATCHED_EVERY).unref()
  }
}

/** What nobody asked to be told is a warning of the process: on the terminal, unless it is listened to. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error), 'FirmtrieWarning')
}

/** The address that was found, out of what the next answer changes. */
function words(located: Int32Array): Words {
  if (located[5] === 4) return located[3]!
  return [located[0]! >>> 0, located[1]! >>> 0, located[2]! >>> 0, located[3]! >>> 0]
}

const UNNAMED = { kind: null, asn: null, confidence: null, sources: [], facts: [], contacts: [] }
const UNKNOWN = new Answer(0, JSON.stringify({ status: 'unknown', ...UNNAMED }))

/** Opens an index on another thread. */
export async function open(path: string, options: OpenOptions = {}): Promise<Reader> {
  const given = plain(options)
  return reading(await awaiting(async () => native.open(fitting('open: the path', 'string', path), given)), path, options)
}

/** Opens an index at once, which a mapped one is in less than a millisecond. */
export function openSync(path: string, options: OpenOptions = {}): Reader {
  const given = plain(options)
  return reading(asking(() => native.openSync(fitting('open: the path', 'string', path), given)), path, options)
}

const OPTIONS = { registry: 'string', key: 'string', mode: 'string', watch: 'watch' } as const

/** The options that the native module takes. */
function plain(options: OpenOptions): native.OpenOptions {
  const { registry, key, mode, watch } = known('open', options, OPTIONS)
  if (typeof watch === 'object') known('watch', watch, { onError: 'function' })
  return {
    ...(registry !== undefined && { registry }),
    ...(key !== undefined && { key }),
    ...(mode !== undefined && { mode }),
  }
}
