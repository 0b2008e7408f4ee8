import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { Entity, parseEntityRef } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import { decodeHTML } from 'entities';
import MiniSearch from 'minisearch';
import { annotation } from '../catalog/entities';
import { isEntityRef } from '../catalog/entityRef';
import type { PluginClient } from '../clients/PluginClient';
import { LENIENT, searchWordsOf, wordsOf } from '../text/words';
import { pageToMarkdown } from './pageToMarkdown';

/** A page of a documentation site. */
export interface DocsPage {
  path: string;
  title?: string;
}

/** A section that fits a search. */
export interface DocsHit extends DocsPage {
  excerpt: string;
}

/** One entry of the search index that MkDocs writes: a page, or a section of one. */
interface SearchIndexEntry {
  location: string;
  title: string;
  text: string;
}

/** Larger files of a site are not read: they are no text for people. */
const MAX_FILE_BYTES = 5_000_000;

const EXCERPT_LENGTH = 240;

/** Reads published TechDocs sites as text, with the rights of a caller. */
export class TechDocs {
  readonly #plugins: PluginClient;

  constructor(options: { plugins: PluginClient }) {
    this.#plugins = options.plugins;
  }

  /**
   * The pages of an entity's documentation, in the site's order.
   *
   * @throws NotFoundError when there is no documentation
   */
  async pages(site: DocsSite): Promise<DocsPage[]> {
    const entries = await this.#searchIndex(site);
    return entries
      .filter(({ location }) => !location.includes('#'))
      .map(({ location, title }) => ({ path: location || '/', title }));
  }

  /**
   * The sections that fit some words, best first, and how many there are.
   *
   * @throws NotFoundError when there is no documentation
   */
  async search(
    site: DocsSite,
    words: string,
    limit: number,
  ): Promise<{ hits: DocsHit[]; total: number }> {
    const entries = await this.#searchIndex(site);
    const index = new MiniSearch<SearchIndexEntry>({
      idField: 'location',
      fields: ['title', 'text'],
      storeFields: ['title', 'text'],
      searchOptions: {
        ...LENIENT,
        tokenize: searchWordsOf,
        boost: { title: 2 },
      },
      tokenize: wordsOf,
    });
    for (const entry of entries) {
      if (!index.has(entry.location)) {
        index.add(entry);
      }
    }
    const hits = index.search(words);
    return {
      hits: hits.slice(0, limit).map(hit => ({
        path: (hit.id as string) || '/',
        title: hit.title,
        excerpt: excerptAround(hit.text, hit.terms),
      })),
      total: hits.length,
    };
  }

  /**
   * One page as markdown.
   *
   * @param path - as in {@link TechDocs.pages}; a fragment is ignored
   * @throws NotFoundError when there is no such page
   * @throws InputError when the path leads out of the site
   */
  async page(site: DocsSite, path: string): Promise<string> {
    await this.#assertInstalled();
    const file = toFile(path);
    const html = await this.#read(site, file).catch(async error => {
      if (error?.name !== 'NotFoundError') {
        throw error;
      }
      const pages = await this.pages(site);
      throw new NotFoundError(
        `The documentation of ${
          site.ref
        } has no page "${path}". Its pages: ${pages
          .slice(0, 20)
          .map(page => page.path)
          .join(', ')}`,
      );
    });
    return pageToMarkdown(html);
  }

  async #assertInstalled(): Promise<void> {
    if (!(await this.#plugins.isInstalled('techdocs'))) {
      throw new NotFoundError(
        'TechDocs is not installed in this portal, so there is no documentation to read',
      );
    }
  }

  async #searchIndex(site: DocsSite): Promise<SearchIndexEntry[]> {
    await this.#assertInstalled();
    const text = await this.#read(site, 'search/search_index.json').catch(
      error => {
        throw error?.name === 'NotFoundError'
          ? new NotFoundError(
              `${site.ref} has no published documentation in TechDocs`,
            )
          : error;
      },
    );
    try {
      const { docs } = JSON.parse(text) as { docs?: unknown };
      return Array.isArray(docs)
        ? docs.filter(isSearchIndexEntry).map(entry => ({
            location: entry.location,
            title: plainText(entry.title),
            text: plainText(entry.text),
          }))
        : [];
    } catch (error) {
      throw new InputError(
        `The search index of the documentation of ${site.ref} is broken`,
        error,
      );
    }
  }

  async #read(site: DocsSite, file: string): Promise<string> {
    const { kind, namespace, name } = parseEntityRef(site.ref);
    const folder = [namespace, kind, name]
      .map(part => encodeURIComponent(part.toLocaleLowerCase('en-US')))
      .join('/');
    const response = await this.#plugins.fetch({
      plugin: 'techdocs',
      path: `/static/docs/${folder}/${file}`,
      credentials: site.credentials,
    });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > MAX_FILE_BYTES) {
        throw new InputError(
          `${file} of ${site.ref} is larger than ${MAX_FILE_BYTES} bytes, too large to read`,
        );
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

/** Whose documentation is read, and with whose rights. */
export interface DocsSite {
  ref: string;
  credentials: BackstageCredentials;
}

/**
 * The ref of the entity that holds an entity's documentation: itself, or the
 * one that `backstage.io/techdocs-entity` names.
 */
export function docsRefOf(entity: Entity, ref: string): string {
  const other = annotation(entity, 'backstage.io/techdocs-entity');
  return other && isEntityRef(other) ? other.toLocaleLowerCase('en-US') : ref;
}

function toFile(path: string): string {
  const page = path.split(/[#?]/)[0].replace(/^\/+/, '');
  const parts = page.split('/');
  if (parts.includes('..') || /[\\%\0]/.test(page)) {
    throw new InputError(
      `"${path}" is not a page of the documentation. Ask without path for the list of pages`,
    );
  }
  const withIndex =
    page === '' || page.endsWith('/')
      ? `${page}index.html`
      : page.replace(/(\.md)?$/, match => (match ? '/index.html' : ''));
  const file = /\.html$/.test(withIndex)
    ? withIndex
    : `${withIndex}/index.html`;
  return file.split('/').map(encodeURIComponent).join('/');
}

function isSearchIndexEntry(entry: unknown): entry is SearchIndexEntry {
  const { location, title, text } = (entry ?? {}) as Record<string, unknown>;
  return (
    typeof location === 'string' &&
    typeof title === 'string' &&
    typeof text === 'string'
  );
}

/** MkDocs writes titles and texts as HTML. */
function plainText(html: string): string {
  return decodeHTML(html.replace(/<[^<>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

function excerptAround(text: string, terms: string[]): string {
  const lower = text.toLocaleLowerCase('en-US');
  const positions = terms
    .map(term => lower.indexOf(term))
    .filter(position => position >= 0);
  const start = Math.max(0, Math.min(...positions, text.length) - 60);
  const excerpt = text.slice(start, start + EXCERPT_LENGTH);
  return `${start > 0 ? '…' : ''}${excerpt}${
    start + EXCERPT_LENGTH < text.length ? '…' : ''
  }`;
}
