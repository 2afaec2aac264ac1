// The adapter through which the WebAssembly engine reaches PostgreSQL: @prisma/adapter-pg with what it lacks for migrations.
// Like the native engine it has one session for everything. So a SET or an open BEGIN in a migration also holds for the
// bookkeeping after it; and the advisory lock is never lost to a pool that closes idle connections.
import pg from 'pg';
import Result from 'pg/lib/result';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils';
import { readAddress, sameDatabase } from './address.mjs';
import { scriptFailed, shadowNotCreated, timedOut, UserError } from './errors.mjs';
import { configuration, connect, translate, withClient } from './postgresql.mjs';
import { describe, logs } from './postgresql-failure.mjs';
import { split } from './statements.mjs';

const LOCK = 'SELECT pg_advisory_lock(72707369)';
const LOCK_MILLISECONDS = 10_000;
const FAILED_STEP = 'UPDATE "_prisma_migrations" SET "logs" =';
const CHAR = 18;
const BPCHAR = 1042;

// The engine's catalogue queries return columns of type "char", for which adapter-pg 7.10.0 knows no type. They pass as text,
// and are called characters again afterwards: the engine does not take a text for one.
const characters = new WeakMap();
const addFields = Result.prototype.addFields;
Result.prototype.addFields = function (fields) {
  characters.set(this.rows, fields.flatMap((field, column) => (field.dataTypeID === CHAR ? [column] : [])));
  for (const field of fields) if (field.dataTypeID === CHAR) field.dataTypeID = BPCHAR;
  return addFields.call(this, fields);
};

function withCharacters(result) {
  for (const column of characters.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
  return result;
}

export function factoryFor(address, datasource, datamodels, session) {
  const noted = (make) => async () => {
    try {
      return await make();
    } catch (error) {
      session.failure = error;
      throw error;
    }
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: noted(() => adapt(address, address.database, session)),
    connectToShadowDb: noted(() =>
      datasource.shadowDatabaseUrl
        ? givenShadow(address, readAddress(datasource.shadowDatabaseUrl), datamodels, session)
        : ownShadow(address, session)),
  };
}

async function adapt(address, database, session, disposed = async () => {}) {
  await withClient(address, database, () => {}); // errors of connecting in Prisma's words, and whether there is TLS
  const only = { max: 1, idleTimeoutMillis: 0 };
  const adapter = await new PrismaPg({ ...configuration(address, database), ...only }, { schema: address.schema }).connect();
  const pool = adapter.underlyingDriver();
  const queryRaw = adapter.queryRaw.bind(adapter);
  const executeRaw = adapter.executeRaw.bind(adapter);
  const dispose = adapter.dispose.bind(adapter);
  adapter.executeRaw = (query) => (query.sql === LOCK ? lock(pool, session) : executeRaw(query));
  adapter.queryRaw = async (query) => {
    if (!query.sql.startsWith(FAILED_STEP) || !session.failure) return withCharacters(await queryRaw(query));
    return queryRaw({ ...query, args: query.args.with(0, logs(session.failure, query.args[0])) });
  };
  adapter.executeScript = (script) => run(pool, script, session);
  adapter.dispose = async () => {
    await dispose(); // before the database is dropped: nobody may be connected to it then
    await disposed();
  };
  return adapter;
}

/** Ten seconds, as in the native engine; the server itself gives up waiting, so that nothing of it stays behind. */
async function lock(pool, session) {
  const disabled = process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK ?? '';
  if (disabled !== '' && disabled !== '0') return 0;
  try {
    await pool.query(`SET lock_timeout = ${LOCK_MILLISECONDS}`);
    await pool.query(LOCK);
    await pool.query('RESET lock_timeout');
  } catch (error) {
    session.locked = false;
    session.failure = error.code !== '55P03' ? translate(error, {}) : timedOut(`Timed out trying to acquire a postgres advisory lock \
(${LOCK}). Timeout: ${LOCK_MILLISECONDS}ms. See https://pris.ly/d/migrate-advisory-locking for details.`);
    throw driverError(error);
  }
  return 0;
}

/** A migration goes statement by statement (see statements.mjs); `db execute` as one message, as in the native engine. */
async function run(pool, script, session) {
  const pieces = session.method === 'dbExecute' ? [{ text: script, start: 0 }] : split(script);
  const client = await pool.connect();
  try {
    for (const { text, start } of pieces) {
      try {
        await client.query(text);
      } catch (error) {
        if (session.method === 'applyMigrations') {
          session.failure = scriptFailed(session.migration, ...describe(error, script, start));
        }
        throw driverError(error);
      }
    }
  } finally {
    client.release();
  }
}

function driverError(error) {
  const { code = 'N/A', severity = 'ERROR', message, detail, column, hint } = error;
  return new DriverAdapterError(
    { kind: 'postgres', code, severity, message, detail, column, hint, originalCode: code, originalMessage: message });
}

/** A shadow database of our own for one comparison. */
async function ownShadow(address, session) {
  const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`;
  const client = await connect(address);
  try {
    await client.query(`CREATE DATABASE "${name}"`);
  } catch (error) {
    throw shadowNotCreated(translate(error, address));
  } finally {
    await client.end();
  }
  const remove = () => withClient(address, address.database, (admin) => admin.query(`DROP DATABASE "${name}" WITH (FORCE)`));
  try {
    return await adapt(address, name, session, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The shadow database that the project names: emptied as the native engine does it, the schemas it knows and no others. */
async function givenShadow(address, shadow, datamodels, session) {
  if (sameDatabase(address, shadow)) {
    throw new UserError(undefined, 'The shadow database you configured appears to be the same as the main database. ' +
      'Please specify another shadow database.');
  }
  await withClient(shadow, shadow.database, async (client) => {
    for (const schema of new Set([shadow.schema, ...namespaces(datamodels)])) {
      const name = pg.escapeIdentifier(schema);
      await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
      await client.query(`CREATE SCHEMA ${name}`);
    }
  });
  return adapt(shadow, shadow.database, session);
}

function namespaces(datamodels) {
  const lists = datamodels.flatMap(([, text]) => /^\s*schemas\s*=\s*\[([^\]]*)\]/m.exec(text)?.[1] ?? []);
  return lists.flatMap((list) => [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name));
}
