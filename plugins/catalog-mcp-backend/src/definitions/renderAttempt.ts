import type { JsonValue } from '@backstage/types';
import { KeyCache, jsonSize } from './jsonSize';
import { MAX_DETAIL_CHARACTERS, MAX_ID_CHARACTERS } from './limits';
import { DocumentObject, isObject } from './parseDocument';
import {
  isLocalReference,
  LocatedValue,
  pointerTo,
  referenceOf,
  resolvePointer,
} from './pointer';
import type { RenderLimits } from './renderLimits';
import { clip } from './text';
import {
  ANNOTATION_KEYS,
  DATA_KEYS,
  EXAMPLE_KEYS,
  NAME_KEYS,
} from './vocabulary';

/** Examples longer than this, characters of JSON, are dropped. */
const MAX_EXAMPLE_CHARACTERS = 300;

/** A container shorter than this, characters of JSON, is shown even where depth is cut: naming it would be as long. */
const MAX_SMALL_CHARACTERS = 120;

interface Position {
  pointer?: string;
  depth: number;
  references: number;
  /** The keys here are names that the author chose. */
  names: boolean;
  /** This is data, not part of the definition. */
  data: boolean;
}

const START: Position = { depth: 0, references: 0, names: false, data: false };

/**
 * One attempt at rendering a value within given limits; see `renderResolved` for the rules. Once it `fits` no more, the rest is
 * skipped, so a failed attempt costs no more than a successful one.
 */
export class RenderAttempt {
  private remaining = MAX_DETAIL_CHARACTERS;
  private readonly ancestors = new Set<object>();
  private omittedPointer?: string;
  private omitted = false;
  private shortened = false;

  constructor(
    private readonly document: DocumentObject,
    private readonly limits: RenderLimits,
    private readonly keys: KeyCache,
  ) {}

  /** Whether all that was rendered so far is within `MAX_DETAIL_CHARACTERS`. */
  get fits(): boolean {
    return this.remaining >= 0;
  }

  /** Renders a value; call it once, then ask whether it `fits`. */
  render(value: unknown, position: Position = START): JsonValue {
    if (!this.fits) {
      return null;
    }
    if (value instanceof LocatedValue) {
      return this.render(value.value, { ...position, pointer: value.pointer });
    }
    if (typeof value === 'object' && value !== null) {
      return this.renderContainer(value, position);
    }
    return this.renderScalar(value);
  }

  /** Says what was cut and how to get it; `undefined` when nothing was. */
  explainCuts(): string | undefined {
    const cuts: string[] = [];
    if (this.omitted) {
      const example = this.omittedPointer
        ? ` by its pointer, for example "${this.omittedPointer}"`
        : ' by its pointer';
      cuts.push(
        `What is marked "omitted" was left out to keep the answer short; ask for it${example}.`,
      );
    }
    if (this.shortened) {
      cuts.push('Texts and names that end in "…" were shortened.');
    }
    return cuts.length ? cuts.join(' ') : undefined;
  }

  private renderScalar(value: unknown): JsonValue {
    const scalar = this.scalarOf(value);
    const tooLong =
      typeof scalar === 'string' && scalar.length > this.remaining;
    this.charge(tooLong ? scalar.length : JSON.stringify(scalar).length);
    return scalar;
  }

  private scalarOf(value: unknown): string | number | boolean | null {
    switch (typeof value) {
      case 'string':
        return this.shorten(value, this.limits.textCharacters);
      case 'number':
        // YAML has .inf and .nan, JSON has not.
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
        return value;
      default:
        return null;
    }
  }

  private renderContainer(container: object, position: Position): JsonValue {
    if (this.ancestors.has(container)) {
      return this.mark({ cycle: true }, position.pointer);
    }
    const reference = position.data ? undefined : referenceOf(container);
    if (reference !== undefined && isLocalReference(reference)) {
      return this.renderReference(container, reference, position);
    }
    if (position.depth >= this.limits.depth && !this.isSmall(container)) {
      return this.markOmitted(position.pointer);
    }
    this.ancestors.add(container);
    const rendered = Array.isArray(container)
      ? this.renderList(container, position)
      : this.renderEntries(container, this.keys.of(container), position);
    this.ancestors.delete(container);
    return rendered;
  }

  private renderReference(
    container: object,
    reference: string,
    position: Position,
  ): JsonValue {
    const target = resolvePointer(this.document, reference);
    if (target === undefined) {
      return this.mark({ unresolved: true }, reference);
    }
    if (typeof target === 'object' && this.ancestors.has(target as object)) {
      return this.mark({ cycle: true }, reference);
    }
    if (
      (position.references >= this.limits.references ||
        position.depth >= this.limits.depth) &&
      !this.isSmall(target)
    ) {
      return this.markOmitted(reference);
    }
    this.ancestors.add(container);
    const resolved = this.render(target, {
      ...position,
      pointer: reference,
      depth: position.depth + 1,
      references: position.references + 1,
    });
    const siblings = this.renderEntries(
      container,
      this.keys.of(container).filter(key => key !== '$ref'),
      { ...position, depth: position.depth + 1 },
    );
    this.ancestors.delete(container);
    return this.joinSiblings(reference, resolved, siblings);
  }

