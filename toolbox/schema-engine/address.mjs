// A connection URL -> what the drivers want. The parameters are those of Prisma's own URLs.
import { readFileSync } from 'node:fs';
import { invalidUrl, keepSecret } from './errors.mjs';

const PROVIDERS = { 'postgresql:': 'postgresql', 'postgres:': 'postgresql', 'mysql:': 'mysql' };
const PORTS = { postgresql: 5432, mysql: 3306 };
const CONNECT_SECONDS = 5; // Prisma's own default

// A server whose machine went away says nothing; asked now and then, it is missed soon after it is back.
export const KEEP_ALIVE_MILLISECONDS = 10_000;

export function readAddress(text) {
  const url = URL.canParse(text ?? '') ? new URL(text) : null;
  const provider = PROVIDERS[url?.protocol];
  // The URL itself is not shown: it holds the password.
  if (!provider) throw invalidUrl('O motor de redes fechadas conhece postgresql:// e mysql://. Confira DATABASE_URL.');
  const parameters = url.searchParams;
  const password = decodeURIComponent(url.password);
  const host = decodeURIComponent(url.hostname.replace(/^\[|\]$/g, '')) || 'localhost';
  const port = Number(url.port) || PORTS[provider];
  // A socket: `host=` with its folder for PostgreSQL, `socket=` with its file for MySQL.
  const socket = parameters.get(provider === 'postgresql' ? 'host' : 'socket');
  const user = decodeURIComponent(url.username);
  const database = decodeURIComponent(url.pathname.slice(1)) || (provider === 'postgresql' ? 'postgres' : 'mysql');
  keepSecret([password, url.password], [user, database, host]);
  return {
    provider,
    host: socket && provider === 'postgresql' ? socket : host,
    port,
    socket,
    location: provider === 'postgresql' ? `${socket ?? host}:${port}` : (socket ?? `${host}:${port}`),
    user,
    password,
    database,
    schema: parameters.get('schema') ?? 'public',
    connectMilliseconds: Number(parameters.get('connect_timeout') ?? CONNECT_SECONDS) * 1000,
    ...encryption(parameters),
  };
}

/** Like the native engine: certificates are checked only when `sslaccept=strict` says so. */
function encryption(parameters) {
  const certificate = parameters.get('sslcert');
  const tls = {
    rejectUnauthorized: parameters.get('sslaccept') === 'strict',
    ...(certificate ? { ca: readFileSync(certificate) } : {}),
  };
  const mode = parameters.get('sslmode') ?? 'prefer';
  return { tls, tlsMode: mode, tlsAsked: ['sslaccept', 'sslcert'].some((name) => parameters.has(name)) };
}

/** Whether two URLs name one database: a shadow database is emptied, and must never be the main one. */
export function sameDatabase(one, other) {
  return one.location === other.location && one.database === other.database;
}
