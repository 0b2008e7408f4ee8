import { CustomErrorBase } from '@backstage/errors';

/** A user has to let the portal use a server before it can be called. */
export class AuthorizationNeededError extends CustomErrorBase {
  name = 'AuthorizationNeededError' as const;
  /** Page on which the user connects the server. For this user only; harmless to others. */
  readonly url: string;
  /** The same for as long as the user has not connected the server. */
  readonly elicitationId: string;

  constructor(options: { server: string; url: string; elicitationId: string }) {
    super(
      `You have to connect the server "${options.server}" before it can be used. Open ${options.url} and try again`,
    );
    this.url = options.url;
    this.elicitationId = options.elicitationId;
  }
}
