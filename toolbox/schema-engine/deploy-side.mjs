// MySQL: the half of a schema engine that needs no schema diff. It reads the history, applies the files, and marks them;
// step for step as prisma-engines does it (schema-engine/commands). What needs a diff is refused, never imitated: a wrong
// diff would lose data. The conformance tests hold this half against Prisma's own engine on PostgreSQL.
import * as errors from './errors.mjs';
import { History, isFailed, matches } from './history.mjs';
import { create, quote, Session } from './mysql.mjs';

const LOCK = "SELECT GET_LOCK('prisma_migrate', 10)";

export async function open(address, _options, print) {
  if (!address) throw refused('comparar schemas');
  let session;
  const methods = { ...actions(address, print, async () => (session ??= await Session.open(address))) };
  return async function answer(method, params) {
    const action = Object.hasOwn(methods, method) ? methods[method] : null;
    if (!action) throw refused(`\`${method}\``);
    return action(params);
  };
}

const refused = (what) =>
  new errors.UserError(undefined, `Este comando precisa comparar schemas (${what}), e o motor deploy-side, que atende o \
MySQL onde o motor nativo do Prisma não pôde ser baixado, não faz isso.
Ele faz: migrate deploy, migrate status, migrate resolve, migrate reset e db execute.
O que fazer: use o motor nativo (PRISMA_ENGINES_MIRROR com o endereço de um espelho interno, ou PRISMA_SCHEMA_ENGINE_BINARY com \
o caminho do binário já baixado), ou escreva o SQL à mão em prisma/migrations/<data>_<nome>/migration.sql.`);

function actions(address, print, connected) {
  return {
    ensureConnectionValidity: async () => { await connected(); return {}; },
    getDatabaseVersion: async () => (await (await connected()).query('SELECT VERSION() AS version'))[0].version,
    createDatabase: async () => { await create(address); return { databaseName: address.database }; },
    dbExecute: async ({ script }) => { await (await connected()).run(script); return null; },
    applyMigrations: async (params) => apply(await connected(), params, print),
    diagnoseMigrationHistory: async (params) => diagnose(await connected(), params),
    markMigrationApplied: async (params) => markApplied(await connected(), params),
    markMigrationRolledBack: async (params) => markRolledBack(await connected(), params),
    reset: async (params) => reset(await connected(), address, params),
  };
}

/** Until this process ends. The native engine's sources do not look at the answer of GET_LOCK: here no lock is no deploy. */
async function lock(session) {
  const disabled = process.env.PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK ?? '';
  if (disabled !== '' && disabled !== '0') return;
  const [row] = await session.query(LOCK);
  if (Object.values(row)[0] === 1) return;
  throw errors.timedOut(`Timed out trying to acquire a MySQL advisory lock (${LOCK}). Timeout: 10000ms. \
See https://pris.ly/d/migrate-advisory-locking for details.`);
}

function checkProvider({ content }) {
  if (content === null || content === undefined) return;
  const line = content.split(/\r?\n/).find((text) => text.startsWith('provider')) ?? '<PROVIDER NOT FOUND>';
  const provider = line.replace(/^(provider = )+/, '').replace(/^"+|"+$/g, '');
  if (provider !== 'mysql') throw errors.providerSwitched('mysql', provider);
}

function scriptOf({ migrationFile }) {
  if (migrationFile.content.tag !== 'ok') throw errors.noFile(migrationFile.path);
  return migrationFile.content.value;
}

async function apply(session, { migrationsList, filters }, print) {
  checkProvider(migrationsList.lockfile);
  await lock(session);
  const history = new History(session);
  await history.initialize(filters?.externalTables ?? []);
  const rows = await history.rows();
  const failed = rows.filter(isFailed);
  if (failed.length) throw errors.foundFailed(failed.map(told).join(''));

  const done = new Set(rows.filter((row) => row.rolled_back_at === null).map((row) => row.migration_name));
  const applied = [];
  for (const folder of migrationsList.migrationDirectories.filter(({ path }) => !done.has(path))) {
    const script = scriptOf(folder);
    const id = await history.start(folder.path, script);
    print(`Applying migration \`${folder.path}\``);
    try {
      await session.run(script);
    } catch (error) {
      const failure = failureOf(folder.path, error);
      await history.fail(id, failure.message);
      throw failure;
    }
    await history.finish(id);
    applied.push(folder.path);
  }
  return { appliedMigrationNames: applied };
}

