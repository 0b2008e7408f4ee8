import type { PathTemplate } from './PathTemplate';

/** A parameter in the query or in a header. */
export interface ApiParameter {
  name: string;
  in: 'query' | 'header';
  required: boolean;
  /** OpenAPI, "style values". */
  style: 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'simple';
  explode: boolean;
  /** It is written as JSON. */
  isJson: boolean;
}

/** Scopes of security schemes that a request needs, all of them. */
export interface SecurityRequirement {
  /** By name of the scheme, those that are OAuth only. */
  [scheme: string]: readonly string[];
}

/** One operation of an API. */
export interface ApiOperation {
  /** Such as `GET /repos/{owner}/{repo}`. */
  key: string;
  method: string;
  template: PathTemplate;
  parameters: readonly ApiParameter[];
  /** Media type of the body that is sent; absent where there is none. */
  bodyType?: string;
  /** Whether the body's schema has a property of this name. */
  bodyProperties: ReadonlySet<string>;
  /** Any of them is enough; none are needed when there is none. */
  security: readonly SecurityRequirement[];
  /** Of the operation and all that it refers to. */
  contentDigest: string;
  /** As the registry pins it. */
  definition: Record<string, unknown>;
  /** For search. */
  group: string;
  text: string;
}
