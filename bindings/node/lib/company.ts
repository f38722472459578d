/**
 * Companies and what is said of a network: plain objects that hold nothing of the index, and so go
 * on answering when it is reloaded or closed.
 */

import { inspect, type InspectOptions } from 'node:util'

/** What identifies a company, in the shape that every language and the command line give. */
export interface CompanyName {
  name: string
  /** ISO 3166-1 alpha-2. */
  country: string | null
  /** Legal Entity Identifier, ISO 17442. */
  lei: string | null
  domain: string | null
}

/** A business contact of a company. */
export interface Contact {
  name: string
  job_title: string | null
  email: string | null
}

/** Every fact of a company. */
export interface CompanyFacts extends CompanyName {
  legal_form: string | null
  register_number: string | null
  vat: string | null
  street: string | null
  postal_code: string | null
  city: string | null
  /** NACE. */
  industry: string | null
  /** How many work there: a band such as `10-49`. */
  employees: string | null
  founded: string | null
  domains: string[]
  contacts: Contact[]
}

/** What a network is used for. */
export type Kind =
  | 'business'
  | 'hosting'
  | 'isp'
  | 'mobile'
  | 'education'
  | 'government'
  | 'consumer'
  | 'unknown'

/** Whether a company is named, and if not, why. */
export type Status = 'company' | 'non_business' | 'withheld' | 'unknown'

/** @internal A field, and a value of it. */
export type Fact = readonly [string, string]

/** @internal Every fact of a company but its contacts, the name first. */
export let factsOf: (company: Company) => string[][]

/**
 * A company: what the index knows of it. Immutable. Spreading and `structuredClone` see no properties;
 * `toObject` gives a plain object.
 */
export class Company {
  readonly #name: string
  readonly #facts: readonly Fact[]
  readonly #contacts: readonly Contact[]

  static {
    factsOf = (company) => company.#facts.map(([field, value]) => [field, value])
  }

  /** @internal */
  constructor(name: string, facts: readonly Fact[], contacts: readonly Contact[]) {
    this.#name = name
    this.#facts = facts
    this.#contacts = contacts
  }

  /** The name as its source writes it. */
  get name(): string {
    return this.#name
  }
  /** ISO 3166-1 alpha-2. */
  get country(): string | null {
    return this.#first('country')
  }
  /** Legal Entity Identifier, ISO 17442. */
  get lei(): string | null {
    return this.#first('lei')
  }
  /** The first of its domains. */
  get domain(): string | null {
    return this.#first('domain')
  }
  /** All of its domains. */
  get domains(): string[] {
    return this.#all('domain')
  }
  /** The legal form: a code of ISO 20275, or text. */
  get legalForm(): string | null {
    return this.#first('legal_form')
  }
  /** The number in its country's register. */
  get registerNumber(): string | null {
    return this.#first('register_number')
  }
  get vat(): string | null {
    return this.#first('vat')
  }
  get street(): string | null {
    return this.#first('street')
  }
  get postalCode(): string | null {
    return this.#first('postal_code')
  }
  get city(): string | null {
    return this.#first('city')
  }
  /** The industry, a NACE code. */
  get industry(): string | null {
    return this.#first('industry')
  }
  /** How many work there: a band such as `10-49`. */
  get employees(): string | null {
    return this.#first('employees')
  }
  /** When it was founded: a year or a day. */
  get founded(): string | null {
    return this.#first('founded')
  }
  /** Business contacts; none unless the policy of the build asked for them. */
  get contacts(): Contact[] {
    return this.#contacts.map((contact) => ({ ...contact }))
  }

  /** Every fact, by its field. */
  toJSON(): CompanyFacts {
    return {
      ...this.named(),
      legal_form: this.legalForm,
      register_number: this.registerNumber,
      vat: this.vat,
      street: this.street,
      postal_code: this.postalCode,
      city: this.city,
      industry: this.industry,
      employees: this.employees,
      founded: this.founded,
      domains: this.domains,
      contacts: this.contacts,
    }
  }

  /** The same, as a plain object: to be spread, cloned or posted. */
  toObject(): CompanyFacts {
    return this.toJSON()
  }

  /** What identifies it: the `company` of an answer. */
  named(): CompanyName {
    return { name: this.name, country: this.country, lei: this.lei, domain: this.domain }
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const known = Object.entries(this.named()).filter(([, value]) => value !== null)
    return `Company ${inspect(Object.fromEntries(known), options)}`
  }

  #first(field: string): string | null {
    return this.#facts.find(([known]) => known === field)?.[1] ?? null
  }

  #all(field: string): string[] {
    return this.#facts.filter(([known]) => known === field).map(([, value]) => value)
  }
}

/** What the native module tells of an answer. */
interface Told {
  status: Status
  kind: Kind | null
  asn: number | null
  confidence: number | null
  sources: string[]
  facts: Fact[]
  contacts: Contact[]
}

/** @internal What the number of an answer stands for, whatever the address. */
export class Answer {
  readonly number: number
  readonly status: Status
  readonly company: Company | null
  readonly kind: Kind | null
  readonly asn: number | null
  readonly confidence: number | null
  readonly sources: readonly string[]

  constructor(number: number, json: string) {
    this.number = number
    const told = JSON.parse(json) as Told
    this.status = told.status
    this.kind = told.kind
    this.asn = told.asn
    this.confidence = told.confidence
    this.sources = told.sources
    const [name] = told.facts
    this.company = name === undefined ? null : new Company(name[1], told.facts, told.contacts)
  }
}
