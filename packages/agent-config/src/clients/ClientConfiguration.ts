import type { ClientName } from '../compile';

/** Addresses that configurations name. None ends with `/`. */
export interface ClientUrls {
  /** Of the AI proxy: `{baseURL}` in the sources. */
  baseURL: string;
  /** Of the portal: `{rootURL}` in the sources. */
  rootURL: string;
  /** Of the authorization server, which has the login scripts. */
  issuer: string;
}

/** Under which part of the AI proxy a model is. */
export type ModelApi = 'anthropic' | 'openai' | 'google-ai-studio' | 'compat';

/** A model that clients may be offered. */
export interface OfferedModel {
  api: ModelApi;
  /** As requests name it. */
  id: string;
  name: string;
  /** ISO 8601. */
  releaseDate?: string;
  status?: 'alpha' | 'beta' | 'deprecated';
  /** In tokens. */
  limits: { context?: number; input?: number; output?: number };
  capabilities: {
    reasoning: boolean;
    toolCalls: boolean;
    attachments: boolean;
    temperature: boolean;
    inputModalities: string[];
    outputModalities: string[];
  };
  /** In US dollars for a million tokens. */
  prices: {
    input: number;
    output: number;
    cacheRead?: number;
    cacheWrite5m?: number;
  } | null;
}

/** What a configuration is made for. */
export interface ClientTarget {
  urls: ClientUrls;
  models: readonly OfferedModel[];
}

/** A file of a client. */
export interface ClientFile {
  /** Below the folder that {@link ClientFile.destination} is about, with `/`. */
  path: string;
  content: string;
  contentType:
    | 'application/json'
    | 'application/toml'
    | 'text/markdown'
    | 'text/plain';
  /** Where it belongs, for people. */
  destination: string;
}

/** The files of a client. */
export interface ClientConfiguration {
  client: ClientName;
  files: ClientFile[];
  /** What the client has no place for, and what became of it. */
  notes: string[];
}
