import type {
  CountedRange,
  SessionPage,
  UsageAdoption,
  UsageAnomalies,
  UsageDimension,
  UsageFilters,
  UsageInterval,
  UsageReport,
  UsageSavings,
  UserUsagePage,
} from '@prompt-corner/plugin-ai-proxy-common';
import { toError } from '@backstage/errors';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { UserCount } from '../catalog';
import type { UsageConfig } from '../config';
import {
  AdoptionQueries,
  HourRange,
  IsOpenWeight,
  MAX_POINTS,
  savingsOf,
  SAVINGS_DIMENSIONS,
  SessionQueries,
  TimeBuckets,
  UsageQueries,
  UsageSelection,
  UserQueries,
} from '../queries';
import { hourOf, timeOf } from '../store';

const HOURS_A_DAY = 24;

/** More lines than a chart shows. */
const MAX_TIMELINE_GROUPS = 20;

/** More than there can be with 225 providers, but for names that clients make up. */
const MAX_MODELS = 5_000;

const MAX_ANOMALIES = 100;

/** For how long sessions are compared with earlier ones. */
const COMPARED_DAYS = 30;

/** A question about usage that was checked. */
export interface ReportQuestion extends UsageSelection {
  by: UsageDimension[];
  interval?: UsageInterval;
  timeZone: string;
  limit: number;
}

/** Answers the questions of the pages. Who may ask what is decided elsewhere. */
export class UsageReports {
  readonly #usage: UsageQueries;
  readonly #adoption: AdoptionQueries;
  readonly #users: UserQueries;
  readonly #sessions: SessionQueries;
  readonly #settings: UsageConfig;
  readonly #userCount: UserCount;
  readonly #isOpenWeight: IsOpenWeight;
  readonly #logger: LoggerService;
  readonly #clock: () => Date;

  constructor(options: {
    database: Knex;
    settings: UsageConfig;
    userCount: UserCount;
    isOpenWeight: IsOpenWeight;
    logger: LoggerService;
    /** Default: the system's. */
    clock?: () => Date;
  }) {
    this.#usage = new UsageQueries(options);
    this.#adoption = new AdoptionQueries(options);
    this.#users = new UserQueries(options);
    this.#sessions = new SessionQueries(options);
    this.#settings = options.settings;
    this.#userCount = options.userCount;
    this.#isOpenWeight = options.isOpenWeight;
    this.#logger = options.logger;
    this.#clock = options.clock ?? (() => new Date());
  }

