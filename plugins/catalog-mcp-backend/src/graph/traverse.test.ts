import fc from 'fast-check';
import { CatalogGraph, CatalogNode } from './CatalogGraph';
import { findPathAsCaller, traverse, traverseAsCaller } from './traverse';
import type { CallerCatalog } from '../catalog/CallerCatalog';

const refOf = (number: number) => `component:default/c${number}`;

/** A graph in which each pair says that the first depends on the second. */
function graphOf(size: number, pairs: Array<[number, number]>): CatalogGraph {
  const nodes = new Map<string, CatalogNode>();
  for (let number = 0; number < size; number++) {
    const relations = pairs.flatMap(([from, to]) => [
      ...(from === number ? [{ type: 'dependsOn', target: refOf(to) }] : []),
      ...(to === number ? [{ type: 'dependencyOf', target: refOf(from) }] : []),
    ]);
    nodes.set(refOf(number), {
      ref: refOf(number),
      relations,
    } as unknown as CatalogNode);
  }
  return new CatalogGraph(nodes);
}

const callerWhoReads = (readable: Set<string>) =>
  ({
    readable: async (refs: Iterable<string>) =>
      new Set([...refs].filter(ref => readable.has(ref))),
  } as CallerCatalog);

const SIZE = 12;
const number = fc.integer({ min: 0, max: SIZE - 1 });
const pairs = fc.array(fc.tuple(number, number), { maxLength: 40 });

describe('traversals of the graph', () => {
  it('reach each entity once, by a shortest way, in both directions alike', () => {
    fc.assert(
      fc.property(
        pairs,
        number,
        fc.integer({ min: 1, max: 5 }),
        (edges, root, depth) => {
          const graph = graphOf(SIZE, edges);
          const { reached, capped } = traverse({
            graph,
            root: refOf(root),
            direction: 'dependencies',
            depth,
            maxNodes: 100,
          });
          expect(capped).toBe(false);
          const refs = reached.map(({ ref }) => ref);
          expect(new Set(refs).size).toBe(refs.length);
          expect(refs).not.toContain(refOf(root));
          for (const step of reached) {
            const back = traverse({
              graph,
              root: step.ref,
              direction: 'dependents',
              depth,
              maxNodes: 100,
            });
            expect(
              step.ref === refOf(root) ||
                back.reached.find(({ ref }) => ref === refOf(root))?.depth,
            ).toBe(step.depth);
          }
        },
      ),
    );
  });

  it('never enter, nor pass through, what the caller may not read', async () => {
    await fc.assert(
      fc.asyncProperty(
        pairs,
        number,
        number,
        fc.uniqueArray(number),
        async (edges, root, target, hidden) => {
          const readable = new Set(
            Array.from({ length: SIZE }, (_, each) => refOf(each)).filter(
              ref => !hidden.map(refOf).includes(ref),
            ),
          );
          readable.add(refOf(root)).add(refOf(target));
          const visibleEdges = edges.filter(
            ([from, to]) =>
              readable.has(refOf(from)) && readable.has(refOf(to)),
          );
          const caller = callerWhoReads(readable);
          const walk = {
            direction: 'dependencies',
            depth: 5,
            maxNodes: 100,
          } as const;
          const asCaller = await traverseAsCaller({
            ...walk,
            graph: graphOf(SIZE, edges),
            caller,
            root: refOf(root),
          });
          // The same as if the hidden entities did not exist.
          expect(
            asCaller.reached.map(({ ref, depth }) => [ref, depth]).sort(),
          ).toEqual(
            traverse({
              ...walk,
              graph: graphOf(SIZE, visibleEdges),
              root: refOf(root),
            })
              .reached.map(({ ref, depth }) => [ref, depth])
              .sort(),
          );

          const ends = { from: refOf(root), to: refOf(target), depth: 8 };
          const path = await findPathAsCaller({
            ...ends,
            graph: graphOf(SIZE, edges),
            caller,
          });
          const open = await findPathAsCaller({
            ...ends,
            graph: graphOf(SIZE, visibleEdges),
            caller,
          });
          expect(path?.length).toBe(open?.length);
          expect(path?.every(({ ref }) => readable.has(ref)) ?? true).toBe(
            true,
          );
        },
      ),
    );
  });

  it('stop at a number of entities and say so', () => {
    const star = graphOf(
      SIZE,
      Array.from({ length: SIZE - 1 }, (_, each) => [0, each + 1]),
    );
    const walk = {
      graph: star,
      root: refOf(0),
      direction: 'dependencies',
      depth: 1,
    } as const;
    expect(traverse({ ...walk, maxNodes: 5 })).toMatchObject({ capped: true });
    expect(traverse({ ...walk, maxNodes: 5 }).reached).toHaveLength(5);
    expect(traverse({ ...walk, maxNodes: SIZE - 1 }).capped).toBe(false);
  });
});
