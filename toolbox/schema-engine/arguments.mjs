// The command line as the CLI writes it: `--datamodels FILE` for each schema file, `--datasource JSON`, and for a single
// task `cli TASK`. Flags that change nothing here (`--enabled-preview-features`...) are read over with their value.
import { readFileSync } from 'node:fs';

const WITHOUT_VALUE = new Set(['--version', '-V', 'cli']);

export function readArguments(words) {
  const options = { version: false, command: null, datamodels: [], datasource: {} };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    const value = WITHOUT_VALUE.has(word) ? undefined : words[(at += 1)];
    if (word === '--version' || word === '-V') options.version = true;
    if (word === 'cli') options.command = words[(at += 1)];
    if (word === '--datamodels' || word === '-d') options.datamodels.push([value, readFileSync(value, 'utf8')]);
    if (word === '--datasource') options.datasource = JSON.parse(value);
  }
  return options;
}