  /** Totals, groups and a timeline. */
  async usage(question: ReportQuestion): Promise<UsageReport> {
    const { by, interval, timeZone, limit, range } = question;
    const totals = await this.#usage.totals(question);
    const groups = by.length
      ? await this.#usage.groups(question, by, limit)
      : { items: [], isCut: false };
    const shown = groups.items.slice(0, MAX_TIMELINE_GROUPS);
    const timeline = interval
      ? await this.#usage.timeline(
          question,
          new TimeBuckets(range, interval, timeZone),
          { by, keys: shown.map(({ key }) => key) },
        )
      : { items: [], isCut: false };
    return {
      ...written(range),
      timeZone,
      interval,
      totals,
      groups: groups.items,
      timeline: timeline.items,
      ...moreOf([
        this.#expiredSums(range),
        groups.isCut &&
          `There are more than these ${limit} groups with the highest cost: raise limit up to 500, or filter`,
        interval &&
          groups.items.length > shown.length &&
          `The timeline has the first ${MAX_TIMELINE_GROUPS} groups only: filter to see others`,
        timeline.isCut &&
          `The timeline has its first ${MAX_POINTS} points only: ask for a longer interval or a shorter time`,
      ]),
    };
  }

  /**
   * How many use models.
   *
   * @param question - `team` is an entity ref
   */
  async adoption(question: {
    range: HourRange;
    interval?: UsageInterval;
    timeZone: string;
    team?: string;
  }): Promise<UsageAdoption> {
    const { range, interval, timeZone, team } = question;
    const filters: UsageFilters = team === undefined ? {} : { team: [team] };
    const selection = { range, filters };
    const active = await this.#adoption.activeUsers(selection);
    const users = await this.#countUsers(team);
    const timeline = interval
      ? await this.#adoption.timeline(
          selection,
          new TimeBuckets(range, interval, timeZone),
        )
      : { items: [], isCut: false };
    return {
      ...written(range),
      timeZone,
      ...active,
      users,
      adoptionRate: users ? active.activeUsers / users : null,
      timeline: timeline.items,
      ...moreOf([
        this.#expiredSums(range),
        users === null &&
          'The catalog did not say how many users there are: ask again later',
        timeline.isCut &&
          `The timeline has its first ${MAX_POINTS} points only: ask for a longer interval or a shorter time`,
      ]),
    };
  }

  /** What caches and open-weight models save. */
  async savings(selection: UsageSelection): Promise<UsageSavings> {
    const groups = await this.#usage.groups(
      selection,
      SAVINGS_DIMENSIONS,
      MAX_MODELS,
    );
    return {
      ...written(selection.range),
      ...savingsOf(groups.items, this.#isOpenWeight),
      ...moreOf([
        this.#expiredSums(selection.range),
        groups.isCut &&
          'Only the models with the highest cost are counted: ask for a shorter time, or filter',
      ]),
    };
  }

  /** What each user and service did. */
  async users(
    question: UsageSelection & {
      timeZone: string;
      limit: number;
      offset: number;
    },
  ): Promise<UserUsagePage> {
    const { range, timeZone, limit, offset } = question;
    const page = await this.#users.list(
      question,
      new TimeBuckets(range, 'day', timeZone),
      { limit, offset },
    );
    const nextOffset = offset + limit;
    return {
      ...written(range),
      timeZone,
      items: page.items,
      ...(page.isCut && { nextOffset }),
      ...moreOf([
        this.#expiredSums(range),
        this.#expiredSessions(range),
        page.isCut && `There are more: ask with offset=${nextOffset}`,
      ]),
    };
  }

  /** Conversations of somebody. */
  async sessions(question: {
    principal: string;
    range: HourRange;
    limit: number;
  }): Promise<SessionPage> {
    const { principal, range, limit } = question;
    const page = await this.#sessions.ofPrincipal(principal, range, limit);
    return {
      ...written(range),
      items: page.items,
      ...moreOf([
        this.#expiredSessions(range),
        page.isCut &&
          `There are more than these ${limit} sessions with the highest cost: raise limit up to 500, or ask for a shorter time`,
      ]),
    };
  }

  /** Sessions that cost unusually much. */
  async anomalies(range: HourRange): Promise<UsageAnomalies> {
    const comparedSince = Math.min(
      range.from,
      range.to - COMPARED_DAYS * HOURS_A_DAY,
    );
    const { items, isCut, organisationP99NanoUsd } =
      await this.#sessions.anomalies(range, comparedSince, MAX_ANOMALIES);
    return {
      ...written(range),
      comparedSince: timeOf(comparedSince).toISOString(),
      organisationP99NanoUsd,
      items,
      ...moreOf([
        this.#expiredSessions({ from: comparedSince, to: range.to }),
        isCut &&
          `There are more than these ${MAX_ANOMALIES} with the highest cost: ask for a shorter time`,
      ]),
    };
  }

  async #countUsers(team: string | undefined): Promise<number | null> {
    try {
      return await this.#userCount.count(team);
    } catch (error) {
      this.#logger.warn(
        'Could not count the users of the catalog',
        toError(error),
      );
      return null;
    }
  }

  #expiredSums(range: HourRange): string | false {
    const { rollupRetentionDays } = this.#settings;
    return this.#expired(range, 'Sums', rollupRetentionDays);
  }

  #expiredSessions(range: HourRange): string | false {
    return this.#expired(range, 'Sessions', this.#settings.retentionDays);
  }

  #expired(range: HourRange, what: string, days: number): string | false {
    const first = hourOf(this.#clock()) - days * HOURS_A_DAY;
    return (
      range.from < first &&
      `${what} are kept for ${days} days: those before ${timeOf(
        first,
      ).toISOString()} are not there any more`
    );
  }
}

function written(range: HourRange): CountedRange {
  return {
    from: timeOf(range.from).toISOString(),
    to: timeOf(range.to).toISOString(),
  };
}

function moreOf(parts: Array<string | false | undefined>): { more?: string } {
  const told = parts.filter(part => part);
  return told.length ? { more: `${told.join('. ')}.` } : {};
}
