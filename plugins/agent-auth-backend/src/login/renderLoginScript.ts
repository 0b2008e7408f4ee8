import { InputError } from '@backstage/errors';
import { loginPs1 } from './login.ps1';
import { loginSh } from './login.sh';

/** `sh` for POSIX shells, `ps1` for PowerShell. */
export type LoginScript = 'sh' | 'ps1';

/** What a login script is made for. */
export interface LoginScriptOptions {
  /** URL of the authorization server. */
  issuer: string;
  /** A public client that may use the device flow. */
  clientId: string;
  /** For what a token is, unless the user says otherwise. Default: what the server chooses. */
  resource?: string;
  /** Scopes to ask for, separated by spaces, unless the user says otherwise. Default: `models:use`. */
  scope?: string;
}

const URL_TEXT = /^https?:\/\/[A-Za-z0-9._~:/@!,;?&=%+-]+$/;

/**
 * The program with which users sign in from a terminal, by the device flow
 * (RFC 8628). It prints an access token on its standard output and nothing
 * else there, and keeps the connection, so that it can be run again and again
 * as the `apiKeyHelper` or `auth.command` of a coding tool.
 *
 * @param options - become part of the program as they are
 * @throws InputError when one could be anything but text in a program
 */
export function renderLoginScript(
  script: LoginScript,
  options: LoginScriptOptions,
): string {
  const { issuer, clientId, resource = '', scope = 'models:use' } = options;
  if (!URL_TEXT.test(issuer) || (resource && !URL_TEXT.test(resource))) {
    throw new InputError(
      'A login script needs an issuer and a resource that are http or https URLs',
    );
  }
  if (!/^[A-Za-z0-9._~-]+$/.test(clientId) || !/^[a-z:_ -]*$/.test(scope)) {
    throw new InputError(
      'A login script needs a client id of letters, digits, ".", "_", "~" and "-", and scopes separated by spaces',
    );
  }
  const values: Record<string, string> = {
    ISSUER: issuer.replace(/\/$/, ''),
    CLIENT_ID: clientId,
    RESOURCE: resource,
    SCOPE: scope,
  };
  // None of the values can hold a quote, and both languages leave what is in single quotes as it is.
  return (script === 'sh' ? loginSh : loginPs1).replace(
    /@([A-Z_]+)@/g,
    (_, name: string) => `'${values[name]}'`,
  );
}
