import { hkdfSync } from 'node:crypto';
import type {
  LoggerService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import type { EncryptionKey, SecretBox } from '@prompt-corner/encryption';
import { RateLimit, RequestGuard } from '@prompt-corner/mcp-endpoint';
import type { CodeMode } from '@prompt-corner/code-mode';
import type { AgentAuthService } from '@prompt-corner/plugin-agent-auth-node';
import type { Knex } from 'knex';
import type { AccessGrants, Approvals } from '../approvals';
import type { ApiSpecifications } from '../apis';
import { ApiTools } from '../apis/tools';
import type { AuditTrail } from '../audit';
import { CallerAuthentication } from '../callers/CallerAuthentication';
import { HeldCalls, PortalCalls } from '../calls';
import type { EndpointConfig } from '../config';
import {
  CodeModeConfig,
  CodeRunner,
  ExecutionHistory,
  ExecutionStore,
  PortalCodeMode,
} from '../codeMode';
import type { Credentials } from '../credentials';
import { CallEnds } from '../endpoint/CallEnds';
import { Completions } from '../endpoint/Completions';
import { createRouter } from '../endpoint/createRouter';
import { LegacyEndpoint } from '../endpoint/LegacyEndpoint';
import { ListChanges } from '../endpoint/ListChanges';
import { ModernEndpoint } from '../endpoint/ModernEndpoint';
import { QuestionIds } from '../endpoint/QuestionIds';
import { RefusalRecords } from '../endpoint/RefusalRecords';
import { PortalTools } from '../endpoint/portalTools';
import { ResourceChanges } from '../endpoint/ResourceChanges';
import { Resources } from '../endpoint/Resources';
import type { PortalGuards } from '../guards';
import type { PolicyEngine } from '../policy';
import type { Portals } from '../portals';
import type { RegistryView } from '../registry';
import {
  ClientMessages,
  ClientSessions,
  PausedCalls,
  RequestStates,
} from '../sessions';
import type { Upstreams } from '../upstreams';
import { PortalViews, ServerChoices } from '../views';

/** What the endpoints are made of. */
export interface EndpointParts {
  config: RootConfigService;
  settings: EndpointConfig;
  database: Knex;
  box: SecretBox;
  codeMode: CodeMode;
  codeModeSettings: Pick<CodeModeConfig, 'keepMs' | 'pausedMs' | 'wallMs'>;
  /** Encrypts what paused executions know. */
  executionBox: SecretBox;
  encryptionKeys: EncryptionKey[];
  agentAuth: AgentAuthService;
  portals: Portals;
  specifications: ApiSpecifications;
  registry: RegistryView;
  policy: PolicyEngine;
  guards: PortalGuards;
  grants: AccessGrants;
  approvals: Approvals;
  audit: AuditTrail;
  credentials: Pick<Credentials, 'requests'>;
  tracing: TracingService;
  upstreams: Upstreams;
  logger: LoggerService;
  version: string;
  /** URL of a portal for clients. */
  audienceOf: (portal: string) => string;
  /** Where people decide on calls. */
  approvalsPage: string;
}

/** Makes the MCP endpoints of all portals. */
export function createEndpoint(options: EndpointParts) {
  const { config, settings, database, box, portals, upstreams } = options;
  const keyFor = (purpose: string) =>
    Buffer.from(
      hkdfSync('sha256', options.encryptionKeys[0].secret, '', purpose, 32),
    );
  const grantsOf = (uuid: string) => options.grants.grantsOf(uuid);
  const choices = new ServerChoices({ database });
  const views = new PortalViews({ ...options, choices, grantsOf });
  const limits = new Map(
    portals
      .all()
      .map(({ name, rateLimit }) => [name, new RateLimit(rateLimit)]),
  );
  const rateLimitOf = (portal: string) => limits.get(portal)!;
  const calls = new PortalCalls({
    ...options,
    views,
    grantsOf,
    held: new HeldCalls({
      ...options,
      waitMs: settings.holdMs,
      pageUrl: options.approvalsPage,
    }),
    rateLimitOf,
    timeoutMs: settings.callTimeoutMs,
  });
  const sessions = new ClientSessions({ database });
  const messages = new ClientMessages({ database, sealer: box });
  const states = new RequestStates({ database, sealer: box });
  const executions = new ExecutionStore({
    database,
    sealer: options.executionBox,
    longestMs: options.codeModeSettings.wallMs + settings.holdMs,
  });
  const resources = new Resources({ ...options, views, grantsOf });
  const listChanges = new ListChanges({ views });
  const resourceChanges = new ResourceChanges({ ...options, resources });
  const runner = new CodeRunner({
    ...options,
    calls,
    store: executions,
    holdMs: settings.holdMs,
  });
  const apis = new ApiTools({ ...options, runner, views });
  const parts = {
    ...options,
    views,
    calls,
    states,
    sessions,
    resources,
    paused: new PausedCalls({ messages }),
    connected: (requestId: string, signal: AbortSignal) =>
      options.credentials.requests.waitUntilClosed(
        requestId,
        settings.holdMs,
        signal,
      ),
    portalTools: new PortalTools({ ...options, views, choices }),
    codeMode: new PortalCodeMode({ runner, views }),
    apis,
    completions: new Completions({ ...options, views, upstreams }),
  };
  const shared = { ...options, parts, listChanges, resourceChanges };
  const authentication = new CallerAuthentication({
    agentAuth: options.agentAuth,
    addressKey: keyFor('mcp-portal anonymous callers'),
  });
  const router = createRouter({
    ...options,
    views,
    authentication,
    apis,
    refusals: new RefusalRecords({ trail: options.audit }),
    rateLimitOf,
    guard: new RequestGuard({
      section: 'mcpPortal',
      baseUrls: [
        config.getString('backend.baseUrl'),
        config.getOptionalString('app.baseUrl') ??
          config.getString('backend.baseUrl'),
      ],
      hosts: settings.allowedHosts,
      origins: settings.allowedOrigins,
    }),
    modern: new ModernEndpoint(shared),
    legacy: new LegacyEndpoint({
      ...shared,
      sessions,
      messages,
      callEnds: new CallEnds({
        sessions,
        messages,
        timeoutMs: settings.callTimeoutMs,
      }),
      questions: new QuestionIds({ key: keyFor('mcp-portal questions') }),
    }),
  });
  return {
    router,
    views,
    calls,
    authentication,
    executions: new ExecutionHistory({ database }),
    /** Lets code end, or be paused. */
    drain: () => runner.drain(),
    /** Deletes what is over; from time to time, on one replica. */
    async clean(): Promise<void> {
      await sessions.deleteExpired();
      await messages.deleteExpired();
      await states.deleteExpired();
      await executions.clean(options.codeModeSettings);
    },
  };
}
