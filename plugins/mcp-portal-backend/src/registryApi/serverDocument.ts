import { z } from 'zod';

/** The version of `server.json` that is served. */
export const SERVER_SCHEMA =
  'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';

const PUBLISHER_META = 'io.modelcontextprotocol.registry/publisher-provided';

/** What {@link SERVER_SCHEMA} requires of the fields that are served here. */
export const serverDocumentSchema = z.object({
  $schema: z.literal(SERVER_SCHEMA),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100).optional(),
  description: z.string().min(1).max(100),
  version: z.string().min(1).max(255).refine(isExactVersion),
  websiteUrl: z.url({ protocol: /^https?$/ }).optional(),
  remotes: z
    .array(
      z.object({
        type: z.literal('streamable-http'),
        url: z.url({ protocol: /^https?$/ }),
      }),
    )
    .optional(),
  _meta: z
    .object({
      [PUBLISHER_META]: z.object({ github: z.object({ readme: z.string() }) }),
    })
    .optional(),
});

/** A `server.json`. */
export type ServerDocument = z.infer<typeof serverDocumentSchema>;

/** Whether a version is one, and no range: the registry refuses those. */
export function isExactVersion(version: string): boolean {
  return (
    version !== 'latest' &&
    /^[\w][\w.+-]*$/.test(version) &&
    !/(^|\.)x(\.|$)/i.test(version)
  );
}

const MAX_TITLE_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 100;
const DEFAULT_VERSION = '1.0.0';

/**
 * The `server.json` of a server, which leads to the portal. It may still be
 * invalid: what the catalog has is others' text.
 *
 * @param options.name - in reverse-DNS form
 * @param options.remoteUrl - absent when it is not served any more
 */
export function serverDocument(options: {
  name: string;
  title: string;
  description: string;
  version?: string;
  websiteUrl?: string;
  remoteUrl?: string;
}): ServerDocument {
  const { name, version, websiteUrl, remoteUrl } = options;
  const title = oneLine(options.title);
  const description = oneLine(options.description) || title;
  return {
    $schema: SERVER_SCHEMA,
    name,
    title: shortened(title, MAX_TITLE_LENGTH) || undefined,
    description: shortened(description, MAX_DESCRIPTION_LENGTH),
    version: version && isExactVersion(version) ? version : DEFAULT_VERSION,
    websiteUrl,
    remotes: remoteUrl
      ? [{ type: 'streamable-http', url: remoteUrl }]
      : undefined,
    // What is cut off above can be read here: VS Code shows it on the page of the server.
    _meta: options.description.trim()
      ? { [PUBLISHER_META]: { github: { readme: options.description } } }
      : undefined,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function shortened(text: string, length: number): string {
  return text.length > length
    ? `${text.slice(0, length - 1).trimEnd()}…`
    : text;
}
