import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type {
  Budget,
  BudgetDefinition,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { MatchedBudget } from '../accounts';
import { BudgetMatcher } from '../matching';
import { parseBudget } from './BudgetSchema';
import type { BudgetChange, BudgetStore } from './BudgetStore';

/** Users who are not in the catalog are not looked for all the time. */
const LOOKED_FOR_AGAIN_MS = 60_000;

/** All budgets, those of the configuration and those that administrators make. */
export class BudgetDefinitions {
  readonly #configured: Budget[];
  readonly #store: BudgetStore;
  readonly #uuidOf: (entityRef: string) => Promise<string>;
  readonly #logger: LoggerService;
  readonly #uuids = new Map<string, string>();
  readonly #onChange: Array<(budgets: MatchedBudget[]) => void> = [];
  #known: Budget[];
  /** By which a change is seen. */
  #version = '';
  #unknownUsers = '';
  #lookedForMs = -Infinity;

  /** @param options.uuidOf - of a user of the catalog; as `agentAuth.userOf` */
  constructor(options: {
    configured: BudgetDefinition[];
    store: BudgetStore;
    uuidOf: (entityRef: string) => Promise<string>;
    logger: LoggerService;
  }) {
    this.#configured = options.configured.map(definition => ({
      ...definition,
      origin: 'config',
    }));
    this.#known = this.#configured;
    this.#store = options.store;
    this.#uuidOf = options.uuidOf;
    this.#logger = options.logger;
  }

  /** Those of the configuration first. As old as the last {@link BudgetDefinitions.refresh}. */
  list(): Budget[] {
    return this.#known;
  }

  /** @throws NotFoundError */
  get(name: string): Budget {
    const budget = this.#known.find(one => one.name === name);
    if (!budget) {
      throw new NotFoundError(`There is no budget with the name "${name}"`);
    }
    return budget;
  }

  /** Calls with all budgets, now and at each change. */
  onChange(listener: (budgets: MatchedBudget[]) => void): void {
    this.#onChange.push(listener);
    listener(this.#matched());
  }

  /**
   * Learns what administrators have changed, here or at another replica.
   *
   * @throws an error of the database; then everything stays as it is
   */
  async refresh(): Promise<void> {
    const made = await this.#store.list();
    const configured = new Set(this.#configured.map(({ name }) => name));
    const before = new Map(this.#known.map(one => [one.etag, one]));
    const budgets = [
      ...this.#configured,
      ...made
        .filter(({ name }) => !configured.has(name))
        // The same object as long as it is the same budget.
        .map(one => before.get(one.etag) ?? one),
    ];
    await this.#learnUuids(budgets);
    const version = JSON.stringify([
      made.map(({ name, etag }) => [name, etag]),
      [...this.#uuids],
    ]);
    this.#known = budgets;
    if (version !== this.#version) {
      this.#version = version;
      const matched = this.#matched();
      this.#onChange.forEach(listener => listener(matched));
    }
  }

  /**
   * @param value - a {@link BudgetDefinition}, defaults left out
   * @throws InputError when it cannot be used
   * @throws ConflictError when the name is taken
   */
  async create(value: unknown, change: BudgetChange): Promise<Budget> {
    const definition = parseBudget(value, 'budget');
    this.#assertNotConfigured(definition.name);
    const created = await this.#store.create(definition, change);
    await this.refresh();
    return created;
  }

  /**
   * Replaces a budget. What was spent of it stays spent, unless its unit, window,
   * time zone or split changes.
   *
   * @throws InputError when it cannot be used
   * @throws NotFoundError when there is none with the name
   * @throws ConflictError when somebody else has changed it since the etag
   */
  async replace(
    name: string,
    value: unknown,
    change: BudgetChange,
  ): Promise<Budget> {
    const definition = parseBudget(value, 'budget');
    if (definition.name !== name) {
      throw new InputError(
        `The name of a budget cannot be changed: make "${definition.name}", and delete "${name}"`,
      );
    }
    this.#assertNotConfigured(name);
    const replaced = await this.#store.replace(definition, change);
    await this.refresh();
    if (!replaced) {
      throw new NotFoundError(`There is no budget with the name "${name}"`);
    }
    return replaced;
  }

  /**
   * @throws InputError when it is one of the configuration
   * @throws NotFoundError when there is none with the name
   * @throws ConflictError when somebody else has changed it since the etag
   */
  async delete(
    name: string,
    change: Pick<BudgetChange, 'etag'> = {},
  ): Promise<void> {
    this.#assertNotConfigured(name);
    const deleted = await this.#store.delete(name, change);
    await this.refresh();
    if (!deleted) {
      throw new NotFoundError(`There is no budget with the name "${name}"`);
    }
  }

  #assertNotConfigured(name: string): void {
    if (this.#configured.some(budget => budget.name === name)) {
      throw new InputError(
        `The budget "${name}" is in the configuration: change aiProxy.budgets there`,
      );
    }
  }

  #matched(): MatchedBudget[] {
    return this.#known.map(budget => ({
      budget,
      matcher: new BudgetMatcher(budget, this.#usersOf(budget)),
    }));
  }

  #usersOf({ match }: Budget): Set<string> | undefined {
    return (
      match.users &&
      new Set(
        match.users.flatMap(user =>
          isRef(user) ? this.#uuids.get(user) ?? [] : user.toLowerCase(),
        ),
      )
    );
  }

  async #learnUuids(budgets: Budget[]): Promise<void> {
    const refs = new Set(
      budgets.flatMap(({ match }) => match.users ?? []).filter(isRef),
    );
    const unknown = [...refs].filter(ref => !this.#uuids.has(ref));
    const isNew = unknown.join() !== this.#unknownUsers;
    if (!isNew && Date.now() - this.#lookedForMs < LOOKED_FOR_AGAIN_MS) {
      return;
    }
    this.#lookedForMs = Date.now();
    for (const ref of unknown) {
      await this.#uuidOf(ref).then(
        uuid => this.#uuids.set(ref, uuid),
        () => {},
      );
    }
    const left = unknown.filter(ref => !this.#uuids.has(ref));
    if (left.length && left.join() !== this.#unknownUsers) {
      this.#logger.warn(
        `${left.length} users in match.users of budgets are not found; nothing of theirs counts there until they are`,
      );
    }
    this.#unknownUsers = left.join();
  }
}

function isRef(user: string): boolean {
  return user.includes(':');
}
