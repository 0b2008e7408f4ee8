import type { Caller } from '../callers/Caller';
import type { Portal } from '../portals';
import type { ClientSession } from '../sessions';

/** One request to a portal, by somebody who was let in. */
export interface PortalRequest {
  caller: Caller;
  portal: Portal;
  /** Name of the API whose endpoint it is; absent at the endpoint of the portal itself. */
  api?: string;
  /** Of clients of protocol revision 2025-11-25 and older. */
  session?: ClientSession;
  /** Whether it has two tools for code in place of all others. */
  codeMode: boolean;
  /** Whether the portal's own tools are there as well. */
  ownTools: boolean;
  /** Aborted when there is nobody any more who would get the answer, though the request goes on. */
  gone?: AbortSignal;
  /** Whether the caller would still be let in now. For what lasts longer than a request. */
  isCurrent(): Promise<boolean>;
  /** W3C trace id, if the client sent one. */
  traceId?: string;
}
