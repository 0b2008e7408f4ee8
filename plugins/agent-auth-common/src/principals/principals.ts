/** Who is behind a UUID. @public */
export interface ResolvedPrincipal {
  uuid: string;
  kind: 'user' | 'service';
  entityRef: string;
}
