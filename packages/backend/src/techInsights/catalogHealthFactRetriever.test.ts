import { Entity } from '@backstage/catalog-model';
import { toFact } from './catalogHealthFactRetriever';

const ownerRefs = new Set(['group:default/team']);

function entity(kind: string, rest: Partial<Entity> = {}): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name: 'thing' },
    ...rest,
  };
}

describe('catalog health facts', () => {
  it('tell an owner that exists from one that does not', () => {
    const ownedBy = (targetRef: string) =>
      toFact(
        entity('System', { relations: [{ type: 'ownedBy', targetRef }] }),
        ownerRefs,
      ).facts.hasExistingOwner;

    expect(ownedBy('group:default/team')).toBe(true);
    expect(ownedBy('group:default/dissolved')).toBe(false);
    expect(toFact(entity('System'), ownerRefs).facts.hasExistingOwner).toBe(
      false,
    );
  });

  it('are only those that mean something for the kind', () => {
    const factNames = (kind: string) =>
      Object.keys(toFact(entity(kind), ownerRefs).facts);

    expect(factNames('System')).toEqual(['hasExistingOwner', 'hasDescription']);
    expect(factNames('API')).toEqual([
      'hasExistingOwner',
      'hasDescription',
      'isDeprecated',
    ]);
    expect(factNames('Component')).toEqual([
      'hasExistingOwner',
      'hasDescription',
      'hasTechDocs',
      'isDeprecated',
    ]);
  });

  it('reflect description, documentation and lifecycle', () => {
    const { facts } = toFact(
      entity('Component', {
        metadata: {
          name: 'thing',
          description: 'A thing',
          annotations: { 'backstage.io/techdocs-ref': 'dir:.' },
        },
        spec: { lifecycle: 'deprecated' },
      }),
      ownerRefs,
    );
    expect(facts).toMatchObject({
      hasDescription: true,
      hasTechDocs: true,
      isDeprecated: true,
    });
  });
});
