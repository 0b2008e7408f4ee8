import express from 'express';
import Router from 'express-promise-router';
import { isError } from '@backstage/errors';
import { z } from 'zod';
import {
  CALLBACK_PATH,
  CLIENT_DOCUMENT_PATH,
  type Credentials,
} from '../credentials';
import { FlowCookie } from './FlowCookie';

/** Where servers find the keys with which they verify caller tokens. */
export const JWKS_PATH = '/jwks.json';

/** Paths of this router that are for everybody. */
export const PUBLIC_CREDENTIAL_PATHS = [
  CALLBACK_PATH,
  CLIENT_DOCUMENT_PATH,
  JWKS_PATH,
];

const text = z.string().max(4_000).optional();

/** What an authorization server sends (RFC 6749, section 4.1.2; RFC 9207). */
const answerSchema = z.object({
  state: z.string().max(200),
  code: text,
  iss: text,
  error: text,
});

/**
 * What others than users ask without signing in: authorization servers send
 * browsers back, and read who the portal is; servers read its public keys.
 *
 * The callback only notes the answer. It is the page that has the code
 * exchanged, for the user who is signed in there: so nobody gets what somebody
 * else granted in the same browser.
 */
export function createOAuthCallbackRouter(options: {
  credentials: Pick<Credentials, 'callerTokens' | 'clients' | 'flows'>;
  /** External base URL of the plugin. */
  baseUrl: string;
  /** URL of the page on which users connect servers; gets `flow`, or `problem`. */
  connectPage: string;
}): express.Router {
  const { callerTokens, clients, flows } = options.credentials;
  const cookie = new FlowCookie(options.baseUrl);
  const router = Router();

  router.get(CALLBACK_PATH, async (request, response) => {
    // The code stands in this URL; it must get nowhere.
    response.set({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    const page = new URL(options.connectPage);
    const answer = answerSchema.safeParse(request.query);
    if (!answer.success) {
      page.searchParams.set('problem', 'not-waiting');
      response.redirect(303, page.href);
      return;
    }
    const { state, ...rest } = answer.data;
    const flow = flows.idOf(state);
    try {
      await flows.answer(flow, cookie.read(request, flow), rest);
      page.searchParams.set('flow', flow);
    } catch (error) {
      if (!isRefusal(error)) {
        throw error;
      }
      page.searchParams.set('problem', 'not-waiting');
    }
    response.redirect(303, page.href);
  });

  router.get(CLIENT_DOCUMENT_PATH, (_request, response) => {
    response.set('cache-control', 'public, max-age=3600');
    response.json(clients.document());
  });

  router.get(JWKS_PATH, async (_request, response) => {
    // Keys are announced for a day.
    response.set('cache-control', 'public, max-age=600');
    response.json(await callerTokens.publicKeys());
  });
  return router;
}

function isRefusal(error: unknown): boolean {
  return (
    isError(error) &&
    (error.name === 'NotFoundError' || error.name === 'NotAllowedError')
  );
}
