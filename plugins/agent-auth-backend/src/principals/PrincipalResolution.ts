import type {
  AuditorService,
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, toError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  agentAuthPrincipalsResolvePermission,
  ResolvedPrincipal,
} from '@prompt-corner/plugin-agent-auth-common';
import type { Request } from 'express';
import type { Principals } from './Principals';

/** A page of usage or audit has no more, and a record of the audit log stays readable. */
const MAX_UUIDS = 100;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Tells those who may know who is behind a UUID, and records that they asked. */
export class PrincipalResolution {
  readonly #principals: Principals;
  readonly #permissions: PermissionsService;
  readonly #auditor: AuditorService;

  constructor(options: {
    principals: Principals;
    permissions: PermissionsService;
    auditor: AuditorService;
  }) {
    this.#principals = options.principals;
    this.#permissions = options.permissions;
    this.#auditor = options.auditor;
  }

  /**
   * Who is behind the given UUIDs; unknown ones are left out. Nothing is told
   * that could not be audited first.
   *
   * @param options.uuids - at most 100; anything, as it comes from a request
   * @param options.credentials - whose permission is checked
   * @param options.request - for the audit record
   * @throws InputError when `uuids` is not a list of UUIDs, or too long
   * @throws NotAllowedError without permission `agent-auth.principals.resolve`
   */
  async resolve(options: {
    uuids: unknown;
    credentials: BackstageCredentials;
    request: Request;
  }): Promise<ResolvedPrincipal[]> {
    const uuids = readUuids(options.uuids);
    const event = await this.#auditor.createEvent({
      eventId: 'principal-resolve',
      severityLevel: 'medium',
      request: options.request,
      meta: { uuids },
    });
    let found: ResolvedPrincipal[];
    try {
      await this.#authorize(options.credentials);
      found = await this.#principals.find(uuids);
    } catch (error) {
      await event.fail({ error: toError(error) });
      throw error;
    }
    await event.success({ meta: { found: found.length } });
    return found;
  }

  async #authorize(credentials: BackstageCredentials): Promise<void> {
    const permission = agentAuthPrincipalsResolvePermission;
    const [decision] = await this.#permissions.authorize([{ permission }], {
      credentials,
    });
    if (decision?.result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `To see who is behind a UUID you need the permission ${permission.name}`,
      );
    }
  }
}

function readUuids(value: unknown): string[] {
  if (!Array.isArray(value)) {
    throw new InputError('uuids has to be a list of UUIDs');
  }
  if (value.length > MAX_UUIDS) {
    throw new InputError(
      `${value.length} UUIDs were given; ask for at most ${MAX_UUIDS} at a time`,
    );
  }
  const malformed = value.findIndex(
    uuid => typeof uuid !== 'string' || !UUID.test(uuid),
  );
  if (malformed !== -1) {
    throw new InputError(`uuids[${malformed}] is not a UUID`);
  }
  return [...new Set(value.map((uuid: string) => uuid.toLowerCase()))];
}
