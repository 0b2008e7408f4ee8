import type { DocumentNode } from '../document/JsonDocument';
import type { Post, Read } from '../engine/Engine';

/** What the host gives the bootstrap script: a message, or the snippet's function. */
type Receive = (kind: string, id: number, value: string | Snippet) => void;
type Snippet = () => unknown;

/** First message: what the sandbox must know before the snippet runs. */
export interface StartMessage {
  /** Four 32-bit numbers from which `Math.random` follows. */
  seed: number[];
  calls: number;
  callsInFlight: number;
  argumentBytes: number;
  resultCharacters: number;
  logBytes: number;
  logLines: number;
  lookups: number;
  sleeps: number;
  sleepTotalMs: number;
  /** Of the global with the tools. */
  namespace: string;
  /** Of the global with the document, if there is one. */
  document?: string;
  /** Objects and arrays of the document that are written out at once. */
  documentNodes: number;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  isCall: boolean;
}

/**
 * The script that runs in a sandbox before the snippet, and gives it all that
 * it has beyond the language: `codemode`, `console`, `sleep`, `setTimeout`, a
 * document and a `Math.random` that can be replayed.
 *
 * Its source is sent into the engine, so it refers to nothing outside itself.
 * It uses only what it captured before the snippet could change it. Nothing
 * here protects the host, which counts and checks everything again.
 */
