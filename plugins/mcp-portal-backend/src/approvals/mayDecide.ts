import type { Approval } from '@prompt-corner/plugin-mcp-portal-common';

/** Somebody who may be an approver. */
export interface Person {
  uuid: string;
  /** Full entity ref. */
  entityRef: string;
  /** Full entity refs of groups. */
  teams: string[];
  /** Whether this person has the permission to decide all requests. */
  mayDecideAll: boolean;
}

/** The entity refs by which a policy can name a person. */
export function refsOf(person: Person): string[] {
  return [person.entityRef, ...person.teams].map(ref =>
    ref.toLocaleLowerCase('en-US'),
  );
}

/** Whether a person may decide a request at all: never the one who asked. */
export function mayDecide(
  approval: Pick<Approval, 'requester' | 'approvers'>,
  person: Person,
): boolean {
  if (approval.requester === person.uuid) {
    return false;
  }
  const refs = refsOf(person);
  return (
    person.mayDecideAll ||
    approval.approvers.some(approver => refs.includes(approver))
  );
}
