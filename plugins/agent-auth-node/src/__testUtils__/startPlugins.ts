import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import express from 'express';
import Router from 'express-promise-router';
import { AgentPrincipal, sendAuthError } from '..';
import {
  AgentAuthService,
  agentAuthServiceRef,
  AuthenticateOptions,
} from '../service';
import { agentAuthServiceFactory } from '../service/agentAuthServiceRef';
import { TIMINGS, Timings } from '../tokens';
import { EXTERNAL_URL, FakeAgentAuth } from './FakeAgentAuth';

/** What a plugin answers of its caller. */
export type Answer = Omit<AgentPrincipal, 'scopes'> & { scopes: string[] };

/** A running backend with agent-auth and two plugins that ask it, `alpha` and `beta`. */
export interface Plugins {
  agentAuth: FakeAgentAuth;
  /** The service, as the plugin `alpha` has it. */
  service: AgentAuthService;
  /** Sends a request to `/api/<plugin>/v1`; default: a GET to `alpha`. */
  send(request: {
    plugin?: 'alpha' | 'beta';
    method?: string;
    /** Sent as a bearer token. */
    token?: string;
    headers?: Record<string, string>;
    path?: string;
  }): Promise<Response>;
  /** The caller that `alpha` sees for a token that must be valid. */
  callerOf(token: string, headers?: Record<string, string>): Promise<Answer>;
  /** How many requests have come in. */
  received(): number;
  /** Calls a function with the caller and the request of a real request to `alpha`. */
  within<T>(
    token: string,
    work: (caller: AgentPrincipal, request: express.Request) => Promise<T>,
  ): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts a backend, which stops by itself after the tests of a file.
 *
 * @param options.timings - instead of the real ones
 * @param options.authenticate - what the plugins ask for, besides their audience
 * @param options.trustProxy - `backend.trustProxy`
 * @param options.config - the `agentAuth` section
 */
export async function startPlugins(
  options: {
    timings?: Partial<Timings>;
    authenticate?: Partial<AuthenticateOptions>;
    trustProxy?: boolean | string | number;
    config?: object;
  } = {},
): Promise<Plugins> {
  const agentAuth = new FakeAgentAuth();
  let received = 0;
  let service: AgentAuthService | undefined;
  let work = async (
    caller: AgentPrincipal,
    _request: express.Request,
  ): Promise<unknown> => ({ ...caller, scopes: [...caller.scopes] });

  const plugin = (pluginId: string) =>
    createBackendPlugin({
      pluginId,
      register(env) {
        env.registerInit({
          deps: {
            agentAuth: agentAuthServiceRef,
            httpRouter: coreServices.httpRouter,
          },
          async init(deps) {
            if (pluginId === 'alpha') {
              service = deps.agentAuth;
            }
            const resource = `${EXTERNAL_URL}/api/${pluginId}/v1`;
            const router = Router();
            router.all('/v1*', async (request, response) => {
              received++;
              if (options.trustProxy !== undefined) {
                // As Backstage's root router does, which the test backend has none of.
                request.app.set('trust proxy', options.trustProxy);
              }
              try {
                const caller = await deps.agentAuth.authenticate(request, {
                  audience: resource,
                  ...options.authenticate,
                });
                response.json(await work(caller, request));
              } catch (error) {
                if (!sendAuthError(response, error, { resource })) {
                  throw error;
                }
              }
            });
            deps.httpRouter.addAuthPolicy({
              path: '/v1',
              allow: 'unauthenticated',
            });
            deps.httpRouter.use(router);
          },
        });
      },
    });

  let url = '';
  const backend = await startTestBackend({
    features: [
      agentAuth.feature,
      plugin('alpha'),
      plugin('beta'),
      ...(options.timings
        ? [agentAuthServiceFactory({ ...TIMINGS, ...options.timings })]
        : []),
      createServiceFactory({
        service: coreServices.discovery,
        deps: {},
        factory: () => ({
          getBaseUrl: async id => `${url}/api/${id}`,
          getExternalBaseUrl: async id => `${EXTERNAL_URL}/api/${id}`,
        }),
      }),
      mockServices.rootConfig.factory({
        data: {
          backend: {
            baseUrl: EXTERNAL_URL,
            ...(options.trustProxy === undefined
              ? {}
              : { trustProxy: options.trustProxy }),
          },
          agentAuth: options.config ?? {},
        },
      }),
    ],
  });

  url = `http://127.0.0.1:${backend.server.port()}`;
  const send: Plugins['send'] = request =>
    fetch(url + (request.path ?? `/api/${request.plugin ?? 'alpha'}/v1`), {
      method: request.method ?? 'GET',
      headers: {
        ...(request.token ? { authorization: `Bearer ${request.token}` } : {}),
        ...request.headers,
      },
    });

  return {
    agentAuth,
    service: service!,
    send,
    received: () => received,
    async callerOf(token, headers) {
      const response = await send({ token, headers });
      expect(response.status).toBe(200);
      return response.json();
    },
    async within<T>(
      token: string,
      inner: (caller: AgentPrincipal, request: express.Request) => Promise<T>,
    ): Promise<T> {
      const answer = work;
      const outcome = new Promise<T>((resolve, reject) => {
        work = async (caller, request) => {
          await inner(caller, request).then(resolve, reject);
          return {};
        };
      });
      // It may fail before anybody waits for it.
      outcome.catch(() => {});
      const response = await send({ token });
      work = answer;
      expect(response.status).toBe(200);
      return outcome;
    },
    stop: () => backend.stop(),
  };
}

/** Waits until something holds, at most five seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error('Waited for 5 s in vain');
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
