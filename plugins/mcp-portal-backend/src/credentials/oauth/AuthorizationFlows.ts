import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import type { SecretBox } from '@prompt-corner/encryption';
import type { Knex } from 'knex';

/** What has to be known when the user comes back. */
export interface Flow {
  /** UUID of the user who started it. */
  user: string;
  /** Full entity ref. */
  server: string;
  codeVerifier: string;
  issuer: string;
  clientId: string;
  /** That was asked for. */
  scope?: string;
  /** What of it the user chose; absent without a choice. */
  chosenScope?: string;
}

/** What the authorization server sent the user back with. */
export interface FlowAnswer {
  code?: string;
  /** RFC 9207. */
  iss?: string;
  error?: string;
}

interface Row {
  id: string;
  user: string;
  server: string;
  browser_hash: string;
  flow: string;
  answer: string | null;
  expires_at: Date;
}

/** The specification of MCP allows no more. */
const LIFETIME_MS = 10 * 60_000;

/**
 * Users on their way through an authorization server. A flow belongs to its
 * user and to the browser in which it was started; the state works once, and so
 * does the answer.
 */
export class AuthorizationFlows {
  readonly #database: Knex;
  readonly #box: SecretBox;

  constructor(options: { database: Knex; box: SecretBox }) {
    this.#database = options.database;
    this.#box = options.box;
  }

  /** New secrets for a flow: `state` goes through the authorization server, `browser` stays in a cookie. */
  newSecrets(): { id: string; state: string; browser: string } {
    const state = randomBytes(32).toString('base64url');
    return {
      id: hashOf(state),
      state,
      browser: randomBytes(32).toString('base64url'),
    };
  }

  /** The id of the flow with this state, whether there is one or not. */
  idOf(state: string): string {
    return hashOf(state);
  }

  /** Starts a flow; one that the user has already for this server ends. */
  async start(id: string, browser: string, flow: Flow): Promise<void> {
    const { user, server } = flow;
    await this.#database<Row>('authorization_flows')
      .insert({
        id,
        user,
        server,
        browser_hash: hashOf(browser),
        flow: this.#box.seal(JSON.stringify(flow), contextOf(id, 'flow')),
        answer: null,
        expires_at: new Date(Date.now() + LIFETIME_MS),
      })
      .onConflict(['user', 'server'])
      .merge();
  }

  /**
   * Notes what the authorization server answered, once.
   *
   * @param browser - from the cookie
   * @throws NotAllowedError when this is not the browser, or nothing is waited for
   */
  async answer(
    id: string,
    browser: string | undefined,
    answer: FlowAnswer,
  ): Promise<void> {
    await this.#find(id, browser);
    const noted = await this.#database<Row>('authorization_flows')
      .where({ id })
      .whereNull('answer')
      .update({
        answer: this.#box.seal(JSON.stringify(answer), contextOf(id, 'answer')),
      });
    if (!noted) {
      throw new NotAllowedError(
        'This answer of the authorization server was used already. Connect the server again',
      );
    }
  }

  /**
   * Takes the flow and its answer, once.
   *
   * @param user - UUID of who asks now
   * @param browser - from the cookie
   * @throws NotAllowedError when it is somebody else, another browser, or there is no such flow
   */
  async take(
    id: string,
    user: string,
    browser: string | undefined,
  ): Promise<{ flow: Flow; answer: FlowAnswer }> {
    const row = await this.#find(id, browser);
    if (row.user !== user) {
      throw new NotAllowedError(
        'Somebody else began to connect this server in this browser. Connect it again as yourself',
      );
    }
    if (row.answer === null) {
      throw new InputError('The authorization server has not answered yet');
    }
    const taken = await this.#database<Row>('authorization_flows')
      .where({ id })
      .delete();
    if (!taken) {
      throw gone();
    }
    return {
      flow: JSON.parse(this.#box.open(row.flow, contextOf(id, 'flow'))),
      answer: JSON.parse(this.#box.open(row.answer, contextOf(id, 'answer'))),
    };
  }

  /** Ends flows of a user or server. */
  async end(where: { user: string; server?: string } | { server: string }) {
    await this.#database<Row>('authorization_flows').where(where).delete();
  }

  async deleteExpired(): Promise<void> {
    await this.#database<Row>('authorization_flows')
      .where('expires_at', '<', new Date())
      .delete();
  }

  async #find(id: string, browser: string | undefined): Promise<Row> {
    const row = await this.#database<Row>('authorization_flows')
      .where({ id })
      .andWhere('expires_at', '>', new Date())
      .first();
    // The same answer for both: a stranger learns nothing of what goes on.
    if (
      !row ||
      browser === undefined ||
      !isSame(hashOf(browser), row.browser_hash)
    ) {
      throw gone();
    }
    return row;
  }
}

function gone(): NotFoundError {
  return new NotFoundError(
    'Nothing is waited for in this browser. Connect the server again; a sign-in has to be finished within 10 minutes, in the browser in which it was started',
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isSame(a: string, b: string): boolean {
  return (
    a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
  );
}

function contextOf(id: string, what: string): string {
  return JSON.stringify(['authorization flow', id, what]);
}
