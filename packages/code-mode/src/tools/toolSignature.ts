import { DEFAULT_NAMESPACE, isCallable } from './names';
import type { ToolDefinition } from './ToolDefinition';

const MAX_DEPTH = 6;
const MAX_NODES = 300;
const MAX_CHARACTERS = 4000;
const MAX_ENUM = 20;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

type Schema = Record<string, unknown>;

class SchemaPrinter {
  readonly #root: unknown;
  #nodes = 0;
  #characters = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  print(): string {
    if (this.#root === undefined) {
      return '{}';
    }
    return this.#type(this.#root, 0, []);
  }

  #type(node: unknown, depth: number, references: string[]): string {
    this.#nodes += 1;
    if (
      typeof node !== 'object' ||
      node === null ||
      Array.isArray(node) ||
      depth > MAX_DEPTH ||
      this.#nodes > MAX_NODES ||
      this.#characters > MAX_CHARACTERS
    ) {
      return 'unknown';
    }
    const schema = node as Schema;
    if (typeof schema.$ref === 'string') {
      return this.#reference(schema.$ref, depth, references);
    }
    if ('const' in schema) {
      return this.#literal(schema.const);
    }
    if (Array.isArray(schema.enum)) {
      return this.#union(schema.enum, value => this.#literal(value));
    }
    const variants = schema.anyOf ?? schema.oneOf;
    if (Array.isArray(variants)) {
      return this.#union(variants, variant =>
        this.#type(variant, depth + 1, references),
      );
    }
    if (Array.isArray(schema.allOf)) {
      const parts = schema.allOf
        .slice(0, MAX_ENUM)
        .map(part => this.#type(part, depth + 1, references));
      return [...new Set(parts)].join(' & ') || 'unknown';
    }
    if (Array.isArray(schema.type)) {
      return this.#union(schema.type, type =>
        this.#simple({ ...schema, type }, depth, references),
      );
    }
    return this.#simple(schema, depth, references);
  }

  #simple(schema: Schema, depth: number, references: string[]): string {
    switch (schema.type) {
      case 'string':
      case 'boolean':
      case 'number':
      case 'null':
        return schema.type;
      case 'integer':
        return 'number';
      case 'array':
        return `Array<${this.#type(schema.items, depth + 1, references)}>`;
      case 'object':
        return this.#object(schema, depth, references);
      default:
        return schema.properties
          ? this.#object(schema, depth, references)
          : 'unknown';
    }
  }

  #object(schema: Schema, depth: number, references: string[]): string {
    const { properties, required, additionalProperties } = schema;
    if (typeof properties !== 'object' || properties === null) {
      return typeof additionalProperties === 'object'
        ? `Record<string, ${this.#type(
            additionalProperties,
            depth + 1,
            references,
          )}>`
        : this.#anyObject(depth);
    }
    const needed = new Set(Array.isArray(required) ? required : []);
    const fields: string[] = [];
    for (const [name, value] of Object.entries(properties)) {
      if (this.#nodes > MAX_NODES || this.#characters > MAX_CHARACTERS) {
        fields.push('/* more */');
        break;
      }
      const key = IDENTIFIER.test(name) ? name : JSON.stringify(name);
      const type = this.#type(value, depth + 1, references);
      const field = `${key.slice(0, 200)}${
        needed.has(name) ? '' : '?'
      }: ${type}`;
      this.#characters += key.length + 3;
      fields.push(field);
    }
    return fields.length > 0 ? `{ ${fields.join('; ')} }` : '{}';
  }

  #anyObject(depth: number): string {
    return depth === 0 ? '{}' : 'Record<string, unknown>';
  }

  #reference(reference: string, depth: number, references: string[]): string {
    if (references.includes(reference)) {
      return 'unknown';
    }
    const target = this.#resolve(reference);
    return this.#type(target, depth + 1, [...references, reference]);
  }

  /** Only references into the same schema; nothing is ever fetched. */
  #resolve(reference: string): unknown {
    if (!reference.startsWith('#') || reference.length > 500) {
      return undefined;
    }
    let node: unknown = this.#root;
    for (const part of reference.slice(1).split('/').slice(1)) {
      const key = part.replace(/~1/g, '/').replace(/~0/g, '~');
      if (
        typeof node !== 'object' ||
        node === null ||
        !Object.hasOwn(node, key)
      ) {
        return undefined;
      }
      node = (node as Schema)[key];
    }
    return node;
  }

  #union(values: unknown[], print: (value: unknown) => string): string {
    const parts = new Set(values.slice(0, MAX_ENUM).map(print));
    if (values.length > MAX_ENUM) {
      parts.add('unknown /* more */');
    }
    return [...parts].join(' | ') || 'unknown';
  }

  #literal(value: unknown): string {
    if (typeof value === 'string') {
      this.#characters += value.length;
      return value.length > 100 ? 'string' : JSON.stringify(value);
    }
    return typeof value === 'object' && value !== null
      ? 'unknown'
      : String(value);
  }
}

/**
 * A tool as one line of TypeScript: `codemode.name(args: { id: number; tag?:
 * string }): Promise<unknown>`. Schemas are read for as long as they are
 * small: what is deeper, longer or refers to itself becomes `unknown`.
 *
 * @param namespace - of the global with the tools
 */
export function toolSignature(
  tool: ToolDefinition,
  namespace = DEFAULT_NAMESPACE,
): string {
  const args = new SchemaPrinter(tool.inputSchema).print();
  const result = tool.outputSchema
    ? new SchemaPrinter(tool.outputSchema).print()
    : 'unknown';
  if (!isCallable(tool.name)) {
    return `${tool.name} ${args}`;
  }
  const parameter = args === '{}' ? '' : `args: ${args}`;
  return `${namespace}.${tool.name}(${parameter}): Promise<${result}>`;
}
