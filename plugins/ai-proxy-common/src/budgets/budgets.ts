/** What budgets and limits count. @public */
export const BUDGET_UNITS = ['usd', 'tokens', 'requests'] as const;

/** What budgets and limits count. @public */
export type BudgetUnit = (typeof BUDGET_UNITS)[number];

/** Calendar windows; a week begins on Monday. @public */
export const BUDGET_WINDOWS = [
  'minute',
  'hour',
  'day',
  'week',
  'month',
] as const;

/**
 * Calendar windows; a week begins on Monday. Minutes and hours are those of UTC,
 * the others those of the budget's time zone.
 *
 * @public
 */
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** Whose requests a budget counts together. @public */
export const BUDGET_SPLITS = [
  'user',
  'team',
  'client',
  'connection',
  'none',
] as const;

/**
 * Whose requests a budget counts together:
 *
 * - `user`: each user and service has the limit for itself
 * - `team`: each group has, and a request counts for all groups of its caller
 * - `client`: each OAuth client has, whoever uses it
 * - `connection`: each connection of a user with a client has
 * - `none`: all requests together
 *
 * @public
 */
export type BudgetSplit = (typeof BUDGET_SPLITS)[number];

/**
 * Which requests a budget counts. All that is given has to hold, and one value of
 * each list. In models, providers, clients and teams, `*` stands for any text.
 *
 * @public
 */
export interface BudgetMatch {
  /** UUIDs, or entity refs of users. */
  users?: string[];
  /** Entity refs of groups. */
  teams?: string[];
  models?: string[];
  /** Names of providers in the configuration. */
  providers?: string[];
  /** Ids of OAuth clients. */
  clients?: string[];
  kinds?: Array<'user' | 'service'>;
}

/** How much may be spent in each window, by whom and on what. @public */
export interface BudgetDefinition {
  /** Unique. Letters, digits, ".", "_" and "-". */
  name: string;
  unit: BudgetUnit;
  /** US dollars, tokens or requests in each window. */
  limit: number;
  window: BudgetWindow;
  /** IANA name of the zone in which days, weeks and months begin. */
  timeZone: string;
  per: BudgetSplit;
  match: BudgetMatch;
  /** Percentages of the limit at which people are told, ascending. */
  alerts: number[];
  /** Counts and tells, and never refuses. */
  soft: boolean;
  /** Entity refs of users or groups that are told as well, of budgets that are nobody's own. */
  notify: string[];
}

/** A budget, and where it comes from. @public */
export interface Budget extends BudgetDefinition {
  /** `config`: app-config; `runtime`: an administrator made it; `grant`: a user set it for a connection. */
  origin: 'config' | 'runtime' | 'grant';
  /** Of those with origin `runtime`: changes with each change. */
  etag?: string;
  /** Of those with origin `runtime`: ISO 8601. */
  updatedAt?: string;
  /** Of those with origin `runtime`: UUID of who changed it last. */
  updatedBy?: string;
}

/**
 * Why a budget says no:
 *
 * - `used-up`: what is left in the window is less than the request may take
 * - `held`: it would fit, but requests that still run may take what is left
 * - `too-large`: the request alone may take more than the limit
 * - `unavailable`: nobody could find out, as the database did not answer
 *
 * @public
 */
export type BudgetRefusalReason =
  | 'used-up'
  | 'held'
  | 'too-large'
  | 'unavailable';

/** A budget's no to a request, in words and numbers that its caller may know. @public */
export interface BudgetRefusal {
  kind: 'refusal';
  reason: BudgetRefusalReason;
  /** HTTP status that fits: 429, or 503 for `unavailable`. */
  status: 429 | 503;
  /** Name of the budget. */
  budget: string;
  unit: BudgetUnit;
  /** In the unit. */
  limit: number;
  /** In the unit; absent where the budget is shared with others. */
  spent?: number;
  window: BudgetWindow;
  /** ISO 8601. */
  resetsAt: string;
  retryAfterSeconds: number;
  /** For the caller: which budget, its size, when it begins anew, what to do. */
  message: string;
}

/** How a caller stands with one of the budgets that apply. @public */
export interface BudgetStanding {
  budget: string;
  unit: BudgetUnit;
  /** In the unit. */
  limit: number;
  window: BudgetWindow;
  per: BudgetSplit;
  /** Entity ref, where the budget is a team's. */
  team?: string;
  soft: boolean;
  /** In the unit; absent where the budget is shared with others. */
  spent?: number;
  /** For requests that run, in the unit; absent where the budget is shared with others. */
  reserved?: number;
  usedUp: boolean;
  /** ISO 8601. */
  resetsAt: string;
}

/** What was spent of a budget in one window, for administrators. @public */
export interface BudgetBucket {
  id: string;
  budget: string;
  unit: BudgetUnit;
  window: BudgetWindow;
  per: BudgetSplit;
  /** UUID, entity ref of a group, id of a client or connection; empty when nobody's own. */
  value: string;
  /** ISO 8601. */
  startsAt: string;
  /** ISO 8601. */
  endsAt: string;
  /** In the unit, as it was when a replica last asked. */
  limit: number;
  /** In the unit, by requests that have ended. */
  spent: number;
  /** In the unit, for requests that run. */
  reserved: number;
  /** In the unit, what running replicas have at hand for the next requests. */
  atHand: number;
  /** In the unit, what replicas that are gone had not yet accounted for. It counts as spent. */
  unaccounted: number;
}
