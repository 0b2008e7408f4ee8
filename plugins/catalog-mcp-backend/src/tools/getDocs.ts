import { NotFoundError } from '@backstage/errors';
import { z } from 'zod/v3';
import { withoutEmpty } from '../catalog/entities';
import { docsRefOf, TechDocs } from '../documentation/TechDocs';
import type { EntityResolver } from '../names/EntityResolver';
import { defineCatalogTool } from './CatalogTool';
import {
  entityRefSchema,
  integerSchema,
  moreSchema,
  noteSchema,
  textSchema,
} from './schemas';

const PAGES_LISTED = 100;
const HITS_LISTED = 8;

/** Characters of a page in one answer. */
const PAGE_CHARACTERS = 12_000;

/** Reads documentation. */
export function createGetDocsTool(options: {
  resolver: EntityResolver;
  techDocs: TechDocs;
}) {
  const { resolver, techDocs } = options;
  return defineCatalogTool({
    name: 'get-docs',
    title: 'Read documentation',
    description:
      "An entity's TechDocs documentation. Without path and search: its list of pages. With path: that page as markdown. With search: the sections that fit.",
    input: z.object({
      ref: entityRefSchema(),
      path: textSchema(
        'Page to read, from the list of pages or a search; / is the first',
        300,
      ).optional(),
      search: textSchema('Words to look for in all pages').optional(),
      offset: integerSchema({
        min: 0,
        max: 10_000_000,
        default: 0,
        description: 'Characters of the page to skip, to read on',
      }),
    }),
    output: z.object({
      ref: z.string(),
      pages: z
        .array(z.object({ path: z.string(), title: z.string().optional() }))
        .optional(),
      hits: z
        .array(
          z.object({
            path: z.string(),
            title: z.string().optional(),
            excerpt: z.string(),
          }),
        )
        .optional(),
      markdown: z.string().optional(),
      more: moreSchema,
      note: noteSchema,
    }),
    examples: [
      { title: 'What is documented?', input: { ref: 'payments-api' } },
      {
        title: 'How is it rolled back?',
        input: { ref: 'payments-api', search: 'rollback' },
      },
      {
        title: 'The runbook',
        input: { ref: 'payments-api', path: 'runbook/' },
      },
    ],
    async run({ ref, path, search, offset }, caller) {
      const {
        entity,
        ref: asked,
        note,
      } = await resolver.resolve({
        text: ref,
        caller,
      });
      const site = {
        ref: docsRefOf(entity, asked),
        credentials: caller.credentials,
      };
      if (site.ref !== asked) {
        // The documentation is another entity's, which the caller must be able to read too.
        if (!(await caller.entity(site.ref))) {
          throw new NotFoundError(
            `The documentation of ${asked} is that of an entity which is not there or not visible to you`,
          );
        }
      }
      if (search?.trim()) {
        const { hits, total } = await techDocs.search(
          site,
          search,
          HITS_LISTED,
        );
        return withoutEmpty({
          ref: site.ref,
          hits,
          more:
            total === 0
              ? 'Nothing fits. Ask without search for the list of pages.'
              : moreOf(total, HITS_LISTED, 'sections; narrow the words'),
          note,
        });
      }
      if (path !== undefined) {
        const markdown = await techDocs.page(site, path);
        const end = offset + PAGE_CHARACTERS;
        return withoutEmpty({
          ref: site.ref,
          markdown: markdown.slice(offset, end),
          more:
            markdown.length > end
              ? `Characters ${offset} to ${end} of ${markdown.length}. Ask with offset ${end} to read on.`
              : undefined,
          note,
        });
      }
      const pages = await techDocs.pages(site);
      return withoutEmpty({
        ref: site.ref,
        pages: pages.slice(0, PAGES_LISTED),
        more: moreOf(
          pages.length,
          PAGES_LISTED,
          'pages; look further with search',
        ),
        note,
      });
    },
  });
}

function moreOf(
  total: number,
  listed: number,
  what: string,
): string | undefined {
  return total > listed ? `${listed} of ${total} ${what}.` : undefined;
}
