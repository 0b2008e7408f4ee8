import {
  ProtocolError,
  ProtocolErrorCode,
  Result,
  SdkError,
  SdkErrorCode,
} from '@modelcontextprotocol/client';
import { isError, NotAllowedError } from '@backstage/errors';
import { isRecord } from '../../json/isRecord';
import type { Fetch, Refusal } from '../../upstreams/BoundedFetch';
import type { ApiOperation, ApiSpecification } from '../specification';
import { missingScopes } from './missingScopes';
import { outgoingRequest, OutgoingRequest } from './ApiRequest';
import { withoutCredential } from './withoutCredential';

/** Statuses with which something in front of an API says that it is not there. */
const AWAY = new Set([502, 503, 504]);

/** What is told of an answer's headers: nothing that could be a credential. */
const TOLD_HEADER =
  /^(content-type|link|location|etag|last-modified|retry-after|deprecation|sunset|x-total(-count|-pages)?|x-(next|prev)-page|x-page|x-per-page|(x-)?ratelimit-[a-z-]+)$/;

/** What an exchange with an API is made with. */
export interface ApiExchangeOptions {
  api: ApiSpecification;
  /** That an approver approved. */
  baseUrl: string;
  /** That carry the credential. */
  headers: Record<string, string>;
  /** By the user whose credential it is; undefined when nobody said. */
  grantedScopes: readonly string[] | undefined;
  /** Where the user can grant more. */
  connectUrl: string;
  fetch: Fetch;
  maxBytes: number;
  /** Of the portal. */
  version: string;
}

/** The request whose answer is waited for. */
export interface ApiCall {
  method: string;
  params: Record<string, unknown>;
  /** Of the operation, as it was approved. */
  toolDefinition?: Record<string, unknown>;
  signal: AbortSignal;
  /** For the whole answer. */
  timeoutMs: number;
}

/** One request to an API, in place of an exchange with an MCP server. */
export class ApiExchange {
  readonly #options: ApiExchangeOptions;
  readonly #call: ApiCall;
  /** Whether the API sent more than is taken. */
  tooLarge = false;
  /** An answer that is none to the request. */
  refusal: Refusal | undefined;

  constructor(options: ApiExchangeOptions, call: ApiCall) {
    this.#options = options;
    this.#call = call;
  }

  /**
   * Sends it. What the API answers with, errors as well, is a result: status,
   * headers and body as structured content. Redirects are not followed.
   *
   * @throws ProtocolError when it is no request of an operation
   */
  async send(): Promise<Result> {
    const request = this.#request();
    const { signal, timeoutMs } = this.#call;
    const end = AbortSignal.timeout(timeoutMs);
    try {
      const response = await this.#options.fetch(request.url, {
        method: request.method,
        headers: {
          'user-agent': `prompt-corner/${this.#options.version}`,
          ...request.headers,
          ...this.#options.headers,
        },
        body: request.body,
        redirect: 'manual',
        signal: AbortSignal.any([signal, end]),
        maxBytes: this.#options.maxBytes,
        onTooLarge: () => {
          this.tooLarge = true;
        },
      });
      this.#assertAnswers(response);
      const hide = (text: string) =>
        withoutCredential(text, this.#options.headers);
      return resultOf(response, await response.text(), hide);
    } catch (error) {
      signal.throwIfAborted();
      throw end.aborted
        ? new SdkError(SdkErrorCode.RequestTimeout, 'The API did not answer')
        : error;
    }
  }

  #request(): OutgoingRequest {
    const { method, params, toolDefinition } = this.#call;
    const { api, baseUrl } = this.#options;
    const operation = api.operations.get(String(params.name));
    if (method !== 'tools/call' || !operation) {
      throw new ProtocolError(
        ProtocolErrorCode.MethodNotFound,
        'The API has no such operation',
      );
    }
    if (operation.contentDigest !== toolDefinition?.contentDigest) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidRequest,
        `${operation.key} has changed since it was approved, and waits for an approver`,
      );
    }
    this.#assertGranted(operation);
    const args = isRecord(params.arguments) ? params.arguments : {};
    try {
      return outgoingRequest(api, operation, args, baseUrl);
    } catch (error) {
      // URIError: of half a surrogate pair. It is no failure of the API.
      throw isError(error) && ['InputError', 'URIError'].includes(error.name)
        ? new ProtocolError(ProtocolErrorCode.InvalidParams, error.message)
        : error;
    }
  }

  /** @throws NotAllowedError when the user did not let the portal do this */
  #assertGranted(operation: ApiOperation): void {
    const { grantedScopes, connectUrl } = this.#options;
    const missing = grantedScopes
      ? missingScopes(operation, grantedScopes)
      : [];
    if (missing.length) {
      throw new NotAllowedError(
        `${operation.key} needs ${missing
          .map(scope => `the scope "${scope}"`)
          .join(
            ' and ',
          )}, which the user has not granted. The user can grant it at ${connectUrl}`,
      );
    }
  }

  /** @throws Error when the credential was not accepted, or there is no API */
  #assertAnswers({ status, headers }: Response): void {
    const challenge = headers.get('www-authenticate') ?? undefined;
    if (
      status === 401 ||
      (status === 403 && challenge !== undefined) ||
      AWAY.has(status)
    ) {
      this.refusal = {
        status,
        challenge,
        retryAfter: headers.get('retry-after') ?? undefined,
      };
      throw new Error(`HTTP status ${status}`);
    }
  }
}

function resultOf(
  response: Response,
  text: string,
  hide: (text: string) => string,
): Result {
  const { status } = response;
  const headers = Object.fromEntries(
    [...response.headers]
      .filter(([name]) => TOLD_HEADER.test(name))
      .map(([name, value]) => [name, hide(value)]),
  );
  return {
    content: [{ type: 'text', text: `HTTP status ${status}` }],
    structuredContent: { status, headers, body: bodyOf(headers, hide(text)) },
    isError: status >= 300,
  };
}

/** JSON as a value, other text as it is; of anything else only how much it is. */
function bodyOf(headers: Record<string, string>, text: string): unknown {
  const type = headers['content-type'] ?? '';
  if (text === '') {
    return null;
  }
  if (/[/+]json\b/i.test(type)) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return /^text\/|[/+](xml|yaml)\b/i.test(type) || type === ''
    ? text
    : `[${type}: ${text.length} characters that are no text]`;
}
