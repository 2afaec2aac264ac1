// PostgreSQL: Prisma's own schema engine, built as WebAssembly from the commit of the CLI. It does everything the native one
// does; what this file adds is the connection, and the words of the native engine where the WebAssembly build only says
// "external connector error".
import { readFileSync } from 'node:fs';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { factoryFor } from './postgresql-adapter.mjs';
import { invalidUrl, UserError } from './errors.mjs';
import { create } from './postgresql.mjs';
import { giveUp } from './rpc.mjs';

const EXTERNAL = /^external connector error\n(?:Error querying the database: )?/;
// How the engine words what failed in our hands: connecting, and the script. Not what it asked the database itself, such as
// the note about a failed script, which fails too where the script has left a transaction open.
const FROM_HERE = /^external connector error|External error id#/;

// A panic of the engine tells its reason here; what follows from it only says "unreachable".
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (text) => giveUp(new Error(text)) };

/** The bindings alone: the package's own entry takes long, as it decodes the module from text. */
async function load() {
  const name = '@prisma/schema-engine-wasm/schema_engine_bg';
  const bindings = await import(name);
  const module = new WebAssembly.Module(readFileSync(new URL('schema_engine_bg.wasm', import.meta.resolve(name))));
  const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  return bindings;
}

export async function open(address, { datamodels, datasource }, print) {
  const { SchemaEngine } = await load();
  // What the adapter and this file tell each other about the request at hand.
  const session = { method: null, migration: null, failure: null, locked: true };
  const heard = (line) => {
    const { fields, span } = JSON.parse(line);
    if (session.method === 'reset' || !fields.message.startsWith('Applying `')) return;
    session.migration = span.migration_name;
    print(`Applying migration \`${session.migration}\``);
  };
  const factory = address ? factoryFor(address, datasource, datamodels, session) : withoutDatabase(session);
  let engine;
  return async function answer(method, params) {
    if (method === 'createDatabase') return create(address).then(() => ({ databaseName: address.database }));
    Object.assign(session, { method, migration: null, failure: null, locked: true });
    try {
      engine ??= await SchemaEngine.new(
        { datamodels: datamodels.length ? datamodels : undefined }, heard, bindMigrationAwareSqlAdapterFactory(factory));
      // In the WebAssembly build this one has no shadow database, and lives on what was worked out just before. After the
      // CLI has applied a migration that is out of date.
      if (method === 'evaluateDataLoss') await engine.devDiagnostic({ migrationsList: params.migrationsList, filters: params.filters });
      const result = await engine[method === 'getDatabaseVersion' ? 'version' : method](params);
      if (method !== 'diff' || !result.stdout) return result;
      print(result.stdout);
      return { ...result, stdout: null };
    } catch (error) {
      throw inNativeWords(error, session);
    }
  };
}

function withoutDatabase(session) {
  const refuse = async () => {
    session.failure = invalidUrl('Falta o endereço do banco de dados: confira DATABASE_URL.');
    throw session.failure;
  };
  return { provider: 'postgres', adapterName: '@prisma/adapter-pg', connect: refuse, connectToShadowDb: refuse };
}

function inNativeWords(error, { failure, locked }) {
  if (failure && (!locked || FROM_HERE.test(error.message))) return failure;
  return new UserError(error.code, error.message.replace(EXTERNAL, ''));
}
