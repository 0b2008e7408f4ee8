import type { LoggerService } from '@backstage/backend-plugin-api';
import type { UsageFilters } from '@prompt-corner/plugin-ai-proxy-common';
import express from 'express';
import Router from 'express-promise-router';
import type { UsageExport } from '../export';
import type { UsageReports } from '../reports';
import {
  adoptionSchema,
  anomaliesSchema,
  exportSchema,
  exportTimesOf,
  filtersIn,
  hoursOf,
  ownUsageSchema,
  parsed,
  savingsSchema,
  sessionsSchema,
  teamRefOf,
  usageSchema,
  usersSchema,
} from './questions';
import { sendExport } from './sendExport';
import { UsageReaders, UsageReadersOptions } from './UsageReaders';

/** What {@link createUsageRoutes} is made with. */
export interface UsageRoutesOptions extends UsageReadersOptions {
  reports: UsageReports;
  usageExport: UsageExport;
  logger: LoggerService;
  /** Default: the system's. */
  clock?: () => Date;
}

/**
 * Usage for the pages, all with `GET`:
 *
 * - `/usage/mine`, `/usage/mine/sessions`: the user's own
 * - `/usage/teams/:ref`: of a team of the user
 * - `/usage/organisation`, and `/adoption`, `/savings`, `/users`, `/anomalies` under it:
 *   of everybody, with the permission `ai-proxy.usage.read`
 * - `/usage/export`: single requests as a file
 */
export function createUsageRoutes(options: UsageRoutesOptions): express.Router {
  const { reports, usageExport, logger } = options;
  const now = options.clock ?? (() => new Date());
  const readers = new UsageReaders(options);
  const router = Router();

  router.use('/usage', (_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });

  router.get('/usage/mine', async (request, response) => {
    const principal = await readers.own(request);
    const asked = parsed(ownUsageSchema, request.query);
    response.json(
      await reports.usage({
        ...asked,
        range: hoursOf(asked, now()),
        filters: { ...filtersIn(asked), principal: [principal] },
      }),
    );
  });

  router.get('/usage/mine/sessions', async (request, response) => {
    const principal = await readers.own(request);
    const asked = parsed(sessionsSchema, request.query);
    const range = hoursOf(asked, now());
    response.json(await reports.sessions({ ...asked, principal, range }));
  });

  router.get('/usage/teams/:ref', async (request, response) => {
    const team = teamRefOf(request.params.ref);
    await readers.assertTeam(request, team);
    const asked = parsed(ownUsageSchema, request.query);
    response.json(
      await reports.usage({
        ...asked,
        range: hoursOf(asked, now()),
        filters: { ...filtersIn(asked), team: [team] },
      }),
    );
  });

  router.get('/usage/organisation', async (request, response) => {
    await readers.assertOrganisation(request);
    const asked = parsed(usageSchema, request.query);
    const range = hoursOf(asked, now());
    const filters = filtersIn(asked);
    if (asked.by.includes('principal') || filters.principal) {
      await readers.assertOrganisation(
        request,
        readOf('usage-read', asked, filters),
      );
    }
    response.json(await reports.usage({ ...asked, range, filters }));
  });

  router.get('/usage/organisation/adoption', async (request, response) => {
    await readers.assertOrganisation(request);
    const asked = parsed(adoptionSchema, request.query);
    response.json(
      await reports.adoption({
        ...asked,
        range: hoursOf(asked, now()),
        team: asked.team === undefined ? undefined : teamRefOf(asked.team),
      }),
    );
  });

  router.get('/usage/organisation/savings', async (request, response) => {
    await readers.assertOrganisation(request);
    const asked = parsed(savingsSchema, request.query);
    const range = hoursOf(asked, now());
    const filters = filtersIn(asked);
    if (filters.principal) {
      await readers.assertOrganisation(
        request,
        readOf('usage-read', asked, filters),
      );
    }
    response.json(await reports.savings({ range, filters }));
  });

  router.get('/usage/organisation/users', async (request, response) => {
    await readers.assertOrganisation(request);
    const asked = parsed(usersSchema, request.query);
    const range = hoursOf(asked, now());
    const filters = filtersIn(asked);
    await readers.assertOrganisation(
      request,
      readOf('usage-read', asked, filters),
    );
    response.json(await reports.users({ ...asked, range, filters }));
  });

  router.get('/usage/organisation/anomalies', async (request, response) => {
    await readers.assertOrganisation(request);
    const asked = parsed(anomaliesSchema, request.query);
    const range = hoursOf(asked, now());
    await readers.assertOrganisation(request, readOf('usage-read', asked, {}));
    response.json(await reports.anomalies(range));
  });

  router.get('/usage/export', async (request, response) => {
    const { of, format, after, ...asked } = parsed(exportSchema, request.query);
    const range = exportTimesOf(asked, now());
    let principal: string | undefined;
    if (of === 'mine') {
      principal = await readers.own(request);
    } else {
      await readers.assertOrganisation(
        request,
        readOf('usage-export', asked, {}),
      );
    }
    const planned = await usageExport.plan({ ...range, principal, after });
    const day = range.from.toISOString().slice(0, 10);
    await sendExport(response, planned, {
      format,
      logger,
      fileName: `ai-usage-${of}-${day}.${format}`,
    });
  });
  return router;
}

/** What the audit log is told of a question. */
function readOf(
  eventId: string,
  asked: { from?: string; to?: string },
  filters: UsageFilters,
) {
  const { from, to } = asked;
  return {
    eventId,
    meta: {
      ...(from && { from }),
      ...(to && { to }),
      ...(filters.principal && { principals: filters.principal }),
    },
  };
}
