/**
 * The one error of this package. Its `code` is the word that all of firmtrie's surfaces have for
 * it; its message names file, line and value, and says what to do.
 */

/**
 * What went wrong: `address`, `prefix`, `not_an_index`, `damaged`, `io`, `closed`, `stopped`, `usage`,
 * and of builds and registries `manifest`, `source`, `bad_row`, `policy`, `registry`, `identifier`…
 */
export class FirmtrieError extends Error {
  override readonly name = 'FirmtrieError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** @internal What was thrown by the native module, as what is thrown to users. */
export function told(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return new FirmtrieError(error.code, error.message)
  }
  return error
}

/** @internal What `ask` gives, or throws as a `FirmtrieError`. */
export function asking<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw told(error)
  }
}

/** @internal The same of a promise. */
export async function awaiting<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw told(error)
  }
}
