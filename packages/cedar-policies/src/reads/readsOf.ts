import type {
  Expr,
  PatternElem,
  PolicyJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyVocabulary } from '../PolicyVocabulary';
import {
  isLiteral,
  isNow,
  literalOf,
  momentOf,
  textsOf,
  variableOf,
  type Json,
} from './expressions';
import { namePatternOf, type NamePattern } from './namePattern';
import type { PolicyReads } from './PolicyReads';

/** Attributes of every context that have attributes themselves. */
const RECORDS = ['client', 'claims', 'network', 'time'];

class Reader {
  readonly #vocabulary: PolicyVocabulary;
  readonly attributes = new Set<string>();
  readonly entities = new Set<string>();
  readonly tags = new Set<string>();
  readonly patterns = new Map<string, NamePattern>();
  readonly moments = new Set<number>();
  readonly #compared = new Map<string, Set<number>>();
  /** Attributes whose values count in another way than by comparison with a number. */
  readonly #exact = new Set<string>();
  anyMoment = false;
  wholeContext = false;
  allAttributes = false;
  anyParent = false;
  anyTag = false;
  targetNames = false;

  constructor(vocabulary: PolicyVocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Whether what it read can depend on what is unknown in lists. */
  get unknown(): boolean {
    return (
      this.wholeContext ||
      this.#vocabulary.unknown.some(name => this.attributes.has(name))
    );
  }

  /** What is compared with numbers, and nothing else. */
  get numbers(): Map<string, Set<number>> {
    return new Map(
      [...this.#compared].filter(
        ([path]) => !this.#exact.has(path.slice(path.indexOf('.') + 1)),
      ),
    );
  }

  scope(constraint: object): void {
    this.#entitiesIn(constraint);
  }

  /** @param json - an expression in Cedar's JSON, or a part of one */
  expression(json: unknown): void {
    if (typeof json !== 'object' || json === null) {
      return;
    }
    for (const [operator, operands] of Object.entries(json)) {
      this.#operation(operator, operands as Json);
    }
  }

  #operation(operator: string, operands: Json): void {
    switch (operator) {
      case 'Value':
        this.#entitiesIn(operands);
        return;
      case 'Var':
        this.#variable(operands as unknown as string);
        return;
      case '.':
      case 'has':
        this.#attribute(operator, operands);
        return;
      case 'hasTag':
      case 'getTag':
        this.#tag(operands);
        return;
      case 'like':
        if (this.#isTargetName(operands.left)) {
          this.#pattern(namePatternOf(operands.pattern as PatternElem[]));
        } else {
          this.expression(operands.left);
        }
        return;
      case 'contains':
        this.#contains(operands);
        return;
      case 'is':
        this.#comparison(operands.left, operands.in);
        return;
      case 'in':
        this.#comparison(operands.left, operands.right);
        return;
      case '==':
      case '!=':
        if (!this.#moment(operands) && !this.#number(operands)) {
          this.#comparison(operands.left, operands.right);
        }
        return;
      case '<':
      case '<=':
      case '>':
      case '>=':
        if (!this.#moment(operands) && !this.#number(operands)) {
          this.expression(operands.left);
          this.expression(operands.right);
        }
        return;
      default:
        Object.values(operands).forEach(operand => this.expression(operand));
    }
  }

