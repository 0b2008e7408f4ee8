/** A server, as far as signing in there has to know it. */
export interface UpstreamServer {
  /** Full entity ref in lower case. */
  entityRef: string;
  name: string;
  /** At which it is called. */
  url: string;
}

/** What a server did not accept. */
export interface RefusedCredential {
  /** 401 or 403. */
  status: number;
  /** Its `WWW-Authenticate`. */
  challenge?: string;
  /** That were refused; with them it is certain whether there is a better credential by now. */
  headers?: Record<string, string>;
}
