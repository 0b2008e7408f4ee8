import { createHash, randomUUID } from 'node:crypto';
import knex, { Knex } from 'knex';
import type { DatabaseAddress } from '../stack';
import { grantAt } from './grants';

const BATCH_SIZE = 500;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Puts grants straight into the tables of agent-auth, in place of all that was
 * in them: letting thousands of users sign in would take hours.
 *
 * @param options.users - entity refs
 * @param options.grants - how many each of them has
 * @param options.audience - of the tokens
 * @param options.seed - see `grantAt`; the grants of one user follow each other
 */
export async function insertGrants(options: {
  address: DatabaseAddress;
  users: string[];
  grants: number;
  audience: string;
  seed: string;
}): Promise<void> {
  const { address, users, grants, audience, seed } = options;
  const database = knex({
    client: 'pg',
    connection: { ...address },
    searchPath: ['agent-auth'],
    pool: { min: 0, max: 1 },
  });
  try {
    const principals = users.map(ref => ({
      uuid: randomUUID(),
      kind: 'user',
      entity_ref: ref,
    }));
    const owners = principals.flatMap(({ uuid }) =>
      Array.from({ length: grants }, () => uuid),
    );
    await database.raw(
      'truncate principals, connections, oauth_records, revocations restart identity',
    );
    await insert(database, 'principals', principals);
    await insert(
      database,
      'connections',
      owners.map((owner, index) =>
        connectionRow(grantAt(seed, index).connectionId, owner, audience),
      ),
    );
    await insert(
      database,
      'oauth_records',
      owners.map((owner, index) => {
        const { connectionId, token } = grantAt(seed, index);
        return tokenRow({ connectionId, token, owner, audience });
      }),
    );
    await database.raw('analyze');
  } finally {
    await database.destroy();
  }
}

async function insert(
  database: Knex,
  table: string,
  rows: object[],
): Promise<void> {
  await database.batchInsert(table, rows, BATCH_SIZE);
}

function connectionRow(id: string, principal: string, audience: string) {
  return {
    id,
    name: 'Benchmark',
    principal,
    client_id: 'personal-token',
    client_name: 'Personal token',
    client_origin: 'registered',
    grant_type: 'personal_token',
    resources: JSON.stringify([
      { audience, kind: 'catalog', scopes: ['catalog:read'] },
    ]),
    limits: '{}',
    claims: '{}',
    created_at: new Date(),
    expires_at: new Date(Date.now() + DAY_MS),
  };
}

function tokenRow(grant: {
  connectionId: string;
  token: string;
  owner: string;
  audience: string;
}) {
  const issuedAt = Date.now();
  return {
    model: 'AccessToken',
    id_hash: createHash('sha256').update(grant.token).digest('hex'),
    grant_id: grant.connectionId,
    payload: JSON.stringify({
      kind: 'AccessToken',
      iat: Math.floor(issuedAt / 1000),
      exp: Math.floor((issuedAt + DAY_MS) / 1000),
      accountId: grant.owner,
      clientId: 'personal-token',
      grantId: grant.connectionId,
      gty: 'personal_token',
      aud: grant.audience,
      scope: 'catalog:read',
    }),
    expires_at: new Date(issuedAt + DAY_MS),
  };
}
