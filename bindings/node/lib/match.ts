/**
 * What an address is answered with. A match holds the network that has the address, and not the
 * address; what it knows it goes on knowing when its reader is reloaded or closed.
 */

import { inspect, type InspectOptions } from 'node:util'
import type { Answer, Company, CompanyName, Kind, Status } from './company'
import { ipv6Text } from './native'

/** One answer, in the shape that every language and the command line give. */
export interface PlainAnswer {
  status: Status
  network: string
  kind: Kind | null
  asn: number | null
  company: CompanyName | null
  sources: string[]
  confidence: number | null
}

/** @internal The words of a network's first address: one of IPv4, four of IPv6. */
export type Start = number | readonly [number, number, number, number]

/** What a match and a classification have in common. */
abstract class Found {
  readonly #answer: Answer
  readonly #start: Start
  readonly #length: number

  /** @internal */
  constructor(answer: Answer, start: Start, length: number) {
    this.#answer = answer
    this.#start = start
    this.#length = length
  }

  /** Whether a company is named, and if not, why. */
  get status(): Status {
    return this.#answer.status
  }

  /** The widest network that holds the address and is answered alike: `145.131.8.0/24`. */
  get network(): string {
    const start = this.#start
    if (typeof start !== 'number') return `${ipv6Text(...start)}/${this.#length}`
    const bytes = [start >>> 24, (start >>> 16) & 255, (start >>> 8) & 255, start & 255]
    return `${bytes.join('.')}/${this.#length}`
  }

  /** The autonomous system that announces the network. */
  get asn(): number | null {
    return this.#answer.asn
  }

  /** The names of the sources that say so. */
  get sources(): string[] {
    return [...this.#answer.sources]
  }

  /** How sure the evidence makes the answer, from 0 to 1; null where there is none to weigh. */
  get confidence(): number | null {
    return this.#answer.confidence
  }

  /** The answer in the plain shape that every language gives. */
  toJSON(): PlainAnswer {
    const answer = this.#answer
    return {
      status: answer.status,
      network: this.network,
      kind: answer.kind,
      asn: answer.asn,
      company: answer.company?.named() ?? null,
      sources: this.sources,
      confidence: answer.confidence,
    }
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const { status, network, kind, asn } = this
    const company = this.#answer.company
    const told = company === null ? { network, status, kind, asn } : { network, company, kind, asn }
    return `${this.constructor.name} ${inspect(told, options)}`
  }

  /** @internal */
  protected get answer(): Answer {
    return this.#answer
  }

  abstract get company(): Company | null
  abstract get kind(): Kind | null
}

/** The company behind an address, with the network that has it. Immutable. */
export class Match extends Found {
  override get company(): Company {
    // Matches are made only of answers that name one.
    return this.answer.company!
  }

  /** What the network is used for. */
  override get kind(): Kind {
    return this.answer.kind ?? 'unknown'
  }
}

/** How an address, or a network, is answered: also where nobody is named. Immutable. */
export class Classification extends Found {
  /** The company, if one is named. */
  override get company(): Company | null {
    return this.answer.company
  }

  /** What the network is used for; null where that is withheld or unknown. */
  override get kind(): Kind | null {
    return this.answer.kind
  }
}
