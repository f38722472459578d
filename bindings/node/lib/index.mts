/** Which company is behind this IP address? The same module as for CommonJS. */

export * from './index.js'
