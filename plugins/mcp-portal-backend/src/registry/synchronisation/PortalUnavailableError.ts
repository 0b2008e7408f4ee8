import { ServiceUnavailableError } from '@backstage/errors';

/** The portal cannot look at a server at the moment, for a reason of its own: it says nothing of the server. */
export class PortalUnavailableError extends ServiceUnavailableError {}
