// How the native engine tells what PostgreSQL said about a migration: message, the lines of the file, and the whole error as
// Rust prints it. People search for these texts, so they are the same here.

const BOLD = '\x1b[1m';
const RED = '\x1b[1;31m';
const PLAIN = '\x1b[0m';
const LINES_BEFORE = 5;
const TRACE = /\n? {3}0: [\s\S]*$/; // where in the engine it happened

/**
 * @param error of the driver
 * @param script the whole file
 * @param start where in it the statement begins that failed; the server counts from there
 * @returns {[string, string]} code and text
 */
export function describe(error, script, start) {
  if (!error.severity) return [error.code ?? 'none', error.message];
  let text = `${error.severity}: ${error.message}`;
  if (error.detail) text += `\nDETAIL: ${error.detail}`;
  if (error.hint) text += `\nHINT: ${error.hint}`;
  if (error.position) text += position(script, start, Number(error.position));
  return [error.code, `${text}\n\n${debug(error)}`];
}

function position(script, start, characters) {
  // The server counts characters, and here a character may be two units.
  const before = script.slice(0, start) + [...script.slice(start)].slice(0, characters - 1).join('');
  const lines = script.split(/\r?\n/);
  const at = before.split('\n').length;
  const shown = [];
  // The native engine shows a line 0 too.
  for (let number = Math.max(0, at - LINES_BEFORE); number < at; number += 1) {
    const line = lines[number - 1];
    shown.push(`${BOLD}${String(number).padStart(3)}${PLAIN}${line ? ` ${line}` : ''}`);
  }
  shown.push(`${BOLD}${String(at).padStart(3)}${RED} ${lines[at - 1]}${PLAIN}`);
  return `\n\nPosition:\n${shown.join('\n')}`;
}

function debug(error) {
  const text = (value) => (value === undefined ? 'None' : `Some(${JSON.stringify(value)})`);
  const kind = error.severity[0] + error.severity.slice(1).toLowerCase();
  const fields = {
    severity: JSON.stringify(error.severity),
    parsed_severity: `Some(${kind})`,
    code: `SqlState(E${error.code})`,
    message: JSON.stringify(error.message),
    detail: text(error.detail),
    hint: text(error.hint),
    position: error.position ? `Some(Original(${error.position}))` : 'None',
    where_: text(error.where),
    schema: text(error.schema),
    table: text(error.table),
    column: text(error.column),
    datatype: text(error.dataType),
    constraint: text(error.constraint),
    file: text(error.file),
    line: error.line === undefined ? 'None' : `Some(${error.line})`,
    routine: text(error.routine),
  };
  return `DbError { ${Object.entries(fields).map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
}

/** What the native engine writes into the history about a failed migration: its error, then the engine's own trace. */
export function logs(failure, ofWasm) {
  return `${failure.message}${TRACE.exec(ofWasm)?.[0] ?? ''}`;
}
