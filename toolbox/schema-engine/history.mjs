// The table `_prisma_migrations` on MySQL, column for column and value for value as the native engine writes it; and how a
// file is compared with it.
import { createHash, randomUUID } from 'node:crypto';
import { notEmpty } from './errors.mjs';

const TABLE = '_prisma_migrations';
const CREATE = `CREATE TABLE _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             DATETIME(3),
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          DATETIME(3),
    started_at              DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    applied_steps_count     INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`;

export const checksum = (script) => createHash('sha256').update(script).digest('hex');

/** Line endings do not count: git changes them between systems. */
export const matches = (script, sum) =>
  [script, script.replaceAll('\r\n', '\n'), script.replaceAll('\n', '\r\n')].some((text) => checksum(text) === sum);

const now = () => new Date().toISOString().slice(0, -1).replace('T', ' '); // UTC, whatever the server's time zone

export class History {
  #session;

  constructor(session) {
    this.#session = session;
  }

  async exists() {
    return (await this.#tables()).includes(TABLE);
  }

  async #tables() {
    const rows = await this.#session.query(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`);
    return rows.map(({ name }) => name);
  }

  create() {
    return this.#session.query(CREATE);
  }

  /** Makes the table in an empty database; a database with tables and no history has to be baselined by a person. */
  async initialize(external) {
    const tables = await this.#tables();
    if (tables.includes(TABLE)) return;
    if (tables.some((name) => !external.includes(name))) throw notEmpty();
    await this.create();
  }

  rows() {
    return this.#session.query(`SELECT * FROM ${TABLE} ORDER BY started_at ASC`);
  }

  async start(name, script) {
    const id = randomUUID();
    await this.#insert({ id, checksum: checksum(script), started_at: now(), migration_name: name });
    return id;
  }

  async insertApplied(name, script) {
    const at = now();
    await this.#insert({
      id: randomUUID(), checksum: checksum(script), logs: '', started_at: at, finished_at: at, migration_name: name,
    });
  }

  #insert(row) {
    const columns = Object.keys(row);
    const marks = columns.map(() => '?').join(', ');
    return this.#session.query(`INSERT INTO ${TABLE} (${columns.join(', ')}) VALUES (${marks})`, Object.values(row));
  }

  async finish(id) {
    await this.#session.query(`UPDATE ${TABLE} SET applied_steps_count = applied_steps_count + 1 WHERE id = ?`, [id]);
    await this.#session.query(`UPDATE ${TABLE} SET finished_at = ? WHERE id = ?`, [now(), id]);
  }

  fail(id, logs) {
    return this.#session.query(`UPDATE ${TABLE} SET logs = ? WHERE id = ?`, [logs, id]);
  }

  rollBack(id) {
    return this.#session.query(`UPDATE ${TABLE} SET rolled_back_at = ? WHERE id = ?`, [now(), id]);
  }
}

export const isFailed = (row) => row.finished_at === null && row.rolled_back_at === null;
