// As consumer.ts, for a program that is still CommonJS.
import bullmq = require('@lifeguard/bullmq')
import core = require('@lifeguard/core')
import express = require('@lifeguard/express')
import fastify = require('@lifeguard/fastify')
import mysql = require('@lifeguard/mysql2')

const pool: core.Pool = core.createPool({ host: '127.0.0.1' })
const dropIn: mysql.Pool = mysql.createPool({ connectionLimit: 5 })
export = [
  dropIn.lifeguard,
  pool,
  bullmq.withDbConnection,
  express.releaseDbConnection,
  fastify.lifeguard,
  mysql.createPool,
]
