declare module 'express-myconnection' {
  import type { RequestHandler } from 'express'

  export default function myConnection(
    mysql: object,
    config: object,
    strategy: 'single' | 'pool' | 'request',
  ): RequestHandler
}
