import type {
  LoggerService,
  SchedulerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import { claudeCodeSettings, ClientUrls } from '@prompt-corner/agent-config';
import express from 'express';
import Router from 'express-promise-router';
import type { Knex } from 'knex';
import { AgentConfigs, DiscoveryStatus } from './AgentConfigs';
import { createSource } from './AgentConfigSource';
import type { DiscoveryConfig } from './config';
import {
  createDiscoveryRouter,
  serveWellKnown,
  WELL_KNOWN_PATH,
} from './createDiscoveryRouter';
import { createManagedSettings } from './createManagedSettings';
import { DatabaseDocumentStore } from './DocumentStore';
import { Instructions } from './Instructions';
import { CallerOptions, usableModels } from './PersonalConfig';
import { layerFor } from './TeamConfigs';
import { WellKnownDocument } from './WellKnownDocument';

/** Paths of the plugin that authenticate by themselves, or are for everybody. */
export const DISCOVERY_PATHS = [
  WELL_KNOWN_PATH,
  `/windows${WELL_KNOWN_PATH}`,
  '/discovery',
];

/** How long a start waits for the source; it goes on without after that. */
const FIRST_READ_MS = 5_000;

const REFRESH_TIMEOUT = { minutes: 2 };

/** What discovery needs. */
export interface DiscoveryOptions extends CallerOptions {
  config: DiscoveryConfig;
  /** Has been migrated. */
  database: Knex;
  logger: LoggerService;
  scheduler: SchedulerService;
  urlReader: UrlReaderService;
  /** Addresses as clients know them; never those of a request. */
  urls: ClientUrls;
}

/** One URL that configures every coding tool. */
export interface Discovery {
  /** Everything below the plugin. */
  router: express.Router;
  /** For `/.well-known/opencode` at the root of the backend. */
  wellKnown: express.Router;
  /** To be mounted at `/managed/settings` below the URL that Claude Code has as its gateway. */
  managedSettings: express.Router;
  /**
   * Makes the last good configuration available, looks at the source, and goes
   * on doing so. Never fails for what is wrong with the source or the database.
   */
  start(): Promise<void>;
  /** Looks at the source now. Never fails. */
  refresh(): Promise<void>;
  /** How the configuration is doing. */
  status(): DiscoveryStatus;
}

/**
 * Puts discovery together.
 *
 * @param options.models - models that are offered to clients; returns the same array until something has changed
 */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { config, logger, models, authenticate } = options;
  const urls = withoutSlashes(options.urls);
  const configs = new AgentConfigs({
    source: createSource(config.source, options.urlReader),
    store: new DatabaseDocumentStore(options.database),
    logger,
  });
  const instructions = new Instructions(urls);
  const current = () => configs.current;
  const known = () => configs.known;
  const document = new WellKnownDocument({
    urls,
    config: current,
    isKnown: () => configs.isKnown,
    models,
    instructions,
    loginCommand: config.loginCommand,
    logger,
  });
  const refresh = async () => {
    await configs.refresh();
    // Made now, so that no request has to.
    document.current('posix');
  };

  const wellKnown = Router();
  wellKnown.get('/', serveWellKnown(document, 'posix'));
  return {
    router: createDiscoveryRouter({
      ...options,
      urls,
      document,
      config: current,
      known,
      instructions,
      whenSignedOut: config.whenSignedOut,
    }),
    wellKnown,
    managedSettings: createManagedSettings({
      authenticate,
      async settingsFor(principal) {
        return claudeCodeSettings(layerFor(known(), principal.teams), {
          urls,
          models: await usableModels(principal, options),
        });
      },
      logger,
    }),
    async start() {
      await configs.load();
      await inTime(refresh());
      await options.scheduler.scheduleTask({
        id: 'refresh-agent-config',
        scope: 'local',
        frequency: { milliseconds: config.intervalMs },
        initialDelay: { milliseconds: config.intervalMs },
        timeout: REFRESH_TIMEOUT,
        fn: refresh,
      });
    },
    refresh,
    status: () => configs.status(),
  };
}

function withoutSlashes(urls: ClientUrls): ClientUrls {
  const trim = (url: string) => url.replace(/\/+$/, '');
  return {
    baseURL: trim(urls.baseURL),
    rootURL: trim(urls.rootURL),
    issuer: trim(urls.issuer),
  };
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    work,
    new Promise<void>(resolve => {
      timer = setTimeout(resolve, FIRST_READ_MS);
    }),
  ]);
  clearTimeout(timer);
}
