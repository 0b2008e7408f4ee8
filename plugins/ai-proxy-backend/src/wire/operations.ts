import {
  API_NAMES,
  ApiName,
  WireFormat,
} from '@prompt-corner/plugin-ai-proxy-common';
import type { Operation, StoredKind } from './Operation';

/** Ids of files, batches and responses; nothing that could lead to another path. */
const ID = '([A-Za-z0-9_-][A-Za-z0-9_.:=-]{0,255})';
/** Names of models in paths, such as `gemini-3-pro` and `tunedModels/mine`. */
const MODEL = '([A-Za-z0-9_-][A-Za-z0-9_.@-]{0,255})';

/** What servers may understand as another path. */
const LEADS_ELSEWHERE = /\/\.{0,2}(?:\/|$)|%2e|%2f|%5c|\\|;/i;

type Kinds = Operation extends infer Each
  ? Each extends Operation
    ? Omit<Each, 'api' | 'path' | 'name'>
    : never
  : never;

interface Route {
  methods: string[];
  path: RegExp;
  name: string;
  make: (match: RegExpExecArray, method: string) => Kinds;
}

function route(
  methods: string,
  path: string,
  name: string,
  make: Route['make'],
): Route {
  return {
    methods: methods.split(' '),
    path: new RegExp(`^${path}$`),
    name,
    make,
  };
}

function asks(path: string, format: WireFormat): Route {
  return route('POST', path, format, () => ({ kind: 'inference', format }));
}

function counts(path: string, format: WireFormat): Route {
  return route('POST', path, 'count-tokens', () => ({ kind: 'count', format }));
}

function models(path: string, name: string): Route[] {
  return [
    route('GET HEAD', path, name, () => ({ kind: 'models' })),
    route('GET HEAD', `${path}/(.+)`, name, ([, model]) => ({
      kind: 'models',
      model,
    })),
  ];
}

/** Making, listing, reading, changing and deleting what a provider keeps. */
function stored(
  path: string,
  stores: StoredKind,
  options: {
    name: string;
    below?: string;
    create?: boolean;
    list?: boolean;
    methods?: string;
  },
): Route[] {
  const { name, below = '', create = true, list = true } = options;
  const { methods = 'GET POST DELETE' } = options;
  const item = (match: RegExpExecArray, method: string): Kinds => ({
    kind: 'stored',
    stores,
    id: match[1],
    deletes: method === 'DELETE' && match[2] === undefined,
  });
  return [
    ...(create
      ? [route('POST', path, name, () => ({ kind: 'create', stores }))]
      : []),
    ...(list
      ? [route('GET', path, name, () => ({ kind: 'list', stores }))]
      : []),
    route(methods, `${path}/${ID}(${below})?`, name, item),
  ];
}

const ANTHROPIC: Route[] = [
  asks('/messages', 'anthropic-messages'),
  counts('/messages/count_tokens', 'anthropic-messages'),
  ...models('/models', 'models'),
  ...stored('/messages/batches', 'batch', {
    name: 'batches',
    below: '/results|/cancel',
  }),
  ...stored('/files', 'file', { name: 'files', below: '/content' }),
];

const OPENAI: Route[] = [
  asks('/chat/completions', 'openai-chat'),
  asks('/responses', 'openai-responses'),
  asks('/completions', 'openai-completions'),
  asks('/embeddings', 'openai-embeddings'),
  counts('/responses/input_tokens', 'openai-responses'),
  // Only those that were kept before the proxy forbade it, or where it does not.
  ...stored('/responses', 'response', {
    name: 'responses',
    below: '/cancel|/input_items',
    create: false,
    list: false,
  }),
  ...models('/models', 'models'),
  ...stored('/files', 'file', { name: 'files', below: '/content' }),
  ...stored('/uploads', 'upload', {
    name: 'uploads',
    below: '/parts|/complete|/cancel',
    list: false,
  }),
  ...stored('/batches', 'batch', { name: 'batches', below: '/cancel' }),
];