export function bootstrap(post: Post, read: Read): Receive {
  'use strict';

  const { parse, stringify } = JSON;
  const { create, defineProperty, freeze } = Object;
  const { apply } = Reflect;
  const { floor, max } = Math;
  const CapturedPromise = Promise;
  const CapturedError = Error;
  const CapturedTypeError = TypeError;
  const CapturedString = String;
  const CapturedNumber = Number;
  const CapturedProxy = Proxy;
  const now = Date.now;
  const isFinite = Number.isFinite;
  const isArray = Array.isArray;
  const then = Promise.prototype.then;
  const slice = String.prototype.slice;
  const charCodeAt = String.prototype.charCodeAt;
  const weakGet = WeakMap.prototype.get;
  const weakSet = WeakMap.prototype.set;
  const keys = Object.keys;
  const objectPrototype = Object.prototype;

  const ERROR_CHARACTERS = 4000;
  const limitErrors = new WeakMap<object, string>();
  const pending: Record<number, Pending> = create(null);
  const waiting: Record<number, [number, string, string]> = create(null);
  const cancelledTimers: Record<number, boolean> = create(null);
  let limits: StartMessage;
  let operations = 0;
  let calls = 0;
  let inFlight = 0;
  let firstWaiting = 0;
  let lastWaiting = 0;
  let lookups = 0;
  let sleeps = 0;
  let sleptMs = 0;
  let logBytes = 0;
  let logLines = 0;
  let logsCut = false;
  let startedAt = 0;

  const cut = (text: string, length: number): string =>
    text.length > length ? apply(slice, text, [0, length]) : text;

  function limitError(limit: string, message: string): Error {
    const error = new CapturedError(message);
    defineProperty(error, 'name', { value: 'LimitError' });
    apply(weakSet, limitErrors, [error, limit]);
    return error;
  }

  function operate(kind: string, send: (id: number) => void): Promise<unknown> {
    operations += 1;
    const id = operations;
    return new CapturedPromise((resolve, reject) => {
      pending[id] = { resolve, reject, isCall: kind === 'call' };
      send(id);
    });
  }

  function startWaitingCalls() {
    while (firstWaiting < lastWaiting && inFlight < limits.callsInFlight) {
      const call = waiting[firstWaiting];
      delete waiting[firstWaiting];
      firstWaiting += 1;
      inFlight += 1;
      post('call', call[0], call[1], call[2]);
    }
  }

  function callTool(name: string, args: unknown): Promise<unknown> {
    if (calls >= limits.calls) {
      throw limitError(
        'calls',
        `A snippet may call tools ${limits.calls} times`,
      );
    }
    const text = stringify(args === undefined ? {} : args);
    if (typeof text !== 'string' || text[0] !== '{') {
      throw new CapturedTypeError(
        `${limits.namespace}.${name} takes one object with named arguments`,
      );
    }
    if (text.length > limits.argumentBytes) {
      throw limitError(
        'argumentBytes',
        `Arguments of ${name} are longer than ${limits.argumentBytes} bytes`,
      );
    }
    calls += 1;
    return operate('call', id => {
      waiting[lastWaiting] = [id, name, text];
      lastWaiting += 1;
      startWaitingCalls();
    });
  }

  function lookUp(kind: string, request: string): Promise<unknown> {
    lookups += 1;
    if (lookups > limits.lookups) {
      throw limitError(
        'lookups',
        `A snippet may ask for tools, types and searches ${limits.lookups} times`,
      );
    }
    return operate('lookup', id => post('lookup', id, kind, request));
  }

  function sleepOperation(ms: unknown): { id: number; done: Promise<unknown> } {
    const wanted = CapturedNumber(ms);
    const duration = isFinite(wanted) ? max(0, floor(wanted)) : 0;
    sleeps += 1;
    sleptMs += duration;
    if (sleeps > limits.sleeps || sleptMs > limits.sleepTotalMs) {
      throw limitError(
        'sleep',
        `A snippet may sleep ${limits.sleeps} times and ${limits.sleepTotalMs} ms in all`,
      );
    }
    const done = operate('sleep', id =>
      post('sleep', id, CapturedString(duration), ''),
    );
    return { id: operations, done };
  }

  function describeValue(value: unknown): string {
    if (typeof value === 'string') {
      return value;
    }
    if (typeof value === 'object' && value !== null) {
      const error = value as { name?: unknown; message?: unknown };
      if (value instanceof CapturedError) {
        return `${CapturedString(error.name)}: ${CapturedString(
          error.message,
        )}`;
      }
      try {
        const text = stringify(value);
        return typeof text === 'string' ? text : CapturedString(value);
      } catch {
        return '[object]';
      }
    }
    return CapturedString(value);
  }

  function log(level: string, values: unknown[]) {
    if (logsCut) {
      return;
    }
    let line = '';
    for (let index = 0; index < values.length; index += 1) {
      line += index > 0 ? ' ' : '';
      line += cut(describeValue(values[index]), limits.logBytes);
      line = cut(line, limits.logBytes);
    }
    const room = limits.logBytes - logBytes;
    logLines += 1;
    const bytes = utf8Length(line);
    if (bytes > room || logLines > limits.logLines) {
      logsCut = true;
      line = cut(line, floor(room / 3));
      post('log', 0, level, `${line}… [logs end here: limit reached]`);
      return;
    }
    logBytes += bytes;
    post('log', 0, level, line);
  }

  function utf8Length(text: string): number {
    let bytes = 0;
    for (let index = 0; index < text.length; index += 1) {
      const code: number = apply(charCodeAt, text, [index]);
      if (code < 0x80) {
        bytes += 1;
      } else {
        bytes += code < 0x800 ? 2 : 3;
      }
    }
    return bytes;
  }

  function readString(value: any, key: string, length: number): string {
    try {
      const text = value[key];
      return typeof text === 'string' ? cut(text, length) : '';
    } catch {
      return '';
    }
  }

  function fail(thrown: unknown) {
    const isObject = typeof thrown === 'object' && thrown !== null;
    let message = '';
    try {
      message = isObject
        ? readString(thrown, 'message', ERROR_CHARACTERS) ||
          describeValue(thrown)
        : CapturedString(thrown);
    } catch {
      message = 'something that cannot be shown was thrown';
    }
    const report = create(null);
    report.name = (isObject && readString(thrown, 'name', 100)) || 'Error';
    report.message = cut(message, ERROR_CHARACTERS);
    report.stack = isObject
      ? readString(thrown, 'stack', ERROR_CHARACTERS)
      : '';
    if (isObject) {
      report.limit = apply(weakGet, limitErrors, [thrown]);
    }
    post('failed', 0, stringify(report), '');
  }

  function finish(value: unknown) {
    let text;
    try {
      text = stringify(value === undefined ? null : value);
      if (text === undefined) {
        throw new CapturedTypeError(
          `The result is a ${typeof value}; return JSON values`,
        );
      }
      if (text.length > limits.resultCharacters) {
        throw limitError(
          'output',
          `The result has ${text.length} characters of JSON; return less`,
        );
      }
    } catch (error) {
      fail(error);
      return;
    }
    post('done', 0, text, '');
  }

  function run(snippet: Snippet) {
    try {
      apply(then, CapturedPromise.resolve(apply(snippet, undefined, [])), [
        finish,
        fail,
      ]);
    } catch (error) {
      fail(error);
    }
  }

  function settle(id: number): Pending | undefined {
    const operation = pending[id];
    delete pending[id];
    if (operation && operation.isCall) {
      inFlight -= 1;
    }
    return operation;
  }

  // https://pracrand.sourceforge.net (sfc32): small, fast and good enough for snippets.
  function seedRandom(seed: number[]) {
    let [a, b, c, counter] = seed;
    Math.random = function random() {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return (sum >>> 0) / 4294967296;
    };
  }

  // What code has looked at of the document, by pointer: plain objects and
  // arrays, whose members that are objects or arrays are read when asked for.
  const viewed: Record<string, unknown> = create(null);
  const pointerOf = new WeakMap<object, string>();
  const viewPrototype = create(objectPrototype);
  const toJson = create(null);

  function define(target: object, key: string, how: 'value' | 'get', to: any) {
    const descriptor = create(null);
    descriptor[how] = to;
    descriptor.enumerable = true;
    defineProperty(target, key, descriptor);
  }

  function view(pointer: string): unknown {
    if (pointer in viewed) {
      return viewed[pointer];
    }
    const node: DocumentNode = parse(read(pointer));
    if ('error' in node) {
      throw new CapturedError(node.error);
    }
    if ('value' in node) {
      return node.value;
    }
    if (!(node.pointer in viewed)) {
      viewed[node.pointer] = show(node);
    }
    viewed[pointer] = viewed[node.pointer];
    return viewed[pointer];
  }

  function show(node: Extract<DocumentNode, { members: unknown }>): object {
    const { isList, members } = node;
    const shown = isList ? [] : create(viewPrototype);
    apply(weakSet, pointerOf, [shown, node.pointer]);
    for (let index = 0; index < members.length; index += 1) {
      const member = members[index];
      const at = member[2];
      if (at === undefined) {
        define(shown, member[0], 'value', member[1]);
      } else {
        define(shown, member[0], 'get', () => view(at));
      }
    }
    if (isList) {
      defineProperty(shown, 'toJSON', toJson);
    }
    return freeze(shown);
  }

  // Written out, parts of the document are trees: what refers back to what is
  // around it is marked.
  function toPlain(this: object): unknown {
    const around: object[] = [];
    let nodes = 0;
    function plain(value: any): unknown {
      const pointer =
        typeof value === 'object' && value !== null
          ? apply(weakGet, pointerOf, [value])
          : undefined;
      if (pointer === undefined) {
        return value;
      }
      for (let index = 0; index < around.length; index += 1) {
        if (around[index] === value) {
          const marker = create(null);
          marker.$circular = `#${pointer}`;
          return marker;
        }
      }
      const copy = isArray(value) ? [] : create(null);
      nodes += 1;
      if (nodes > limits.documentNodes) {
        throw limitError(
          'documentNodes',
          `More than ${limits.documentNodes} objects of the document at once; take what is needed`,
        );
      }
      around[around.length] = value;
      const names = keys(value);
      for (let index = 0; index < names.length; index += 1) {
        define(copy, names[index], 'value', plain(value[names[index]]));
      }
      around.length -= 1;
      return copy;
    }
    return plain(this);
  }
  toJson.value = toPlain;
  defineProperty(viewPrototype, 'toJSON', toJson);
  freeze(viewPrototype);

  const helpers: Record<string, unknown> = create(null);
  helpers.tools = async function tools() {
    return lookUp('tools', '');
  };
  helpers.search = async function search(query: unknown, options: any) {
    const request = create(null);
    request.query = cut(CapturedString(query), 1000);
    request.limit = options?.limit;
    request.server = options?.server;
    return lookUp('search', cut(stringify(request), 4000));
  };
  helpers.types = async function types(names: unknown) {
    const list = isArray(names) ? names : [names];
    return lookUp('types', stringify(list));
  };

  const codemode = new CapturedProxy(freeze(create(null)), {
    get(_target, name) {
      // `then` is asked by `await codemode`, symbols by whatever prints or spreads it.
      if (typeof name !== 'string' || name === 'then' || name === 'toJSON') {
        return undefined;
      }
      if (helpers[name]) {
        return helpers[name];
      }
      return async function tool(args: unknown) {
        return callTool(name, args);
      };
    },
  });
  freeze(helpers);

  function start(text: string) {
    limits = parse(text);
    seedRandom(limits.seed);
    startedAt = now();
    defineProperty(globalThis, limits.namespace, { value: codemode });
    if (limits.document !== undefined) {
      defineProperty(globalThis, limits.document, { get: () => view('') });
    }
  }

  function expose(name: string, value: unknown) {
    defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
  const consoleObject: Record<string, unknown> = {};
  for (const level of ['log', 'info', 'debug', 'warn', 'error']) {
    consoleObject[level] = (...values: unknown[]) => log(level, values);
  }
  expose('console', consoleObject);
  expose('sleep', async (ms: unknown) => {
    await sleepOperation(ms).done;
  });
  expose(
    'setTimeout',
    (
      callback: (...args: unknown[]) => void,
      ms: unknown,
      ...args: unknown[]
    ) => {
      const { id, done } = sleepOperation(ms);
      apply(then, done, [
        () => cancelledTimers[id] || apply(callback, undefined, args),
      ]);
      return id;
    },
  );
  expose('clearTimeout', (id: number) => {
    cancelledTimers[id] = true;
  });
  expose('performance', { now: () => now() - startedAt });

  return function receive(kind, id, value) {
    if (kind === 'run') {
      run(value as Snippet);
      return;
    }
    if (kind === 'start') {
      start(value as string);
      return;
    }
    const operation = settle(id);
    if (!operation) {
      return;
    }
    if (kind === 'result') {
      operation.resolve(value === '' ? undefined : parse(value as string));
    } else {
      const { name, message, limit } = parse(value as string);
      const error = limit
        ? limitError(limit, message)
        : new CapturedError(message);
      if (!limit && name !== 'Error') {
        defineProperty(error, 'name', { value: name });
      }
      operation.reject(error);
    }
    startWaitingCalls();
  };
}
