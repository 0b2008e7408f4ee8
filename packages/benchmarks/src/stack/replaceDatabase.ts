import knex from 'knex';
import type { DatabaseAddress } from './config';

/** Gives an empty database in place of what was there, so that every run begins with the same. */
export async function replaceDatabase(address: DatabaseAddress): Promise<void> {
  const server = knex({
    client: 'pg',
    connection: { ...address, database: 'postgres' },
    pool: { min: 0, max: 1 },
  });
  try {
    await server.raw('drop database if exists ?? with (force)', [
      address.database,
    ]);
    await server.raw('create database ??', [address.database]);
  } finally {
    await server.destroy();
  }
}
