import { randomUUID } from 'node:crypto';
import { ConflictError } from '@backstage/errors';
import type {
  Budget,
  BudgetDefinition,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Knex } from 'knex';

interface BudgetRow {
  name: string;
  definition: string;
  etag: string;
  updated_by: string;
  updated_at: Date | string | number;
}

/** Who changes a budget, and which state of it they have seen. */
export interface BudgetChange {
  /** UUID. */
  by: string;
  /** As it was read; without it the last one to write wins. */
  etag?: string;
}

/** Keeps the budgets that administrators made. */
export class BudgetStore {
  readonly #database: Knex;

  constructor(options: { database: Knex }) {
    this.#database = options.database;
  }

  /** All of them, by name. */
  async list(): Promise<Budget[]> {
    const rows: BudgetRow[] = await this.#database('budgets').orderBy('name');
    return rows.map(toBudget);
  }

  /** @throws ConflictError when the name is taken */
  async create(
    definition: BudgetDefinition,
    change: BudgetChange,
  ): Promise<Budget> {
    const row = toRow(definition, change);
    const inserted = await this.#database('budgets')
      .insert(row)
      .onConflict('name')
      .ignore()
      .returning('name');
    if (!inserted.length) {
      throw new ConflictError(
        `There is a budget with the name "${definition.name}" already`,
      );
    }
    return toBudget(row);
  }

  /**
   * @returns undefined when there is none with the name
   * @throws ConflictError when somebody has changed it since
   */
  async replace(
    definition: BudgetDefinition,
    change: BudgetChange,
  ): Promise<Budget | undefined> {
    const row = toRow(definition, change);
    const changed = await this.#seen(definition.name, change).update(row);
    if (!changed) {
      await this.#assertGone(definition.name);
    }
    return changed ? toBudget(row) : undefined;
  }

  /**
   * @returns whether there was one
   * @throws ConflictError when somebody has changed it since
   */
  async delete(
    name: string,
    change: Pick<BudgetChange, 'etag'>,
  ): Promise<boolean> {
    const deleted = await this.#seen(name, change).delete();
    if (!deleted) {
      await this.#assertGone(name);
    }
    return deleted > 0;
  }

  #seen(name: string, { etag }: Pick<BudgetChange, 'etag'>) {
    return this.#database<BudgetRow>('budgets').where(
      etag === undefined ? { name } : { name, etag },
    );
  }

  async #assertGone(name: string): Promise<void> {
    if (await this.#database('budgets').where({ name }).first('name')) {
      throw new ConflictError(
        `Somebody has changed the budget "${name}" since you read it: read it again`,
      );
    }
  }
}

function toRow(definition: BudgetDefinition, { by }: BudgetChange): BudgetRow {
  return {
    name: definition.name,
    definition: JSON.stringify(definition),
    etag: randomUUID(),
    updated_by: by,
    updated_at: new Date(),
  };
}

function toBudget(row: BudgetRow): Budget {
  return {
    ...(JSON.parse(row.definition) as BudgetDefinition),
    origin: 'runtime',
    etag: row.etag,
    updatedAt: new Date(row.updated_at).toISOString(),
    updatedBy: row.updated_by,
  };
}
