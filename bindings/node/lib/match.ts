/**
 * What an address is answered with. What it knows it goes on knowing when its reader is reloaded or closed.
 *
 * Properties are read when they are asked for, so that spreading, `structuredClone` and `postMessage` see
 * none of them: `toJSON` gives the plain shape, and `toObject` everything.
 */

import { inspect, type InspectOptions } from 'node:util'
import type { Answer, Company, CompanyFacts, CompanyName, Kind, Status } from './company'
import { ipv6Text } from './native'

/** One answer, in the shape that every language and the command line give. */
export interface PlainAnswer {
  /** The address that was asked for; a network has none. */
  address?: string
  status: Status
  network: string
  kind: Kind | null
  asn: number | null
  company: CompanyName | null
  sources: string[]
  confidence: number | null
}

/** @internal The words of an address: one of IPv4, four of IPv6. */
export type Words = number | readonly [number, number, number, number]

function text(words: Words): string {
  if (typeof words !== 'number') return ipv6Text(...words)
  return `${words >>> 24}.${(words >>> 16) & 255}.${(words >>> 8) & 255}.${words & 255}`
}

/** The first `bits` bits of a word. */
function first(word: number, bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? word : (word & (-1 << (32 - bits))) >>> 0
}

/** The network of this length around an address. */
function networkText(words: Words, length: number): string {
  if (typeof words === 'number') return `${text(first(words, length))}/${length}`
  const [a, b, c, d] = words
  const network = [first(a, length), first(b, length - 32), first(c, length - 64), first(d, length - 96)] as const
  return `${text(network)}/${length}`
}

function plain(answer: Answer, network: string, address?: string): PlainAnswer {
  const { status, kind, asn, confidence } = answer
  const company = answer.company?.named() ?? null
  const rest = { status, network, kind, asn, company, sources: [...answer.sources], confidence }
  return address === undefined ? rest : { address, ...rest }
}

/** A match as a plain object. */
export interface PlainMatch extends PlainAnswer {
  address: string
  kind: Kind
  company: CompanyFacts
}

/** A classification as a plain object. */
export interface PlainClassification extends Omit<PlainAnswer, 'company'> {
  company: CompanyFacts | null
}

/**
 * The company behind an address, with the network that has it. Immutable.
 *
 * ```js
 * const match = db.lookup('8.1.0.1')
 * match.company.name // 'Alpha B.V.'
 * match.network // '8.1.0.0/23'
 * ```
 */
export class Match {
  readonly #company: Company
  readonly #answer: Answer
  readonly #words: Words
  readonly #length: number

  /** @internal */
  constructor(company: Company, answer: Answer, words: Words, length: number) {
    this.#company = company
    this.#answer = answer
    this.#words = words
    this.#length = length
  }

  /** The company. */
  get company(): Company {
    return this.#company
  }

  /** The company's name, as its source writes it: `company.name`. */
  get name(): string {
    return this.#company.name
  }

  /** The address that was asked for; an IPv4-mapped one is the IPv4 address. */
  get address(): string {
    return text(this.#words)
  }

  /** `company`, as of every match. */
  get status(): Status {
    return this.#answer.status
  }

  /** The widest network that holds the address and is answered alike: `145.131.8.0/24`. */
  get network(): string {
    return networkText(this.#words, this.#length)
  }

  /** What the network is used for. */
  get kind(): Kind {
    return this.#answer.kind ?? 'unknown'
  }

  /** The autonomous system that announces the network. */
  get asn(): number | null {
    return this.#answer.asn
  }

  /** How sure the evidence makes the answer, from 0 to 1; null where there is none to weigh. */
  get confidence(): number | null {
    return this.#answer.confidence
  }

  /** The names of the sources that say so. */
  get sources(): string[] {
    return [...this.#answer.sources]
  }

  /** The answer in the plain shape that every language gives. */
  toJSON(): PlainAnswer & { address: string } {
    return { address: this.address, ...plain(this.#answer, this.network) }
  }

  /** The same with every fact of the company, as a plain object: to be spread, cloned or posted. */
  toObject(): PlainMatch {
    return { ...this.toJSON(), kind: this.kind, company: this.#company.toJSON() }
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { address, network, company, kind, asn } = this
    return `Match ${inspect({ address, network, company, kind, asn }, options)}`
  }
}

/**
 * How an address, or a network, is answered: also where nobody is named. Immutable.
 *
 * ```js
 * db.classify('8.2.0.1').kind // 'isp'
 * ```
 */
export class Classification {
  readonly #answer: Answer
  readonly #words: Words
  readonly #length: number
  /** Was a network asked for, and no address? */
  readonly #whole: boolean

  /** @internal */
  constructor(answer: Answer, words: Words, length: number, whole: boolean) {
    this.#answer = answer
    this.#words = words
    this.#length = length
    this.#whole = whole
  }

  /** The address that was asked for; null if it was a network. */
  get address(): string | null {
    return this.#whole ? null : text(this.#words)
  }

  /** Whether a company is named, and if not, why. */
  get status(): Status {
    return this.#answer.status
  }

  /** The company, if one is named. */
  get company(): Company | null {
    return this.#answer.company
  }

  /** The widest network that is answered alike. */
  get network(): string {
    return networkText(this.#words, this.#length)
  }

  /** What the network is used for; null where that is withheld or unknown. */
  get kind(): Kind | null {
    return this.#answer.kind
  }

  /** The autonomous system; null where that is withheld or unknown. */
  get asn(): number | null {
    return this.#answer.asn
  }

  /** The answer in the plain shape that every language gives. */
  toJSON(): PlainAnswer {
    return plain(this.#answer, this.network, this.address ?? undefined)
  }

  /** The same with every fact of the company, as a plain object: to be spread, cloned or posted. */
  toObject(): PlainClassification {
    return { ...this.toJSON(), company: this.company?.toJSON() ?? null }
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { address, network, status, company, kind, asn } = this
    const where = address === null ? { network } : { address, network }
    const told = company === null ? { ...where, status, kind, asn } : { ...where, company, kind, asn }
    return `Classification ${inspect(told, options)}`
  }
}
