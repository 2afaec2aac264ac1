// Which engine this is: the commit that the pinned CLI asks for stands in the version of the WebAssembly package.
import { readFileSync } from 'node:fs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export const COMMIT = dependencies['@prisma/schema-engine-wasm'].split('.').at(-1);
