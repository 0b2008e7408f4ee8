import { InputError, NotFoundError } from '@backstage/errors';
import type {
  ConsentApproval,
  ConsentRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import {
  RateLimiterMemory,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { Approved, Approver, Consent } from '../consent/Consent';
import { toAuthorizationRequest } from '../consent/AuthorizationRequest';
import { TooManyRequestsError } from '../errors/TooManyRequestsError';
import type { DeviceCode, OAuthRecords } from '../records/OAuthRecords';

/** 20 letters in 8 places are 2.5e10 codes; with this, a user tries 720 of them a day at each replica. */
const WRONG_CODES = 5;
const WRONG_CODES_WINDOW_SECONDS = 10 * 60;

/** Sign-in on another device, which shows a code that the user types here (RFC 8628). */
export class DeviceCodes {
  readonly #records: OAuthRecords;
  readonly #consent: Consent;
  readonly #wrongCodes: RateLimiterAbstract;

  constructor(options: { records: OAuthRecords; consent: Consent }) {
    this.#records = options.records;
    this.#consent = options.consent;
    this.#wrongCodes = new RateLimiterMemory({
      points: WRONG_CODES,
      duration: WRONG_CODES_WINDOW_SECONDS,
    });
  }

  /**
   * What the device asks for that shows a code.
   *
   * @throws NotFoundError for a code that does not wait for an answer, TooManyRequestsError after too many of them
   */
  async describe(
    userCode: unknown,
    approver: Approver,
  ): Promise<ConsentRequest> {
    const { normalized, code } = await this.#find(userCode, approver);
    return this.#consent.describe(toRequest(normalized, code), approver);
  }

  async approve(
    userCode: unknown,
    approval: ConsentApproval,
    approver: Approver,
  ): Promise<Approved> {
    const { normalized, code } = await this.#find(userCode, approver);
    const request = toRequest(normalized, code);
    return this.#consent.approve(request, approval, approver, {
      grantType: 'device_code',
      answer: async approved => {
        const { connection, claims } = approved;
        await this.#answer(normalized, code, {
          accountId: connection.principal,
          grantId: connection.id,
          scope: connection.resources.flatMap(({ scopes }) => scopes).join(' '),
          resource: request.resource,
          amr: claims.amr,
          acr: claims.acr,
          authTime: claims.authTime,
        });
        return approved;
      },
    });
  }

  /** @returns id of the client that was refused, and UUID of the user */
  async deny(
    userCode: unknown,
    approver: Approver,
  ): Promise<{ client: string; principal: string }> {
    const { normalized, code } = await this.#find(userCode, approver);
    await this.#consent.deny(toRequest(normalized, code), () =>
      this.#answer(normalized, code, {
        error: 'access_denied',
        errorDescription: 'the user refused',
      }),
    );
    return {
      client: String(code.payload.clientId),
      principal: await this.#consent.uuidOf(approver.credentials),
    };
  }

  async #find(
    userCode: unknown,
    approver: Approver,
  ): Promise<{ normalized: string; code: DeviceCode }> {
    const user = approver.credentials.principal.userEntityRef;
    // Counted before it is looked up, so that many at once do not slip through.
    await this.#wrongCodes.consume(user).catch(refusal => {
      throw refusal instanceof RateLimiterRes
        ? new TooManyRequestsError(refusal.msBeforeNext)
        : refusal;
    });
    if (typeof userCode !== 'string' || userCode.length > 40) {
      throw new InputError('Send the code that the device shows');
    }
    const normalized = userCode.toLocaleUpperCase('en-US').replace(/\W/g, '');
    const code = await this.#records.findDeviceCode(normalized);
    const { exp = 0, accountId, error } = code?.payload ?? {};
    const waits = exp * 1000 > Date.now() && !accountId && !error;
    if (!code || !waits) {
      throw new NotFoundError(
        'No device waits with this code. Check it for typing errors, or start again on the device: a code lasts 10 minutes and works once',
      );
    }
    await this.#wrongCodes.reward(user);
    return { normalized, code };
  }

  async #answer(
    normalized: string,
    code: DeviceCode,
    answer: Parameters<OAuthRecords['answerDeviceCode']>[2],
  ): Promise<void> {
    if (!(await this.#records.answerDeviceCode(normalized, code, answer))) {
      throw new NotFoundError('This code was answered a moment ago');
    }
  }
}

function toRequest(userCode: string, { payload }: DeviceCode) {
  const device = payload.deviceInfo as { ip?: string; ua?: string } | undefined;
  return toAuthorizationRequest(payload.params ?? {}, {
    id: `device:${userCode}`,
    device: { address: device?.ip, userAgent: device?.ua },
    expiresAt: new Date((payload.exp ?? 0) * 1000),
  });
}
