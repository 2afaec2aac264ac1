// Prisma's user-facing errors, word for word: the texts stand in @prisma/schema-engine-wasm, which is built from the same
// commit as the native engine. An error without a code is shown by the CLI as it is.

export class UserError extends Error {
  constructor(code, message, meta = null) {
    super(message);
    this.code = code;
    this.meta = meta;
  }
}

const BASELINE = 'Read more about how to baseline an existing production database: https://pris.ly/d/migrate-baseline';
const RESOLVE = 'Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve';
const EXAMPLE = '(example: "20201207184859_initial_migration")';

export const authenticationFailed = (user) =>
  new UserError('P1000', `Authentication failed against database server, the provided database credentials for \
\`${user}\` are not valid.\n\nPlease make sure to provide valid database credentials for the database server at the configured address.`);

export const notReachable = (location) =>
  new UserError('P1001', `Can't reach database server at \`${location}\`\n\nPlease make sure your database server is running \
at \`${location}\`.`);

export const timedOut = (context) =>
  new UserError('P1002', `The database server was reached but timed out.\n\nPlease try again.\n\nPlease make sure your \
database server is running at the configured address.\n\nContext: ${context}\n`);

export const noDatabase = (name) => new UserError('P1003', `Database \`${name}\` does not exist`);

export const databaseExists = (name) =>
  new UserError('P1009', `Database \`${name}\` already exists on the database server`);

export const accessDenied = (name) => new UserError('P1010', `User was denied access on the database \`${name}\``);

export const invalidUrl = (details) => new UserError('P1013', `The provided database string is invalid. ${details}`);

export const connectionClosed = () => new UserError('P1017', 'Server has closed the connection.');

export const notEmpty = () => new UserError('P3005', `The database schema is not empty. ${BASELINE}`);

export const alreadyApplied = (name) =>
  new UserError('P3008', `The migration \`${name}\` is already recorded as applied in the database.`);

export const foundFailed = (details) =>
  new UserError('P3009', `migrate found failed migrations in the target database, new migrations will not be applied. \
${RESOLVE}\n${details}`);

export const neverApplied = (name) =>
  new UserError('P3011', `Migration \`${name}\` cannot be rolled back because it was never applied to the database. \
Hint: did you pass in the whole migration name? ${EXAMPLE}`);

export const notFailed = (name) =>
  new UserError('P3012', `Migration \`${name}\` cannot be rolled back because it is not in a failed state.`);

export const shadowNotCreated = (cause) =>
  new UserError('P3014', `Prisma Migrate could not create the shadow database. Please make sure the database user has \
permission to create databases. Read more about the shadow database (and workarounds) at https://pris.ly/d/migrate-shadow\
\n\nOriginal error: ${cause.code?.startsWith?.('P') ? `Error code: ${cause.code}\n` : ''}\n${cause.message}`);

export const noFile = (path) =>
  new UserError('P3015', `Could not find the migration file at ${path}. Please delete the directory or restore the \
migration file.`);

export const notFound = (name) =>
  new UserError('P3017', `The migration ${name} could not be found. Please make sure that the migration exists, and that \
you included the whole name of the directory. ${EXAMPLE}`);

export const scriptFailed = (name, code, text) =>
  new UserError('P3018', `A migration failed to apply. New migrations cannot be applied before the error is recovered from. \
${RESOLVE}\n\nMigration name: ${name}\n\nDatabase error code: ${code}\n\nDatabase error:\n${text}\n`,
    { migration_name: name, database_error_code: code, database_error: text });

export const providerSwitched = (provider, expected) =>
  new UserError('P3019', `The datasource provider \`${provider}\` specified in your schema does not match the one specified \
in the migration_lock.toml, \`${expected}\`. Please remove your current migration directory and start a new migration \
history with prisma migrate dev. Read more: https://pris.ly/d/migrate-provider-switch`);

// Secrets never leave this process: the password is taken out of every text, as it is and as the URL spells it. A password
// that is also a name (`postgres`) or a few letters long stays: without it the texts could not be read, and it is no secret.
const secrets = new Set();

export function keepSecret(texts, names) {
  for (const text of texts) if (text.length > 5 && !names.includes(text)) secrets.add(text);
}

export function redact(text) {
  return [...secrets].sort((a, b) => b.length - a.length).reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

/** An error as a line of the log on stderr, where the CLI looks for it. */
export function failure(error) {
  const fields = { is_panic: false, message: redact(error.message ?? String(error)) };
  if (error instanceof UserError && error.code) fields.error_code = error.code;
  return JSON.stringify({ timestamp: new Date().toISOString(), level: 'ERROR', fields, target: 'schema_engine::logger' });
}
