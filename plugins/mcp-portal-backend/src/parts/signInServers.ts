import type { UpstreamServer } from '../credentials';
import {
  assertSecondPerson,
  isSameRemotes,
  RegistryUser,
  remotesToContact,
  ServerRecord,
} from '../registry';
import { signInTarget } from '../upstreams';

/** Those of some servers at which administrators can set how the portal signs in, approved or not. */
export function knownServers(records: ServerRecord[]): UpstreamServer[] {
  return records.flatMap(record => {
    const { entityRef, name } = record;
    const remotes = remotesToContact(record);
    return remotes.length ? [signInTarget({ entityRef, name, remotes })] : [];
  });
}

/**
 * Those that wait for an approver, who has to connect them before they can be
 * inspected, if each user signs in there.
 */
export function undecided(
  records: ServerRecord[],
  approver: RegistryUser,
): ServerRecord[] {
  return records.filter(
    record => isUndecided(record) && mayDecide(record, approver),
  );
}

/** Those of them that an approver had the portal contact already. */
export function inspected(records: ServerRecord[]): ServerRecord[] {
  return records.filter(
    record =>
      isUndecided(record) &&
      isSameRemotes(record.inspectedRemotes, record.catalog.remotes),
  );
}

function isUndecided({ status, absentSince, catalog }: ServerRecord): boolean {
  return (
    (status === 'pending' || status === 'suspended') &&
    !absentSince &&
    !catalog.problem
  );
}

function mayDecide(record: ServerRecord, user: RegistryUser): boolean {
  try {
    assertSecondPerson(record, user);
    return true;
  } catch {
    return false;
  }
}
