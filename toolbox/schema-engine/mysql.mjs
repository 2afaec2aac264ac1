// MySQL without any engine: connecting, running a script in one session, the errors of connecting as Prisma words them, and
// the three single tasks.
import mysql from 'mysql2';
import { KEEP_ALIVE_MILLISECONDS } from './address.mjs';
import * as errors from './errors.mjs';

const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EPIPE)$/;
const ADMIN_DATABASE = 'mysql';

/** A session. Scripts and bookkeeping share it, as in the native engine: what a script sets stays set. */
export class Session {
  #address;
  #connection;

  constructor(address, connection) {
    this.#address = address;
    this.#connection = connection;
  }

  static async open(address, database = address.database) {
    const connection = mysql.createConnection({
      host: address.host,
      port: address.port,
      ...(address.socket ? { socketPath: address.socket } : {}),
      user: address.user,
      password: address.password,
      database,
      connectTimeout: address.connectMilliseconds,
      keepAliveInitialDelay: KEEP_ALIVE_MILLISECONDS,
      multipleStatements: true, // the server itself finds where a statement ends: BEGIN ... END bodies stay whole
      charset: 'utf8mb4_unicode_ci',
      dateStrings: true,
      ...(address.tlsAsked ? { ssl: address.tls } : {}),
    });
    connection.on('error', () => {}); // a server that dies is told to whoever asks it something
    await new Promise((done, failed) => {
      connection.connect((error) => (error ? failed(translate(error, address, database)) : done()));
    });
    return new Session(address, connection);
  }

  /**
   * Values travel apart from the statement: quoting them here would depend on the sql_mode that a migration may have set.
   * @returns the rows of one statement
   */
  query(sql, values) {
    return new Promise((done, failed) => {
      const told = (error, rows) => (error ? failed(this.#translated(error)) : done(rows));
      if (values) this.#connection.execute(sql, values, told);
      else this.#connection.query(sql, told);
    });
  }

  /**
   * Sends a script as it is. Rows are read and dropped.
   * @throws the driver's error, with `statement`: which one it was, from 1
   */
  run(script) {
    return new Promise((done, failed) => {
      let statement = 1;
      const end = (error) => {
        this.#connection.off('error', end);
        if (error) failed(Object.assign(error, { statement }));
        else done();
      };
      this.#connection.on('error', end); // a connection that is lost is not told to a query that has no callback
      const query = this.#connection.query(script);
      query.on('fields', () => { statement += 1; }); // once for each answer
      query.on('end', () => end());
      query.on('error', end);
    });
  }

  close() {
    return new Promise((done) => { this.#connection.end(done); });
  }

  #translated(error) {
    return translate(error, this.#address);
  }
}

function translate(error, address, database = address.database) {
  if (error.code === 'ER_ACCESS_DENIED_ERROR') return errors.authenticationFailed(address.user);
  if (error.code === 'ER_DBACCESS_DENIED_ERROR') return errors.accessDenied(database);
  if (error.code === 'ER_BAD_DB_ERROR') return errors.noDatabase(database);
  if (error.code === 'ER_DB_CREATE_EXISTS') return errors.databaseExists(database);
  if (UNREACHABLE.test(error.code) && error.fatal) return errors.notReachable(address.location);
  if (error.code === 'PROTOCOL_CONNECTION_LOST' || /closed state/.test(error.message)) return errors.connectionClosed();
  return error;
}

async function withSession(address, database, use) {
  const session = await Session.open(address, database);
  try {
    await use(session);
  } finally {
    await session.close();
  }
}

export const quote = (name) => `\`${name.replaceAll('`', '``')}\``;

export const check = (address) => withSession(address, address.database, () => {});

export const create = (address) =>
  withSession(address, ADMIN_DATABASE, (session) =>
    session.query(`CREATE DATABASE ${quote(address.database)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`));

export const drop = (address) =>
  withSession(address, address.database, (session) => session.query(`DROP DATABASE ${quote(address.database)}`));
