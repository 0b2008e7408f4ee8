import type express from 'express';

/** What is for one user stays in no cache. */
export const noStore: express.RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};
