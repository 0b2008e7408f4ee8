import { AuthenticationError } from '@backstage/errors';
import { decodeJwt, decodeProtectedHeader, errors } from 'jose';
import { shown } from './shown';
import type { TrustedIssuer } from './TrustedIssuer';

/**
 * Says why a token was refused, without repeating it.
 *
 * @param error - of `jwtVerify`
 * @returns the error itself when it is not about the token
 */
export function refusalOf(
  error: unknown,
  issuer: TrustedIssuer,
  token: string,
): unknown {
  if (!(error instanceof errors.JOSEError)) {
    return error;
  }
  return new AuthenticationError(
    `The subject token of the issuer ${issuer.name} ${reasonFor(
      error,
      issuer,
      token,
    )}`,
  );
}

function reasonFor(
  error: errors.JOSEError,
  issuer: TrustedIssuer,
  token: string,
): string {
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return `is signed with ${shown(
      decodeProtectedHeader(token).alg,
    )}; accepted are ${issuer.algorithms.join(', ')}`;
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return 'is signed with a key that the issuer does not publish; if it has just changed its keys, try again in half a minute';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return 'has a signature that is not the issuer’s';
  }
  if (error instanceof errors.JWTExpired) {
    return error.claim === 'iat'
      ? `was issued more than ${issuer.maxTokenAgeSeconds} seconds ago (maxTokenAge); get a new one`
      : 'has expired; get a new one';
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return reasonForClaim(error, issuer, token);
  }
  return 'is not a signed JWT as it should be';
}

function reasonForClaim(
  { claim, reason }: errors.JWTClaimValidationFailed,
  issuer: TrustedIssuer,
  token: string,
): string {
  if (reason === 'missing') {
    return `has no claim ${claim}`;
  }
  if (claim === 'aud') {
    return `is for the audience ${shown(
      decodeJwt(token).aud,
    )}; ask the CI system for one for ${issuer.audiences.join(' or ')}`;
  }
  if (claim === 'nbf') {
    return 'is not valid yet; are the clocks right?';
  }
  if (claim === 'iat') {
    return 'is issued in the future; are the clocks right?';
  }
  return `has a claim ${claim} that cannot be used`;
}
