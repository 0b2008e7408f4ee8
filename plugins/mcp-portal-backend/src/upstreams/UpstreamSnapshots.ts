import { isError, NotAllowedError } from '@backstage/errors';
import { apiSnapshot, ApiSpecifications, isApi } from '../apis';
import type { Caller } from '../callers/Caller';
import { portalActingFor } from '../callers/portalCaller';
import {
  MAX_DEFINITIONS,
  MAX_SNAPSHOT_BYTES,
  ServerSnapshot,
} from '../definitions';
import { PortalUnavailableError, SnapshotReader } from '../registry';
import { listAll, ListBounds } from './listAll';
import { type SignInTarget, signInTarget } from './SignInTarget';
import type { UpstreamRequest, UpstreamServer } from './types';
import type { Upstreams } from './Upstreams';
import { capabilitiesOf } from './UpstreamSessions';

/** For each request. */
const TIMEOUT_MS = 20_000;

/** There is no description of an API, or none that can be used. */
const DESCRIPTION_ERRORS = new Set(['InputError', 'NotFoundError']);

/** What a registry can keep; a list whose pages never end is refused. */
const BOUNDS: ListBounds = {
  maxItems: MAX_DEFINITIONS,
  maxBytes: MAX_SNAPSHOT_BYTES,
  maxPages: 1_000,
};

/** How the portal signs in at a server, as far as it says as whom to look at it. */
export interface SnapshotSignIn {
  /** Whether each user signs in there, so that the portal cannot as itself. */
  isConnectedByUsers(target: SignInTarget): boolean;
  /** Where users connect the server. */
  connectUrlOf(target: SignInTarget): string;
}

/**
 * Reads everything that a server offers: as the portal itself, or where each
 * user signs in, with the connection of the user for whom it is read.
 */
export class UpstreamSnapshots implements SnapshotReader {
  readonly #upstreams: Upstreams;
  readonly #specifications: Pick<ApiSpecifications, 'of'>;
  readonly #portal: Caller;
  readonly #signIn: SnapshotSignIn;
  readonly #presentOf: (uuids: string[]) => Promise<Set<string>>;

  constructor(options: {
    upstreams: Upstreams;
    /** Of APIs, which are not asked what they offer. */
    specifications: Pick<ApiSpecifications, 'of'>;
    /** The portal itself. */
    caller: Caller;
    signIn: SnapshotSignIn;
    /** Which of some users, by UUID, are in the organisation. */
    presentOf: (uuids: string[]) => Promise<Set<string>>;
  }) {
    this.#upstreams = options.upstreams;
    this.#specifications = options.specifications;
    this.#portal = options.caller;
    this.#signIn = options.signIn;
    this.#presentOf = options.presentOf;
  }

  /**
   * {@inheritdoc SnapshotReader.read}
   *
   * @throws NotAllowedError when a user has to connect the server first
   * @throws PortalUnavailableError when nobody says whether that user is still there
   */
  async read(
    server: UpstreamServer,
    { signal, as }: { signal: AbortSignal; as?: string },
  ): Promise<ServerSnapshot> {
    if (isApi(server)) {
      return this.#readApi(server);
    }
    const target = signInTarget(server);
    if (!this.#signIn.isConnectedByUsers(target)) {
      return this.#read({ server, caller: this.#portal, signal });
    }
    // A connection is nobody's to use once its user has left.
    if (as === undefined || !(await this.#isPresent(as))) {
      throw this.#notConnected(target);
    }
    try {
      return await this.#read({ server, caller: portalActingFor(as), signal });
    } catch (error) {
      // Its link is for one user and an hour; this is shown to all approvers, and as long as it is so.
      throw isError(error) && error.name === 'AuthorizationNeededError'
        ? this.#notConnected(target)
        : error;
    }
  }

  async #isPresent(uuid: string): Promise<boolean> {
    try {
      return (await this.#presentOf([uuid])).has(uuid);
    } catch (error) {
      throw new PortalUnavailableError(
        'Nobody says now whether the user with whose connection the server is looked at is still there',
        error,
      );
    }
  }

  async #readApi({ entityRef }: UpstreamServer): Promise<ServerSnapshot> {
    try {
      return apiSnapshot(await this.#specifications.of(entityRef));
    } catch (error) {
      if (isError(error) && DESCRIPTION_ERRORS.has(error.name)) {
        throw error;
      }
      throw new PortalUnavailableError(
        'The catalog does not say what the API offers',
        error,
      );
    }
  }

  #notConnected(target: SignInTarget): NotAllowedError {
    return new NotAllowedError(
      `Each user signs in at "${
        target.name
      }", so that it is looked at with the connection of an approver, and there is none now. Connect the server first, at ${this.#signIn.connectUrlOf(
        target,
      )}, then inspect or synchronise it again`,
    );
  }

  async #read(asked: Asked): Promise<ServerSnapshot> {
    const handshake = await this.#upstreams.handshake(requestOf(asked));
    const capabilities = capabilitiesOf(handshake);
    const list = (method: string, key: string, offered: unknown) =>
      offered ? this.#list(asked, method, key) : [];
    const [tools, prompts, resourceTemplates] = await Promise.all([
      list('tools/list', 'tools', capabilities.tools),
      list('prompts/list', 'prompts', capabilities.prompts),
      list(
        'resources/templates/list',
        'resourceTemplates',
        capabilities.resources,
      ),
    ]);
    return {
      capabilities,
      protocolVersion:
        handshake.era === 'modern'
          ? handshake.discover.supportedVersions[0]
          : handshake.protocolVersion,
      instructions:
        handshake.era === 'modern'
          ? handshake.discover.instructions
          : handshake.instructions,
      tools,
      prompts,
      resourceTemplates,
    };
  }

  async #list(asked: Asked, method: string, key: string): Promise<object[]> {
    const { items, isComplete } = await listAll(
      params =>
        this.#upstreams.request({
          ...requestOf(asked),
          method,
          params,
          repeatable: true,
        }),
      key,
      BOUNDS,
    );
    if (!isComplete) {
      throw new Error(
        `The answers to ${method} are too many or too large: at most ${BOUNDS.maxItems} with ${BOUNDS.maxBytes} bytes are read, in ${BOUNDS.maxPages} pages`,
      );
    }
    return items;
  }
}

/** Whom is asked, as whom, and until when. */
type Asked = Pick<UpstreamRequest, 'server' | 'caller' | 'signal'>;

function requestOf(asked: Asked) {
  return {
    ...asked,
    client: { session: 'portal', capabilities: {} },
    timeoutMs: TIMEOUT_MS,
  };
}
