import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Request } from 'express';
import type { Approver } from '../consent/Consent';

/** The signed-in user of a request. @throws AuthenticationError or NotAllowedError when it is none */
export async function approverOf(
  httpAuth: HttpAuthService,
  request: Request,
): Promise<Approver> {
  return {
    credentials: await httpAuth.credentials(request, { allow: ['user'] }),
    userAgent: request.get('user-agent'),
  };
}
