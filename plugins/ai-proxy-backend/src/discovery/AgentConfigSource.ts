import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import {
  isSource,
  SourceCollector,
  Sources,
} from '@prompt-corner/agent-config';
import { readDirectory } from '@prompt-corner/agent-config/directory';
import type { SourceConfig } from './config';

/** What a source has, or that it has nothing new. */
export type SourceReading =
  | { kind: 'unchanged' }
  | {
      kind: 'read';
      /** Such as a commit, or a digest. */
      version: string;
      sources: Sources;
    };

/** Where the files are of which the configuration of coding tools is made. */
export interface AgentConfigSource {
  /** For people, such as a URL. */
  description: string;
  /**
   * @param version - that was read last
   * @throws Error when it cannot be read
   */
  read(version?: string): Promise<SourceReading>;
}

/**
 * The source that the configuration names.
 *
 * @returns undefined when it names none
 */
export function createSource(
  config: SourceConfig,
  urlReader: UrlReaderService,
): AgentConfigSource | undefined {
  switch (config.kind) {
    case 'directory':
      return directorySource(config.directory);
    case 'url':
      return urlSource(config.url, urlReader);
    default:
      return undefined;
  }
}

function directorySource(directory: string): AgentConfigSource {
  const path = resolve(directory);
  return {
    description: path,
    async read(version) {
      const sources = await readDirectory(path);
      const read = createHash('sha256')
        .update(JSON.stringify(sources))
        .digest('hex');
      return read === version
        ? { kind: 'unchanged' }
        : { kind: 'read', version: read, sources };
    },
  };
}

function urlSource(
  url: string,
  urlReader: UrlReaderService,
): AgentConfigSource {
  return {
    description: url,
    async read(version) {
      try {
        const tree = await urlReader.readTree(url, {
          etag: version,
          filter: isSource,
        });
        const collector = new SourceCollector();
        for (const file of await tree.files()) {
          if (collector.full) {
            break;
          }
          const content = await file.content();
          if (collector.admits(file.path, content.length)) {
            collector.add(file.path, content);
          }
        }
        return {
          kind: 'read',
          version: tree.etag,
          sources: collector.collected(),
        };
      } catch (error) {
        if (isError(error) && error.name === 'NotModifiedError') {
          return { kind: 'unchanged' };
        }
        throw error;
      }
    },
  };
}
