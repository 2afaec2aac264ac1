// PostgreSQL without any engine: connecting, the errors of connecting as Prisma words them, and the three single tasks.
import pg from 'pg';
import { KEEP_ALIVE_MILLISECONDS } from './address.mjs';
import * as errors from './errors.mjs';

const ADMIN_DATABASES = ['postgres', 'template1', 'defaultdb']; // in the native engine's order
const NO_TLS = 'The server does not support SSL connections';
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EPIPE|57P0[123])$/;
const NO_PASSWORD = /password must be a string/; // the driver's own check, before it asks the server

/** The configuration for the driver: discrete fields, because a connection string would win over `database`. */
export function configuration(address, database = address.database) {
  return {
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    database,
    connectionTimeoutMillis: address.connectMilliseconds,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MILLISECONDS,
    // The path is set as the native engine does it, whatever the role's own is.
    options: `-c search_path=${JSON.stringify(address.schema).replace(/([\\ ])/g, '\\$1')}`,
    ssl: address.socket || address.tlsMode === 'disable' ? false : address.tls,
  };
}

/** An open client. TLS is tried and given up where the server has none, unless the URL demands it. */
export async function connect(address, database) {
  const config = configuration(address, database);
  try {
    return await open(config);
  } catch (error) {
    if (error.message !== NO_TLS || address.tlsMode !== 'prefer') throw translate(error, address, config.database);
  }
  address.tlsMode = 'disable'; // now it is known, for whoever connects next
  return connect(address, database);
}

async function open(config) {
  const client = new pg.Client(config);
  client.on('error', () => {}); // a server that dies is told to whoever asks it something
  await client.connect();
  return client;
}

export function translate(error, address, database = address.database) {
  if (error instanceof errors.UserError) return error;
  if (error.code === '28P01' || NO_PASSWORD.test(error.message)) return errors.authenticationFailed(address.user);
  if (error.code === '28000') return errors.accessDenied(database);
  if (error.code === '3D000') return errors.noDatabase(database);
  if (error.code === '42P04') return errors.databaseExists(database);
  if (UNREACHABLE.test(error.code) || /timeout expired|timeout exceeded/.test(error.message)) {
    return errors.notReachable(address.location);
  }
  if (/Connection terminated|not queryable/.test(error.message)) return errors.connectionClosed();
  return error;
}

/** Does something with a client of its own, and closes it. */
export async function withClient(address, database, use) {
  const client = await connect(address, database);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

export const check = (address) => withClient(address, address.database, () => {});

export async function create(address) {
  await asAdmin(address, (client) => client.query(`CREATE DATABASE ${client.escapeIdentifier(address.database)}`));
  const schema = (client) => client.query(`CREATE SCHEMA IF NOT EXISTS ${client.escapeIdentifier(address.schema)}`);
  await withClient(address, address.database, schema);
}

export const drop = (address) =>
  asAdmin(address, (client) => client.query(`DROP DATABASE ${client.escapeIdentifier(address.database)}`));

async function asAdmin(address, use) {
  let client;
  for (const database of ADMIN_DATABASES) {
    try {
      client = await connect(address, database);
      break;
    } catch (error) {
      if (error.code !== 'P1003' && error.code !== 'P1010') throw error;
    }
  }
  if (!client) {
    throw new errors.UserError('P3000', 'Failed to create database: Prisma could not connect to a default database ' +
      '(`postgres` or `template1`), it cannot create the specified database.');
  }
  try {
    await use(client);
  } catch (error) {
    throw translate(error, address);
  } finally {
    await client.end();
  }
}
