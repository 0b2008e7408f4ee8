import { isError, NotFoundError } from '@backstage/errors';
import type express from 'express';
import { isApi } from '../apis';
import type { Caller } from '../callers/Caller';
import type { CallerAuthentication } from '../callers/CallerAuthentication';
import { isCodeMode } from '../codeMode';
import type { Portal, Portals } from '../portals';
import type { RegistryView } from '../registry';
import type { PortalRequest } from './PortalRequest';
import type { RefusalRecords } from './RefusalRecords';

/** How long a stream lasts whose caller cannot be checked again. */
const UNCHECKED_STREAM_MS = 5 * 60_000;

/** A URL of the endpoint, and where one gets to by it. */
export interface Entrance {
  /** The URL for clients, for which tokens are. */
  audience: string;
  /** The first of them that lets a caller in is entered: its rules hold. */
  portals: readonly Portal[];
  /** Name of the API whose endpoint it is. */
  api?: string;
}

/** Who lets callers in. */
export interface EntranceOptions {
  portals: Portals;
  registry: Pick<RegistryView, 'current'>;
  authentication: CallerAuthentication;
  refusals: RefusalRecords;
  /** The URL of a portal, or `apis/<name>`, for clients. */
  audienceOf: (portal: string) => string;
}

/**
 * Where the parameters of a route lead: to a portal, or to an API in whichever
 * portal has it. Nobody gets to more of an API by its own endpoint than by a portal.
 *
 * @throws NotFoundError when there is no such portal
 */
export function entranceOf(
  { portals, registry, audienceOf }: EntranceOptions,
  { portal, api }: { portal?: string; api?: string },
): Entrance {
  if (api === undefined) {
    const found = portals.get(portal ?? '');
    return { audience: audienceOf(found.name), portals: [found] };
  }
  // Strangers are not told which APIs there are: without any, they have to sign in as well.
  const server = registry.current().servers.get(api);
  return {
    api,
    audience: audienceOf(`apis/${api}`),
    portals: portals
      .all()
      .filter(
        ({ servers }) =>
          server && isApi(server) && (!servers || servers.has(api)),
      ),
  };
}

/**
 * Lets somebody in.
 *
 * @throws AgentAuthenticationError when nobody knows who it is
 * @throws NotAllowedError when the caller may not enter
 * @throws NotFoundError when there is no such API
 */
export async function enter(
  { portals, authentication, refusals }: EntranceOptions,
  entrance: Entrance,
  request: express.Request,
): Promise<PortalRequest> {
  const { audience, api } = entrance;
  const traceId = traceIdOf(request);
  const authenticate = () =>
    authentication.authenticate(request, {
      audience,
      anonymous: entrance.portals.some(
        ({ audience: { anonymous } }) => anonymous,
      ),
    });
  const caller = await authenticate();
  let portal: Portal;
  try {
    portal = admittedTo(portals, entrance, caller);
  } catch (error) {
    const [first] = entrance.portals;
    if (first) {
      const { message } = error as Error;
      await refusals.notAdmitted({ caller, portal: first, message, traceId });
    }
    throw error;
  }
  const codeMode =
    api === undefined && isCodeMode(portal.codeMode, request.query.codemode);
  return {
    caller,
    portal,
    api,
    codeMode,
    ownTools:
      api === undefined &&
      portal.ownTools &&
      (!codeMode || request.query.portal_tools === 'on'),
    isCurrent: currency(request, async () =>
      portals.admit(await authenticate(), portal),
    ),
    traceId,
  };
}

function admittedTo(
  portals: Portals,
  { portals: candidates }: Entrance,
  caller: Caller,
): Portal {
  let refusal: unknown = new NotFoundError(
    'There is no such API; look at the URL, or ask an administrator',
  );
  for (const portal of candidates) {
    try {
      portals.admit(caller, portal);
      return portal;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

/** Whether somebody who was let in would be again. */
function currency(
  request: express.Request,
  authenticate: () => Promise<unknown>,
): () => Promise<boolean> {
  const started = Date.now();
  // A proof of a key is good once: such a client has to come again from time to time.
  return /^dpop /i.test(request.headers.authorization ?? '')
    ? async () => Date.now() - started < UNCHECKED_STREAM_MS
    : () =>
        authenticate().then(
          () => true,
          // Nobody loses a stream because agent-auth is away for a moment.
          error => isError(error) && error.name === 'ServiceUnavailableError',
        );
}

/** W3C Trace Context. */
function traceIdOf(request: express.Request): string | undefined {
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(
    request.header('traceparent') ?? '',
  )?.[1];
}