const told = ({ migration_name: name, started_at: at }) =>
  `The \`${name}\` migration started at ${at.replace(/\.000$/, '')} UTC failed\n`;

function failureOf(name, error) {
  if (!error.sqlState) return errors.scriptFailed(name, 'none', error.message);
  const text = `${error.sqlMessage}\n\nPlease check the query number ${error.statement} from the migration file.`;
  return errors.scriptFailed(name, String(error.errno), text);
}

async function diagnose(session, { migrationsList, optInToShadowDatabase }) {
  if (optInToShadowDatabase) throw refused('banco sombra');
  checkProvider(migrationsList.lockfile);
  const history = new History(session);
  const hasMigrationsTable = await history.exists();
  const rows = hasMigrationsTable ? await history.rows() : [];
  const folders = migrationsList.migrationDirectories;
  const names = new Set(folders.map(({ path }) => path));
  const standing = rows.filter((row) => row.rolled_back_at === null);
  const first = (name) => standing.find((row) => row.migration_name === name);
  const missing = folders.filter(({ path }) => !first(path));
  return {
    history: compared(folders, missing, standing.filter((row) => !names.has(row.migration_name))),
    failedMigrationNames: rows.filter(isFailed).map((row) => row.migration_name),
    editedMigrationNames: folders
      .filter((folder) => first(folder.path) && !matches(scriptOf(folder), first(folder.path).checksum))
      .map(({ path }) => path),
    hasMigrationsTable,
  };
}

/** How the folders and the table differ, with the folders that the table lacks and the rows that have no folder. */
function compared(folders, missing, extra) {
  const unappliedMigrationNames = missing.map(({ path }) => path);
  const unpersistedMigrationNames = extra.map((row) => row.migration_name);
  if (!missing.length && !extra.length) return null;
  if (!extra.length) return { diagnostic: 'databaseIsBehind', unappliedMigrationNames };
  if (!missing.length) return { diagnostic: 'migrationsDirectoryIsBehind', unpersistedMigrationNames };
  const lastCommonMigrationName = folders[folders.indexOf(missing[0]) - 1]?.path ?? null;
  return { diagnostic: 'historiesDiverge', lastCommonMigrationName, unpersistedMigrationNames, unappliedMigrationNames };
}

async function markApplied(session, { migrationName, migrationsList }) {
  checkProvider(migrationsList.lockfile);
  await lock(session);
  const folder = migrationsList.migrationDirectories.find(({ path }) => path === migrationName);
  if (folder?.migrationFile.content.tag !== 'ok') throw errors.notFound(migrationName);
  const history = new History(session);
  if (!(await history.exists())) await history.create();
  const rows = (await history.rows()).filter((row) => row.migration_name === migrationName);
  if (rows.some((row) => row.finished_at !== null)) throw errors.alreadyApplied(migrationName);
  for (const row of rows.filter(isFailed)) await history.rollBack(row.id);
  await history.insertApplied(migrationName, scriptOf(folder));
  return {};
}

async function markRolledBack(session, { migrationName }) {
  await lock(session);
  const history = new History(session);
  if (!(await history.exists())) {
    throw new Error('Invariant violation: called markMigrationRolledBack on a database without migrations table.');
  }
  const rows = (await history.rows()).filter((row) => row.migration_name === migrationName);
  if (!rows.length) throw errors.neverApplied(migrationName);
  if (rows.every((row) => row.finished_at !== null)) throw errors.notFailed(migrationName);
  for (const row of rows.filter(isFailed)) await history.rollBack(row.id);
  return {};
}

/** The whole database goes and comes back empty. The native engine can do less where it may not drop it; this one refuses. */
async function reset(session, { database }, { filter }) {
  if (filter?.externalTables?.length || filter?.externalEnums?.length) throw refused('tabelas externas');
  await session.query(`DROP DATABASE ${quote(database)}`);
  await session.query(`CREATE DATABASE ${quote(database)}`);
  await session.query(`USE ${quote(database)}`);
  return null;
}
