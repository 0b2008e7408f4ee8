import type { IncomingMessage } from 'node:http';
import { parseObject, readBody } from '../bodies';
import { notFound, Ownership } from '../ownership';
import type { Provider } from '../providers';
import { readWhole, Relay, Relayed, requestStream } from '../relay';
import type { Exchange } from '../requests';
import { fieldsOf, RefusedError } from '../wire';
import { DenyStored, permittedProviders, providerFor } from './actions';
import type { StoredLimits } from './config';
import type { ObjectCreation } from './ObjectCreation';

const PATH = '/files';

/** Uploads have a path of their own, in front of the version. */
const ABOVE = '/upload';

/** Of what describes a file. */
const MAX_PLAN_BYTES = 64 * 1024;

/** As long as ids that are written down can be. */
const UPLOAD_ID = /^[\w.~:=-]{1,512}$/;

/** What these headers say of an upload is for the provider. */
const HEADERS = [
  'x-goog-upload-protocol',
  'x-goog-upload-command',
  'x-goog-upload-offset',
  'x-goog-upload-header-content-length',
  'x-goog-upload-header-content-type',
];

/**
 * Uploads to Gemini's File API, by its resumable protocol (ai.google.dev/api/files).
 * The first request describes the file; the answer's header `x-goog-upload-url`
 * says where to send the content. Google's URL would lead past the proxy, and
 * nobody would know whose the file is: it becomes one of the proxy, for whoever
 * began the upload.
 */
export class GoogleUploads {
  readonly #relay: Relay;
  readonly #ownership: Ownership;
  readonly #creation: ObjectCreation;
  readonly #deny: DenyStored;
  readonly #limits: StoredLimits;
  readonly #externalUrl: string;

  constructor(options: {
    relay: Relay;
    ownership: Ownership;
    creation: ObjectCreation;
    deny: DenyStored;
    limits: StoredLimits;
    /** Of the proxy, as clients know it. */
    externalUrl: string;
  }) {
    this.#relay = options.relay;
    this.#ownership = options.ownership;
    this.#creation = options.creation;
    this.#deny = options.deny;
    this.#limits = options.limits;
    this.#externalUrl = options.externalUrl.replace(/\/+$/, '');
  }

  /**
   * Begins an upload, or takes content of one.
   *
   * @throws RefusedError when it may not be sent, or is somebody else's
   */
  create(exchange: Exchange, providers: Provider[]): Promise<Relayed> {
    const id = new URLSearchParams(exchange.query).get('upload_id');
    return id === null
      ? this.#begin(exchange, providers)
      : this.#continue(exchange, providers, id);
  }

  async #begin(exchange: Exchange, providers: Provider[]): Promise<Relayed> {
    const { request } = exchange;
    const provider = providerFor(exchange, providers, 'file', this.#deny);
    if (request.headers['x-goog-upload-protocol'] !== 'resumable') {
      throw refused(
        'Files are taken by the resumable protocol only. Send X-Goog-Upload-Protocol: resumable, as the SDKs do',
      );
    }
    const body = await readBody(request, MAX_PLAN_BYTES);
    const { file } = body.length > 0 ? parseObject(body) : { file: {} };
    if (fieldsOf(file).name !== undefined) {
      // A name that was somebody else's before could be taken for theirs.
      throw refused('Names of files are chosen by the provider. Leave it out');
    }
    const answer = await this.#relay.ask(exchange, {
      provider,
      method: 'POST',
      above: ABOVE,
      path: PATH,
      headers: uploadHeaders(request),
      body,
      contentType: 'application/json',
      contentLength: body.length,
      once: true,
    });
    if (answer.response.statusCode! >= 300) {
      return this.#relay.pass(exchange, answer);
    }
    const whole = await readWhole(answer);
    const told = answer.response.headers['x-goog-upload-url'];
    const id = URL.parse(String(told))?.searchParams.get('upload_id') ?? '';
    if (!UPLOAD_ID.test(id)) {
      throw new Error(`${provider.name} told no id of a new upload`);
    }
    await this.#ownership.record({
      provider: provider.name,
      kind: 'upload',
      id,
      principal: exchange.principal.uuid,
      target: answer.target.name,
      createdAtMs: Date.now(),
      detail: {},
    });
    return this.#relay.send(exchange, answer, whole, {
      'x-goog-upload-url': `${this.#externalUrl}/${
        provider.api
      }${ABOVE}/v1beta${PATH}?${queryOf(id)}`,
      // It leads past the proxy as well.
      'x-goog-upload-control-url': undefined,
    });
  }

  async #continue(
    exchange: Exchange,
    providers: Provider[],
    id: string,
  ): Promise<Relayed> {
    const { request } = exchange;
    const upload = await this.#ownership.find(
      exchange.principal.uuid,
      providers.map(({ name }) => name),
      'upload',
      id,
    );
    if (!upload) {
      throw notFound('upload', id);
    }
    const provider = providers.find(({ name }) => name === upload.provider)!;
    permittedProviders(exchange, [provider], 'file', this.#deny);
    const contentLength =
      Number(request.headers['content-length']) || undefined;
    const answer = await this.#relay.ask(exchange, {
      provider,
      pin: upload,
      method: 'POST',
      above: ABOVE,
      path: `${PATH}?${queryOf(id)}`,
      headers: uploadHeaders(request),
      body: requestStream(request, this.#limits.uploadBytes),
      contentLength,
      once: true,
    });
    if (answer.response.statusCode! >= 300) {
      return this.#relay.pass(exchange, answer);
    }
    const whole = await readWhole(answer);
    const file = fieldsOf(whole.body.file);
    if (file.name !== undefined) {
      await this.#creation.record(exchange, answer, 'file', file, {});
    }
    return this.#relay.send(exchange, answer, whole);
  }
}

function queryOf(id: string): string {
  return `upload_id=${encodeURIComponent(id)}&upload_protocol=resumable`;
}

function uploadHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    HEADERS.flatMap(name => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );
}

function refused(message: string): RefusedError {
  return new RefusedError({ status: 400, reason: 'upload', message });
}