const COMPAT: Route[] = [
  asks('/chat/completions', 'openai-chat'),
  asks('/completions', 'openai-completions'),
  asks('/embeddings', 'openai-embeddings'),
  asks('/responses', 'openai-responses'),
  ...models('/models', 'models'),
];

function inPath(
  action: string,
  make: (found: { model: string; streaming: boolean }) => Kinds,
  name: string,
): Route {
  return route(
    'POST',
    `/models/${MODEL}:(${action})`,
    name,
    ([, model, called]) =>
      make({ model, streaming: called.startsWith('stream') }),
  );
}

/** In Gemini's API, the version is not in front here. */
const GOOGLE_UPLOADS = '/upload/v1beta/files';

const GOOGLE: Route[] = [
  inPath(
    'generateContent|streamGenerateContent',
    found => ({ kind: 'inference', format: 'google-generate', inPath: found }),
    'google-generate',
  ),
  inPath(
    'embedContent|batchEmbedContents',
    found => ({ kind: 'inference', format: 'google-embed', inPath: found }),
    'google-embed',
  ),
  inPath(
    'countTokens',
    found => ({ kind: 'count', format: 'google-generate', inPath: found }),
    'count-tokens',
  ),
  ...models('/models', 'models'),
  ...stored('/files', 'file', { name: 'files', create: false }),
  route('POST', GOOGLE_UPLOADS, 'files', () => ({
    kind: 'create',
    stores: 'upload',
  })),
  ...stored('/cachedContents', 'cache', {
    name: 'caches',
    methods: 'GET PATCH DELETE',
  }),
];

/** What each API has, below the version in its path. */
const ROUTES: Record<ApiName, { version: RegExp; routes: Route[] }> = {
  anthropic: { version: /^\/v1(?=\/)/, routes: ANTHROPIC },
  // Clients differ in whether the version is a part of their base URL.
  openai: { version: /^(?:\/v1)?(?=\/)/, routes: OPENAI },
  // The SDK asks version 1 by default; all of it is in the beta.
  'google-ai-studio': {
    version: /^\/v1(?:beta)?(?=\/)|^(?=\/upload\/v1beta\/)/,
    routes: GOOGLE,
  },
  compat: { version: /^(?:\/v1)?(?=\/)/, routes: COMPAT },
};

/**
 * The API whose path begins a path below the proxy.
 *
 * @param path - such as `/anthropic/v1/messages`
 * @returns the API, and the rest of the path, such as `/v1/messages`; undefined when there is none
 */
export function apiOf(
  path: string,
): { api: ApiName; rest: string } | undefined {
  const end = path.indexOf('/', 1);
  const name = end < 0 ? path.slice(1) : path.slice(1, end);
  const api = API_NAMES.find(candidate => candidate === name);
  return api && { api, rest: end < 0 ? '/' : path.slice(end) };
}

/**
 * What a request asks of a provider.
 *
 * @param rest - of the path, behind that of the API; without query
 * @param further - what an administrator allows besides
 * @returns undefined for what nobody allows
 */
export function operationOf(
  api: ApiName,
  method: string,
  rest: string,
  further: ReadonlyArray<FurtherRoute> = [],
): Operation | undefined {
  const { version, routes } = ROUTES[api];
  if (!version.test(rest)) {
    return undefined;
  }
  const path = rest.replace(version, '');
  for (const candidate of routes) {
    const match = candidate.methods.includes(method)
      ? candidate.path.exec(path)
      : null;
    if (match) {
      return {
        api,
        name: candidate.name,
        path,
        ...candidate.make(match, method),
      } as Operation;
    }
  }
  const allowed =
    !LEADS_ELSEWHERE.test(path) &&
    further.some(
      item => item.api === api && item.method === method && item.matches(path),
    );
  return allowed ? { api, name: 'other', path, kind: 'other' } : undefined;
}

/** A route of a provider that an administrator allows besides the known ones. */
export interface FurtherRoute {
  api: ApiName;
  method: string;
  /** Whether it is this path, below the version. */
  matches(path: string): boolean;
}
