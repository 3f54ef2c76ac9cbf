/** Express 4 under an alias; the types of 5 describe what the tests use of it. */
declare module 'express4' {
  export { default } from 'express'
}
