import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import { LRUCache } from 'lru-cache';
import type { LeaseKeeper } from '../leases';
import { BudgetMatcher, Demand, OpenDemand } from '../matching';
import { Account, ActiveBudget, activeBudget } from './Account';

/** Combinations of connection and model that are remembered. */
const REMEMBERED = 20_000;

/** Name of the budgets that users set for connections. */
export const GRANT_BUDGET = 'connection';

interface Remembered {
  demand: Demand;
  accounts: readonly Account[];
}

/** A budget with whom it counts. */
export interface MatchedBudget {
  budget: Budget;
  matcher: BudgetMatcher;
}

/** Knows which budgets a request has to pass. */
export class AccountBook {
  readonly #keeper: LeaseKeeper;
  readonly #accounts = new LRUCache<string, Account>({ max: REMEMBERED });
  readonly #remembered = new LRUCache<string, Remembered>({ max: REMEMBERED });
  readonly #grants = new LRUCache<number, ActiveBudget>({ max: 1_000 });
  #budgets: Array<ActiveBudget & MatchedBudget> = [];

  constructor(options: { keeper: LeaseKeeper }) {
    this.#keeper = options.keeper;
  }

  /** Replaces all budgets. What was spent of one with the same name, unit, window and split stays spent. */
  setBudgets(budgets: MatchedBudget[]): void {
    const before = new Map(this.#budgets.map(one => [one.budget, one]));
    this.#budgets = budgets.map(one => ({
      ...one,
      limits: (before.get(one.budget) ?? activeBudget(one.budget)).limits,
    }));
    this.#accounts.clear();
    this.#remembered.clear();
    for (const { budget, limits } of this.#budgets) {
      for (const slice of this.#keeper.slices()) {
        const { bucket } = slice;
        const isOfBudget =
          bucket.budget === budget.name &&
          bucket.unit === budget.unit &&
          bucket.window === budget.window &&
          bucket.per === budget.per;
        if (isOfBudget && slice.budget !== limits) {
          slice.budget = limits;
        }
      }
    }
  }

  /** All accounts that a request counts for. The same ones each time, and quickly. */
  accountsFor(demand: Demand): readonly Account[] {
    if (demand.otherModels?.length) {
      // Clients can name them in any combination.
      return this.findAccounts(demand);
    }
    const key = `${demand.connectionId}\n${demand.provider}\n${demand.model}`;
    const remembered = this.#remembered.get(key);
    if (remembered && isSameDemand(remembered.demand, demand)) {
      return remembered.accounts;
    }
    const accounts = this.findAccounts(demand);
    this.#remembered.set(key, { demand: { ...demand }, accounts });
    return accounts;
  }

  /** All accounts that a request may count for. */
  findAccounts(demand: OpenDemand): Account[] {
    const accounts = this.#budgets.flatMap(active =>
      active.matcher
        .valuesFor(demand)
        .map(value => this.#account(active, value, demand)),
    );
    const { grantBudgetUsdPerDay: limit, connectionId } = demand;
    return limit === undefined || connectionId === undefined
      ? accounts
      : [...accounts, this.#account(this.#grant(limit), connectionId, demand)];
  }

  /** Those that were of use of late. */
  accounts(): Iterable<Account> {
    return this.#accounts.values();
  }

  /** By its name; undefined when there is none anymore. */
  findBudget(name: string): Budget | undefined {
    return this.#budgets.find(({ budget }) => budget.name === name)?.budget;
  }

  #account(active: ActiveBudget, value: string, demand: OpenDemand): Account {
    const key = `${active.budget.name}\n${active.limits.limit}\n${value}`;
    let account = this.#accounts.get(key);
    if (!account) {
      const { per } = active.budget;
      const isOwn = per === 'user' || per === 'connection';
      account = new Account({
        active,
        value,
        userUuid: isOwn ? demand.user : undefined,
        keeper: this.#keeper,
      });
      this.#accounts.set(key, account);
    }
    return account;
  }

  #grant(limit: number): ActiveBudget {
    let active = this.#grants.get(limit);
    if (!active) {
      active = activeBudget(grantBudget(limit));
      this.#grants.set(limit, active);
    }
    return active;
  }
}

/** The budget that a user sets for a connection, as others are. @param limit - US dollars a day */
export function grantBudget(limit: number): Budget {
  return {
    name: GRANT_BUDGET,
    unit: 'usd',
    limit,
    window: 'day',
    timeZone: 'UTC',
    per: 'connection',
    match: {},
    alerts: [80, 100],
    soft: false,
    notify: [],
    origin: 'grant',
  };
}

function isSameDemand(a: Demand, b: Demand): boolean {
  return (
    a.user === b.user &&
    a.client === b.client &&
    a.kind === b.kind &&
    a.grantBudgetUsdPerDay === b.grantBudgetUsdPerDay &&
    (a.teams === b.teams ||
      (a.teams.length === b.teams.length &&
        a.teams.every((team, index) => team === b.teams[index])))
  );
}
