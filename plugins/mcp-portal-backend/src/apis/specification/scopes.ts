import { asPlainLine } from '../../definitions';
import { isRecord } from '../../json/isRecord';
import type { OpenApiDocument } from './parseSpecification';
import { resolvedRecord } from './references';

const MAX_SCOPES = 500;
const MAX_DESCRIPTION = 300;

/** Something that a user can grant at an API. */
export interface ApiScope {
  name: string;
  /** As the API describes it. */
  description: string;
}

/** The scopes of all OAuth security schemes of a description. */
export function scopesOf(document: OpenApiDocument): ApiScope[] {
  const { securitySchemes } = resolvedRecord(document, document.components);
  const scopes = new Map<string, ApiScope>();
  for (const value of Object.values(
    isRecord(securitySchemes) ? securitySchemes : {},
  )) {
    const { flows } = resolvedRecord(document, value);
    for (const flow of Object.values(isRecord(flows) ? flows : {})) {
      const named = isRecord(flow) && isRecord(flow.scopes) ? flow.scopes : {};
      for (const [name, text] of Object.entries(named)) {
        // RFC 6749, section 3.3.
        if (/^[\x21\x23-\x5B\x5D-\x7E]{1,200}$/.test(name)) {
          scopes.set(name, {
            name,
            description: asPlainLine(String(text ?? ''), MAX_DESCRIPTION),
          });
        }
      }
    }
  }
  return [...scopes.values()].slice(0, MAX_SCOPES);
}