  /** A variable by itself, not one of its attributes. */
  #variable(name: string): void {
    if (name === 'context') {
      this.wholeContext = true;
    } else if (name === 'resource') {
      this.targetNames = true;
    }
  }

  #attribute(operator: '.' | 'has', { left, attr }: Json): void {
    const names = [attr as string | string[]].flat();
    names.forEach(name => this.attributes.add(name));
    this.anyMoment ||= names.includes('now');
    if (operator === '.') {
      this.#exact.add(names[0]);
    }
    const variable = variableOf(left);
    if (operator === '.' && variable === 'context') {
      this.#record(names[0]);
    }
    if (variable === 'resource') {
      this.targetNames ||= names.some(name =>
        this.#vocabulary.targetNames.includes(name),
      );
    }
    if (variable === undefined && !this.#partOfContext(left)) {
      this.expression(left);
    }
  }

  /** A record of the context by itself, such as in a comparison: then all of it counts. */
  #record(name: string): void {
    if (![...RECORDS, ...this.#vocabulary.records].includes(name)) {
      return;
    }
    this.allAttributes = true;
    if (name === 'claims') {
      this.attributes.add('authAgeSeconds');
    }
  }

  /** Whether an expression is a record of the context, of which only an attribute is read. */
  #partOfContext(expression: unknown): boolean {
    const { '.': access } = expression as { '.'?: Json };
    if (!access || variableOf(access.left) !== 'context') {
      return false;
    }
    this.attributes.add(access.attr as string);
    return true;
  }

  /** @returns whether it is a comparison of the time with a moment */
  #moment({ left, right }: Json): boolean {
    const [of, moment] = isNow(left) ? [left, right] : [right, left];
    const at = isNow(of) ? momentOf(moment) : undefined;
    if (at === undefined) {
      return false;
    }
    this.attributes.add('time').add('now');
    this.moments.add(at);
    return true;
  }

  /** @returns whether it is a comparison of a number in a record of the language with another one */
  #number({ left, right }: Json): boolean {
    const [path, number] = this.#numberPath(left)
      ? [this.#numberPath(left), literalOf(right)]
      : [this.#numberPath(right), literalOf(left)];
    if (!path || typeof number !== 'number') {
      return false;
    }
    path.forEach(name => this.attributes.add(name));
    const key = path.join('.');
    const compared = this.#compared.get(key) ?? new Set();
    this.#compared.set(key, compared.add(number));
    return true;
  }

  #numberPath(expression: unknown): [string, string] | undefined {
    const { '.': inner } = (expression ?? {}) as { '.'?: Json };
    const { '.': outer } = (inner?.left ?? {}) as { '.'?: Json };
    const record = outer?.attr as string;
    return variableOf(outer?.left) === 'context' &&
      this.#vocabulary.records.includes(record)
      ? [record, inner!.attr as string]
      : undefined;
  }

  #tag({ left, right }: Json): void {
    this.expression(left);
    const name = literalOf(right);
    if (typeof name === 'string') {
      this.tags.add(name);
    } else {
      this.anyTag = true;
      this.expression(right);
    }
  }

  /** Of the principal or the resource with entities that are named, or of anything else. */
  #comparison(left: unknown, right: unknown): void {
    const name = literalOf(right);
    if (this.#isTargetName(left) && typeof name === 'string') {
      this.#pattern([name]);
      return;
    }
    for (const [one, other] of [
      [left, right],
      [right, left],
    ]) {
      const variable = variableOf(one);
      if (variable === undefined || variable === 'context') {
        this.expression(one);
      } else if (other !== undefined && !isLiteral(other)) {
        this.targetNames ||= variable === 'resource';
      }
    }
    if (!isLiteral(left) && right !== undefined && !isLiteral(right)) {
      this.anyParent = true;
    }
  }

  #contains({ left, right }: Json): void {
    const names = textsOf(left);
    if (names && this.#isTargetName(right)) {
      names.forEach(name => this.#pattern([name]));
      return;
    }
    this.expression(left);
    this.expression(right);
  }

  #pattern(parts: NamePattern): void {
    this.#vocabulary.targetNames.forEach(name => this.attributes.add(name));
    this.patterns.set(JSON.stringify(parts), parts);
  }

  /** Whether an expression is the name of what is asked about. */
  #isTargetName(expression: unknown): boolean {
    const { '.': access } = (expression ?? {}) as { '.'?: Json };
    return (
      access !== undefined &&
      variableOf(access.left) === 'resource' &&
      this.#vocabulary.targetNames.includes(access.attr as string)
    );
  }

  #entitiesIn(json: unknown): void {
    if (typeof json !== 'object' || json === null) {
      return;
    }
    const { type, id } = json as Json;
    if (typeof type === 'string' && typeof id === 'string') {
      this.entities.add(`${type}::${id}`);
    }
    Object.values(json).forEach(value => this.#entitiesIn(value));
  }
}

/** What a set of policies can read. */
export function readsOf(
  policies: PolicyJson[],
  vocabulary: PolicyVocabulary,
): PolicyReads {
  const reader = new Reader(vocabulary);
  for (const policy of policies) {
    reader.scope(policy.principal);
    reader.scope(policy.resource);
    policy.conditions.forEach(({ body }) => reader.expression(body));
  }
  const { attributes } = reader;
  const all = reader.wholeContext;
  const everything = all || reader.allAttributes;
  return {
    attributes: everything ? undefined : attributes,
    parents: reader.anyParent ? undefined : reader.entities,
    targets: new Set(
      [...reader.entities].filter(name =>
        vocabulary.targetTypes.includes(name.slice(0, name.indexOf('::'))),
      ),
    ),
    namePatterns: [...reader.patterns.values()],
    targetNames: reader.targetNames,
    unknown: reader.unknown,
    tags: all || reader.anyTag ? undefined : reader.tags,
    time: all || attributes.has('time') || attributes.has('authAgeSeconds'),
    moments: everything || reader.anyMoment ? undefined : reader.moments,
    numbers: everything ? new Map() : reader.numbers,
    age: everything || attributes.has('authAgeSeconds'),
  };
}

/** Whether an expression can depend on what is unknown in lists. */
export function readsUnknown(
  expression: Expr,
  vocabulary: PolicyVocabulary,
): boolean {
  const reader = new Reader(vocabulary);
  reader.expression(expression);
  return reader.unknown;
}
