/** The visitor's company on every request. The same module as for CommonJS. */

export * from './http.js'
