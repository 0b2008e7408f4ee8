import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  ClientCapabilities,
  Implementation,
  LOG_LEVEL_META_KEY,
  LoggingLevel,
  PROTOCOL_VERSION_META_KEY,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { CallingClient } from '../calls';
import type { PortalRequest } from './PortalRequest';

/** From the least severe on (RFC 5424). */
const LEVELS: LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

/** The client of a request, by what it says in the request, or said when it began its session. */
export function clientOf(
  { caller, session }: PortalRequest,
  ctx: ServerContext,
): CallingClient {
  const envelope = envelopeOf(ctx);
  const info = envelope?.[CLIENT_INFO_META_KEY] as Implementation | undefined;
  const capabilities = envelope?.[CLIENT_CAPABILITIES_META_KEY] as
    | ClientCapabilities
    | undefined;
  return {
    info: session?.client.info ?? info,
    capabilities: session?.client.capabilities ?? capabilities ?? {},
    protocolVersion:
      session?.protocolVersion ??
      String(envelope?.[PROTOCOL_VERSION_META_KEY] ?? ''),
    session: session?.idHash ?? caller.connectionId ?? caller.uuid,
  };
}

/** `_meta` for the server: what the client said of the call, without what it said of the connection. */
export function metaOf(
  { session }: PortalRequest,
  ctx: ServerContext,
): Record<string, unknown> | undefined {
  const { progressToken: _, ...meta } = ctx.mcpReq._meta ?? {};
  const level = session?.logLevel ?? envelopeOf(ctx)?.[LOG_LEVEL_META_KEY];
  const all = {
    ...meta,
    ...(level !== undefined && { [LOG_LEVEL_META_KEY]: level }),
  };
  return Object.keys(all).length ? all : undefined;
}

/** What a server says while a call is made, brought to the client. */
export function listenersOf(request: PortalRequest, ctx: ServerContext) {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  const notify = (method: string, params: Record<string, unknown>) => {
    // A client that has gone is told nothing.
    ctx.mcpReq.notify({ method, params }).catch(() => {});
  };
  return {
    ...(progressToken !== undefined && {
      onProgress: (progress: Record<string, unknown>) =>
        notify('notifications/progress', { ...progress, progressToken }),
    }),
    onNotification: (notification: {
      method: string;
      params?: Record<string, unknown>;
    }) => {
      if (
        notification.method === 'notifications/message' &&
        isWanted(notification.params?.level, request, ctx)
      ) {
        notify(notification.method, notification.params ?? {});
      }
    },
  };
}

/** Since 2026-07-28, messages come only to who asks for them; before, all did until a level was set. */
function isWanted(
  level: unknown,
  { session }: PortalRequest,
  ctx: ServerContext,
): boolean {
  const wanted = session
    ? session.logLevel ?? 'debug'
    : envelopeOf(ctx)?.[LOG_LEVEL_META_KEY];
  return (
    wanted !== undefined &&
    LEVELS.indexOf(level as LoggingLevel) >=
      LEVELS.indexOf(wanted as LoggingLevel)
  );
}

function envelopeOf(ctx: ServerContext): Record<string, unknown> | undefined {
  return ctx.mcpReq.envelope as Record<string, unknown> | undefined;
}
