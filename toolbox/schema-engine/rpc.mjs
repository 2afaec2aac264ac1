// JSON-RPC as the CLI speaks it: a message a line on the standard streams, one request at a time.
import readline from 'node:readline';
import { readAddress } from './address.mjs';
import { redact, UserError } from './errors.mjs';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

/** Asks the CLI to show a line. Its answer, which says nothing, is read over. */
const print = (text) => send({ id: 0, method: 'print', params: { content: text.replace(/\n+$/, '') } });

/** The engine for the database at hand. Loaded only now: neither pays for the other's start. */
async function engineFor(options) {
  const address = options.datasource.url ? readAddress(options.datasource.url) : null;
  const mysql = address ? address.provider === 'mysql' : providerOf(options.datamodels) === 'mysql';
  const { open } = await import(mysql ? './deploy-side.mjs' : './wasm.mjs');
  return open(address, options, print);
}

/** Without a URL, as in a diff between two files, the schema says which database it is. */
function providerOf(datamodels) {
  return datamodels.map(([, text]) => /^\s*provider\s*=\s*"(postgresql|mysql)"/m.exec(text)?.[1]).find(Boolean);
}

let asked = null; // the request at work

function fail(id, error) {
  asked = null;
  const message = 'An error happened. Check the data field for details.';
  send({ id, error: { code: 4466, message, data: data(error) } });
}

/**
 * Ends what is at work with an error, when this process cannot go on. An answer and not an exit: when the engine dies with
 * a request open, `migrate deploy` of 7.10.0 may end with 0, whatever the engine's own code (tried with 1 and 101).
 * @returns whether anybody was told
 */
export function giveUp(error) {
  if (asked === null) return false;
  fail(asked, error);
  return true;
}

export function serve(options) {
  let engine;
  const answer = async ({ id, method, params }) => {
    if (method === undefined) return;
    asked = id;
    try {
      engine ??= engineFor(options);
      const result = await (await engine)(method, params);
      if (asked !== id) return; // given up meanwhile
      asked = null;
      send({ id, result: result ?? null });
    } catch (error) {
      if (asked === id) fail(id, error);
    }
  };
  let queue = Promise.resolve();
  readline
    .createInterface({ input: process.stdin })
    .on('line', (line) => { queue = queue.then(() => answer(JSON.parse(line))); })
    // Whoever asked is gone. Going at once is what a killed deploy looks like: the row in the history stays failed, and the
    // server lets the lock go when it has noticed. To go on alone would apply migrations that nobody is told about.
    .on('close', () => process.exit(0));
}

function data(error) {
  const message = redact(error.message);
  if (!(error instanceof UserError)) return { is_panic: false, message, backtrace: null };
  const meta = error.meta && Object.fromEntries(Object.entries(error.meta).map(([key, text]) => [key, redact(text)]));
  return { is_panic: false, message, meta, error_code: error.code };
}
