import type { ToolHome } from './ToolHome';

/** What the login script prints before it waits. */
export const USER_CODE_PROMPT = /shows this code:\s+(\S+)\s/;

/**
 * The portal's login script as a program in a home folder, as coding tools
 * call it for a token: it is fetched each time, so that nothing has to be
 * installed or updated.
 */
export class LoginProgram {
  /** Path of the program. */
  readonly path: string;
  readonly #home: ToolHome;

  /** @param issuer - URL of the authorization server */
  constructor(home: ToolHome, issuer: string) {
    this.#home = home;
    this.path = home.write(
      'portal-token',
      `#!/bin/sh\ncurl -fsS '${issuer}/login.sh' | sh\n`,
      { mode: 0o755 },
    );
  }

  /**
   * Runs it in a terminal, where the user sees what it asks for.
   *
   * @param approve - gets the code that it shows
   * @returns the token that it printed
   */
  async signIn(
    approve: (userCode: string) => Promise<unknown>,
  ): Promise<string> {
    const { stdout } = await this.#home.runAndSignIn([], {
      program: this.path,
      prompt: USER_CODE_PROMPT,
      signIn: approve,
    });
    return stdout.trim();
  }
}
