import { NotFoundError, isError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import type { Provider } from 'oidc-provider';
import { Persona } from './personas';
import { renderErrorPage, renderSignInPage } from './signInPage';

/** What a company's provider would say of a sign-in with a password. */
const SIGN_IN_CLAIMS = { amr: ['pwd'], acr: 'urn:example:password' };

/**
 * Serves the provider's protocol endpoints, the page that asks who to sign in as, and the list
 * of personas for scripts.
 *
 * @param options - the title is that of the portal
 */
export function createRouter(options: {
  provider: Provider;
  personas: Persona[];
  title: string;
}): express.Router {
  const { provider, personas, title } = options;
  const router = Router();

  router.get('/personas', (_req, res) => {
    res.json(
      personas.map(({ id, name, role, tryThis }) => ({
        id,
        name,
        role,
        tryThis,
      })),
    );
  });

  router.get('/interaction/:uid', async (req, res) => {
    await provider.interactionDetails(req, res);
    res.set('cache-control', 'no-store');
    res.send(renderSignInPage({ title, personas }));
  });

  router.post(
    '/interaction/:uid',
    express.urlencoded({ extended: false }),
    async (req, res) => {
      const persona = personas.find(({ id }) => id === req.body.persona);
      if (!persona) {
        const message = `There is no persona '${req.body.persona}'.`;
        res.status(400).send(renderErrorPage({ title, message }));
        return;
      }
      await provider.interactionFinished(req, res, {
        login: { accountId: persona.id, ...SIGN_IN_CLAIMS },
      });
    },
  );

  router.use(provider.callback());

  router.use(
    (
      error: unknown,
      _req: express.Request,
      res: express.Response,
      next: express.NextFunction,
    ) => {
      // The interaction is over, or belongs to another browser.
      if (isError(error) && error.name === 'SessionNotFound') {
        const message = 'This sign-in has expired. Start again in the portal.';
        res.status(400).send(renderErrorPage({ title, message }));
        return;
      }
      next(error ?? new NotFoundError());
    },
  );
  return router;
}
