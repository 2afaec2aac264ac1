// What the CLI asks before the real work: is the server there, make the database, drop it. The answer is the exit code, and
// for an error a line of JSON on stderr.
import { readAddress } from './address.mjs';
import { failure } from './errors.mjs';

const TASKS = { 'can-connect-to-database': 'check', 'create-database': 'create', 'drop-database': 'drop' };

export async function answerOnce({ command, datasource }) {
  process.stderr.write('{}\n'); // the CLI reads over the first line, which is the native engine's greeting
  try {
    const address = readAddress(datasource.url);
    const server = await import(`./${address.provider}.mjs`);
    if (!TASKS[command]) throw new Error(`tarefa desconhecida: ${command}`);
    await server[TASKS[command]](address);
    return 0;
  } catch (error) {
    process.stderr.write(`${failure(error)}\n`);
    return 1;
  }
}
