import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Demo } from './useDemo';

/**
 * Reads what the identity provider said of the sign-in behind a connection. No
 * API tells it: only policies may know.
 *
 * @param connectionId - UUID
 * @returns claims of the ID token
 */
export function recordedClaims(
  { dataDir }: Pick<Demo, 'dataDir'>,
  connectionId: string,
): Record<string, unknown> {
  const database = new DatabaseSync(join(dataDir, 'agent-auth.sqlite'), {
    readOnly: true,
  });
  try {
    const row = database
      .prepare('SELECT claims FROM connections WHERE id = ?')
      .get(connectionId);
    return JSON.parse(String(row?.claims));
  } finally {
    database.close();
  }
}