  private joinSiblings(
    reference: string,
    resolved: JsonValue,
    siblings: Record<string, JsonValue>,
  ): JsonValue {
    if (!isObject(resolved)) {
      return resolved;
    }
    if (referenceOf(resolved) !== undefined) {
      return { ...resolved, ...siblings } as JsonValue;
    }
    this.charge(JSON.stringify(reference).length + 9);
    const named = resolved['x-ref']
      ? resolved
      : { 'x-ref': reference, ...resolved };
    const collides = Object.keys(siblings).some(
      key => Object.hasOwn(resolved, key) && !ANNOTATION_KEYS.has(key),
    );
    if (!collides) {
      return { ...named, ...siblings } as JsonValue;
    }
    // JSON Schema 2020-12: both the target and what stands beside the reference apply.
    this.charge(20);
    const others = Array.isArray(siblings.allOf) ? siblings.allOf : [];
    return { ...siblings, allOf: [named, ...others] } as JsonValue;
  }

  private renderList(list: unknown[], position: Position): JsonValue[] {
    this.charge(2);
    const rendered: JsonValue[] = [];
    for (let index = 0; index < list.length && this.fits; index++) {
      if (index >= this.limits.entries) {
        this.charge(1);
        rendered.push(this.markOmitted(position.pointer, list.length - index));
        break;
      }
      this.charge(1);
      rendered.push(this.render(list[index], this.inside(position, index)));
    }
    return rendered;
  }

  private renderEntries(
    container: object,
    keys: string[],
    position: Position,
  ): Record<string, JsonValue> {
    this.charge(2);
    const rendered: [string, JsonValue][] = [];
    for (const [index, key] of keys.entries()) {
      if (!this.fits) {
        break;
      }
      if (index >= this.limits.entries) {
        this.charge(13);
        rendered.push([
          'x-omitted',
          this.markOmitted(position.pointer, keys.length - index),
        ]);
        break;
      }
      const value = (container as Record<string, unknown>)[key];
      if (isMissing(value) || this.isLargeExample(key, value, position)) {
        continue;
      }
      const name = this.shorten(key, MAX_ID_CHARACTERS);
      this.charge(JSON.stringify(name).length + 2);
      rendered.push([name, this.render(value, this.inside(position, key))]);
    }
    // fromEntries and not assignment: names are the author's.
    return Object.fromEntries(rendered);
  }

  private inside(position: Position, key: string | number): Position {
    const names = typeof key === 'string' && !position.names;
    return {
      pointer:
        position.pointer === undefined
          ? undefined
          : pointerTo(position.pointer, key),
      depth: position.depth + 1,
      references: position.references,
      names: names && NAME_KEYS.has(key),
      data: position.data || (names && DATA_KEYS.has(key)),
    };
  }

  private isLargeExample(
    key: string,
    value: unknown,
    position: Position,
  ): boolean {
    return (
      !position.names &&
      EXAMPLE_KEYS.has(key) &&
      jsonSize(value, MAX_EXAMPLE_CHARACTERS, this.keys) === Infinity
    );
  }

  private isSmall(value: unknown): boolean {
    return jsonSize(value, MAX_SMALL_CHARACTERS, this.keys) !== Infinity;
  }

  private markOmitted(pointer?: string, entries?: number): JsonValue {
    this.omitted = true;
    if (pointer && pointer.length <= MAX_ID_CHARACTERS) {
      this.omittedPointer ??= pointer;
    }
    return this.mark(
      entries === undefined ? { omitted: true } : { omitted: true, entries },
      pointer,
    );
  }

  private mark(
    mark: Record<string, boolean | number>,
    pointer: string | undefined,
  ): JsonValue {
    // A longer pointer could not be asked for.
    const marker =
      pointer === undefined || pointer.length > MAX_ID_CHARACTERS
        ? mark
        : { $ref: pointer, ...mark };
    this.charge(JSON.stringify(marker).length);
    return marker;
  }

  private shorten(text: string, maxCharacters: number): string {
    if (text.length <= maxCharacters) {
      return text;
    }
    this.shortened = true;
    return clip(text, maxCharacters);
  }

  private charge(characters: number): void {
    this.remaining -= characters;
  }
}

function isMissing(value: unknown): boolean {
  return (value instanceof LocatedValue ? value.value : value) === undefined;
}
