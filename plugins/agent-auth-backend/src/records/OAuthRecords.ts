import type { Knex } from 'knex';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Revocations } from '../revocations/Revocations';
import { hashToken } from '@prompt-corner/plugin-agent-auth-node';

interface Row {
  model: string;
  id_hash: string;
  grant_id: string | null;
  lookup_hash: string | null;
  payload: string;
  expires_at: Date | null;
  consumed_at: Date | null;
}

/** The code of a device that waits for an answer. */
export interface DeviceCode {
  payload: AdapterPayload;
  /** The payload as it is stored. */
  stored: string;
}

/** Models whose records are access tokens, which replicas keep in memory. */
export const ACCESS_TOKEN_MODELS = ['AccessToken', 'ClientCredentials'];

/** How long after its expiry a code is kept, so that a late replay is still recognised. */
const KEPT_AFTER_EXPIRY_MS = 60 * 60_000;

/** How long a used refresh token is kept for the same reason. */
const KEPT_AFTER_USE_MS = 3 * 24 * 60 * 60_000;

/**
 * Two processes of one client may refresh at once, and an answer may be lost.
 * A refresh token that comes a second time so soon is refused, but not taken
 * for stolen.
 */
const REFRESHED_AT_ONCE_MS = 15_000;

/** Requests that can be answered last no longer. */
const CLAIMED_MS = 15 * 60_000;

/** A client that registers itself and is never approved is forgotten. */
const UNUSED_CLIENT_MS = 24 * 60 * 60_000;

/**
 * Keeps the state of the authorization server in the database.
 *
 * The id of a code or token is the secret itself, so only its hash is stored;
 * a copy of the database lets nobody in. Rows live a little longer than what
 * they hold, and a task deletes them.
 */
export class OAuthRecords {
  readonly #database: Knex;
  readonly #revocations: Revocations;

  constructor(options: { database: Knex; revocations: Revocations }) {
    this.#database = options.database;
    this.#revocations = options.revocations;
  }

  /** The store of one model, as oidc-provider wants it. */
  adapterOf(model: string): Adapter {
    return {
      upsert: (id, payload, expiresIn) =>
        this.#upsert(model, id, payload, expiresIn),
      find: id => this.#find({ model, id_hash: hashToken(id) }, { jti: id }),
      findByUid: uid =>
        this.#find({ model, lookup_hash: hashToken(uid) }, { uid }),
      findByUserCode: userCode =>
        this.#find({ model, lookup_hash: hashToken(userCode) }, { userCode }),
      consume: id => this.#consume(model, id),
      destroy: id => this.#destroy(model, id),
      revokeByGrantId: grantId => this.#revokeByGrantId(model, grantId),
    };
  }

  /**
   * What a device that shows a user code asks for.
   *
   * @param userCode - without dashes, in capitals
   */
  async findDeviceCode(userCode: string): Promise<DeviceCode | undefined> {
    const row = await this.#database<Row>('oauth_records')
      .where({ model: 'DeviceCode', lookup_hash: hashToken(userCode) })
      .first();
    if (!row) {
      return undefined;
    }
    return { payload: JSON.parse(row.payload), stored: row.payload };
  }

  /**
   * Answers a device: merges what was decided into its code.
   *
   * The library would save the code under its id, which is not stored in a form
   * that could be read again.
   *
   * @returns false when the code was answered, or has changed, in the meantime
   */
  async answerDeviceCode(
    userCode: string,
    code: DeviceCode,
    answer: AdapterPayload,
  ): Promise<boolean> {
    const updated = await this.#database<Row>('oauth_records')
      .where({
        model: 'DeviceCode',
        lookup_hash: hashToken(userCode),
        payload: code.stored,
      })
      .update({
        payload: JSON.stringify({ ...code.payload, ...answer }),
        ...(answer.grantId ? { grant_id: answer.grantId } : {}),
      });
    return updated === 1;
  }

  /** Keeps a client that registered itself, because a user has approved it. */
  async keepClient(id: string): Promise<void> {
    await this.#database<Row>('oauth_records')
      .where({ model: 'Client', id_hash: hashToken(id) })
      .update({ expires_at: null });
  }

  /**
   * Lets one of several that answer a request at the same time do so.
   *
   * @param what - kind and id of the request
   * @returns whether it was not taken before
   */
  async claim(what: string): Promise<boolean> {
    const inserted = await this.#database<Row>('oauth_records')
      .insert({
        model: 'Claim',
        id_hash: hashToken(what),
        payload: '{}',
        expires_at: new Date(Date.now() + CLAIMED_MS),
      })
      .onConflict(['model', 'id_hash'])
      .ignore()
      .returning('model');
    return inserted.length > 0;
  }

