import { createPool, type Lease, type Pool, type Scope } from '@lifeguard/core'
import { expectTypeOf } from 'expect-type'
import type { FieldPacket, QueryResult, ResultSetHeader, RowDataPacket } from 'mysql2/promise'

declare const pool: Pool
declare const lease: Lease
declare const scope: Scope

expectTypeOf(createPool).returns.toEqualTypeOf<Pool>()

// The result has the shape of mysql2/promise's, and its generic.
expectTypeOf(pool.query('SELECT 1')).resolves.toEqualTypeOf<[QueryResult, FieldPacket[]]>()
expectTypeOf(lease.execute<RowDataPacket[]>('SELECT 1')).resolves.toEqualTypeOf<
  [RowDataPacket[], FieldPacket[]]
>()
expectTypeOf(scope.query<ResultSetHeader>('INSERT')).resolves.toEqualTypeOf<
  [ResultSetHeader, FieldPacket[]]
>()

// What the function answers is what the caller gets.
expectTypeOf(pool.transaction(() => 5)).resolves.toBeNumber()
expectTypeOf(pool.use(async () => 'x')).resolves.toBeString()
expectTypeOf(pool.scope({}, () => ({ a: 1 }))).resolves.toEqualTypeOf<{ a: number }>()

// mysql2's pool options have other names here.
// @ts-expect-error it is called max
createPool({ connectionLimit: 5 })
// @ts-expect-error no such level
void pool.transaction(() => {}, { isolation: 'CHAOS' })
