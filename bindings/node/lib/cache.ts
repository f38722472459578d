/**
 * Answers by their number, made when they are first asked for: the same few visitors come again and
 * again, and what they are answered with is then found without leaving JavaScript.
 *
 * An answer's slot is its number modulo all slots, and who comes last to a slot stays in it: no
 * more than that is ever thrown away, however many answers an index has. A slot has the number, the
 * company and the answer beside each other, in one line of memory: most users read a company's name,
 * and the answer's own memory is then not touched.
 */

import type { Answer, Company } from './company'

/** A page is one array; V8 makes a slow dictionary of one that is made longer than 32,768. */
const PAGE_BITS = 10
const PAGE = 1 << PAGE_BITS
/** So many pages are kept at most: what a reload throws away, and what memory they may take. */
const PAGES = 128
/** So many values has a slot. */
const WIDTH = 3

/** The slots of `PAGE` answers. No answer has the number 0. */
export type Page = Array<number | Company | Answer | null>

const EMPTY: Page = new Array(WIDTH * PAGE).fill(0)

export class AnswerCache {
  readonly #pages: Page[] = new Array(PAGES).fill(EMPTY)

  /** The page in which a number has its slot. */
  page(number: number): Page {
    return this.#pages[(number >>> PAGE_BITS) & (PAGES - 1)]!
  }

  /** The answer of a number, if it is kept. */
  get(number: number): Answer | undefined {
    const page = this.page(number)
    return page[slot(number)] === number ? answerAt(page, slot(number)) : undefined
  }

  /** Keeps an answer. */
  keep(answer: Answer): void {
    const at = (answer.number >>> PAGE_BITS) & (PAGES - 1)
    if (this.#pages[at] === EMPTY) this.#pages[at] = new Array(WIDTH * PAGE).fill(0)
    const [page, first] = [this.#pages[at]!, slot(answer.number)]
    page[first] = answer.number
    page[first + 1] = answer.company
    page[first + 2] = answer
  }

  /** Forgets everything. */
  clear(): void {
    this.#pages.fill(EMPTY)
  }
}

/** Where in its page a number is, if it is kept. */
export function slot(number: number): number {
  return WIDTH * (number & (PAGE - 1))
}

/** The company beside a number. */
export function companyAt(page: Page, slot: number): Company | null {
  return page[slot + 1] as Company | null
}

/** The answer beside a number. */
export function answerAt(page: Page, slot: number): Answer {
  return page[slot + 2] as Answer
}
