// Splits a PostgreSQL script where the server itself would: at each `;` that stands outside quotes, comments, `$tag$`
// bodies and BEGIN ATOMIC bodies. Needed because PostgreSQL runs one message with several statements as one transaction,
// in which CREATE INDEX CONCURRENTLY is refused.
//
// Why not the whole file at once: since 7.4 the native engine sends the statements one by one (`split_script_into_statements`
// in prisma-engines, pull requests 5767, 5799 and 5847; seen on the wire by others with 7.8). So on PostgreSQL too a file
// that fails in the middle leaves its first statements done, unless it says BEGIN and COMMIT. A test here that showed the
// opposite would be a lie about production. Known difference: where the native engine's parser does not understand some
// statement, it sends the whole file as one message; this splitter needs no grammar and always splits.

const TOKENS = new RegExp([
  `[eE]'|'|"|--|/\\*|[;()]`,
  String.raw`\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$`,
  String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w$]*`,
].join('|'), 'g');

/** @returns {{text: string, start: number}[]} the statements, and where in the script each begins */
export function split(script) {
  const found = [];
  let start = 0;
  let words = 0; // anything but space and comments: a piece without is no statement
  let depth = 0; // of parentheses, in which rules hold their statements
  let atomic = 0; // of BEGIN ATOMIC ... END, with the CASE ... END in it
  let previous = '';
  const finish = (end) => {
    if (words) found.push({ text: script.slice(start, end), start });
    [start, words, depth, atomic] = [end, 0, 0, 0];
  };
  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(script); match; match = TOKENS.exec(script)) {
    const token = match[0];
    const word = token.toUpperCase();
    if (token === '--' || token === '/*') {
      TOKENS.lastIndex = afterComment(script, match.index, token);
      continue;
    }
    if (token === ';' && depth === 0 && atomic === 0) {
      finish(match.index + 1);
      continue;
    }
    words += token === ';' ? 0 : 1;
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (/['"]$/.test(token)) TOKENS.lastIndex = afterQuote(script, TOKENS.lastIndex, token.at(-1), token.length > 1);
    if (token.startsWith('$')) TOKENS.lastIndex = after(script, token, match.index + token.length);
    if (word === 'ATOMIC' && previous === 'BEGIN') atomic = 1;
    else if (atomic && word === 'CASE') atomic += 1;
    else if (atomic && word === 'END') atomic -= 1;
    previous = word;
  }
  finish(script.length);
  return found;
}

function after(script, text, from) {
  const at = script.indexOf(text, from);
  return at < 0 ? script.length : at + text.length;
}

function afterComment(script, at, token) {
  if (token === '--') return after(script, '\n', at);
  const marks = /\/\*|\*\//g; // they nest
  marks.lastIndex = at;
  let depth = 0;
  for (let mark = marks.exec(script); mark; mark = marks.exec(script)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return script.length;
}

function afterQuote(script, from, quote, escapes) {
  for (let index = from; index < script.length; index += 1) {
    if (escapes && script[index] === '\\') index += 1;
    else if (script[index] === quote) {
      if (script[index + 1] !== quote) return index + 1;
      index += 1;
    }
  }
  return script.length;
}
