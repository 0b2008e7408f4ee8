import type { Entity } from '@backstage/catalog-model';
import { FULL_SIZES, generateOrganisation } from '../organisation';

/** What agent-auth reads of an organisation. */
const KINDS = new Set(['Group', 'System', 'Domain']);

/**
 * The part of the organisation of which the rights of its people are made:
 * nested groups, their systems and domains, and the users.
 *
 * @param users - how many
 */
export function createPeople(users: number): Entity[] {
  const entities = generateOrganisation({
    scale: Math.max(1, users / FULL_SIZES.users),
  });
  return [
    ...entities.filter(({ kind }) => kind === 'User').slice(0, users),
    ...entities.filter(({ kind }) => KINDS.has(kind)),
  ];
}