  /** Gives a claim back, because answering failed. */
  async unclaim(what: string): Promise<void> {
    await this.#database<Row>('oauth_records')
      .where({ model: 'Claim', id_hash: hashToken(what) })
      .delete();
  }

  /** Deletes all records of connections. */
  async deleteOfGrants(grantIds: string[], trx: Knex): Promise<void> {
    await trx<Row>('oauth_records').whereIn('grant_id', grantIds).delete();
  }

  /** Deletes what expired some time ago. @returns how many records were deleted */
  async deleteExpired(): Promise<number> {
    return this.#database<Row>('oauth_records')
      .where('expires_at', '<', new Date(Date.now() - KEPT_AFTER_EXPIRY_MS))
      .orWhere(early =>
        early
          .whereNot('model', 'AuthorizationCode')
          .andWhere('expires_at', '<', new Date()),
      )
      .orWhere('consumed_at', '<', new Date(Date.now() - KEPT_AFTER_USE_MS))
      .delete();
  }

  async #upsert(
    model: string,
    id: string,
    payload: AdapterPayload,
    expiresIn?: number,
  ): Promise<void> {
    const { jti: _jti, userCode, uid, ...stored } = payload;
    const lookup = userCode ?? (model === 'Session' ? uid : undefined);
    const row = {
      model,
      id_hash: hashToken(id),
      grant_id:
        (model === 'Grant' ? id : (payload.grantId as string | undefined)) ??
        null,
      lookup_hash: lookup ? hashToken(String(lookup)) : null,
      payload: JSON.stringify(
        model === 'Session' ? { ...stored, uid } : stored,
      ),
      expires_at: expiryOf(model, expiresIn),
    };
    await this.#database<Row>('oauth_records')
      .insert(row)
      .onConflict(['model', 'id_hash'])
      .merge(
        // Saved again without the code at hand, it keeps its lookup.
        lookup
          ? row
          : {
              grant_id: row.grant_id,
              payload: row.payload,
              expires_at: row.expires_at,
            },
      );
  }

  async #find(
    where: Partial<Row>,
    known: Partial<AdapterPayload>,
  ): Promise<AdapterPayload | undefined> {
    const row = await this.#database<Row>('oauth_records').where(where).first();
    const consumedAt = row?.consumed_at && new Date(row.consumed_at).getTime();
    const isAtOnce =
      consumedAt &&
      row.model === 'RefreshToken' &&
      Date.now() - consumedAt < REFRESHED_AT_ONCE_MS;
    if (!row || isAtOnce) {
      return undefined;
    }
    return {
      ...JSON.parse(row.payload),
      ...known,
      ...(consumedAt ? { consumed: Math.floor(consumedAt / 1000) } : {}),
    };
  }

  /**
   * Marks a code or refresh token as used.
   *
   * @throws InvalidGrant when another request did so in the meantime
   */
  async #consume(model: string, id: string): Promise<void> {
    const consumed = await this.#database<Row>('oauth_records')
      .where({ model, id_hash: hashToken(id), consumed_at: null })
      .update({ consumed_at: new Date() });
    if (!consumed) {
      throw new errors.InvalidGrant('already used');
    }
  }

  async #destroy(model: string, id: string): Promise<void> {
    await this.#database.transaction(async trx => {
      await trx<Row>('oauth_records')
        .where({ model, id_hash: hashToken(id) })
        .delete();
      if (ACCESS_TOKEN_MODELS.includes(model)) {
        await this.#revocations.add({ hashes: [hashToken(id)] }, trx);
      }
    });
  }

  async #revokeByGrantId(model: string, grantId: string): Promise<void> {
    await this.#database.transaction(async trx => {
      await trx<Row>('oauth_records')
        .where({ model, grant_id: grantId })
        .delete();
      if (ACCESS_TOKEN_MODELS.includes(model)) {
        await this.#revocations.add({ connections: [grantId] }, trx);
      }
    });
  }
}

function expiryOf(model: string, expiresInSeconds?: number): Date | null {
  if (expiresInSeconds) {
    return new Date(Date.now() + expiresInSeconds * 1000);
  }
  return model === 'Client' ? new Date(Date.now() + UNUSED_CLIENT_MS) : null;
}
