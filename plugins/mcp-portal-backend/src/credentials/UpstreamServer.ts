/** A server, as far as signing in there has to know it. */
export interface UpstreamServer {
  /** Full entity ref in lower case. */
  entityRef: string;
  name: string;
  /** At which it is called. */
  url: string;
}
