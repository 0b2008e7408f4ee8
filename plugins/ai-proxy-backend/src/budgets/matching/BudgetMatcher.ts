import type { Budget } from '@prompt-corner/plugin-ai-proxy-common';
import { caselessGlobs, globs } from '../../providers';
import type { OpenDemand } from './Demand';

type Test = (value: string) => boolean;

/** Finds out whether a budget counts a request, and as whose. */
export class BudgetMatcher {
  readonly #budget: Budget;
  readonly #users: ReadonlySet<string> | undefined;
  readonly #kinds: ReadonlySet<string> | undefined;
  readonly #teams: Test | undefined;
  readonly #models: Test | undefined;
  readonly #providers: Test | undefined;
  readonly #clients: Test | undefined;

  /** @param users - UUIDs of those in the budget's `match.users` */
  constructor(budget: Budget, users?: ReadonlySet<string>) {
    const { match } = budget;
    this.#budget = budget;
    this.#users = match.users && (users ?? new Set(match.users));
    this.#kinds = match.kinds && new Set(match.kinds);
    this.#teams = match.teams && caselessGlobs(match.teams);
    this.#models = match.models && caselessGlobs(match.models);
    this.#providers = match.providers && globs(match.providers);
    this.#clients = match.clients && globs(match.clients);
  }

  /**
   * The values of the split as which a request counts: more than one for the teams
   * of its caller, none when the budget does not count it.
   *
   * @param demand - what it leaves out may be anything; budgets that are split by it
   * are left out
   */
  valuesFor(demand: OpenDemand): string[] {
    const { user, kind, client, connectionId, provider, model } = demand;
    const { otherModels = [] } = demand;
    const teams = this.#teams ? demand.teams.filter(this.#teams) : demand.teams;
    const applies =
      (!this.#users || this.#users.has(user)) &&
      (!this.#kinds || this.#kinds.has(kind)) &&
      (!this.#teams || teams.length > 0) &&
      (!this.#models ||
        model === undefined ||
        [model, ...otherModels].some(this.#models)) &&
      (!this.#providers ||
        provider === undefined ||
        this.#providers(provider)) &&
      (!this.#clients || client === undefined || this.#clients(client));
    if (!applies) {
      return [];
    }
    switch (this.#budget.per) {
      case 'user':
        return [user];
      case 'team':
        return [...new Set(teams)];
      case 'client':
        return client === undefined ? [] : [client];
      case 'connection':
        return connectionId === undefined ? [] : [connectionId];
      default:
        return [''];
    }
  }
}
