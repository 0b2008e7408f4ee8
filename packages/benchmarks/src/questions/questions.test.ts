import { generateOrganisation } from '../organisation';
import { OrganisationModel } from './OrganisationModel';
import { QUESTIONS } from './questions';

const organisation = new OrganisationModel(generateOrganisation());

const small = new OrganisationModel(generateOrganisation({ scale: 0.02 }));

describe.each(QUESTIONS)('the question $id', question => {
  it('has several subjects, none of them twice', () => {
    const subjects = question.subjects(organisation);
    expect(subjects.length).toBeGreaterThan(2);
    expect(new Set(subjects).size).toBe(subjects.length);
  });

  it.each([
    ['the whole organisation', organisation],
    ['a small one', small],
  ])('knows what an answer must have, in %s', (_, model) => {
    for (const subject of question.subjects(model)) {
      expect(question.facts(model, subject).words).not.toEqual([]);
    }
  });
});

describe('OrganisationModel', () => {
  it('reaches dependencies and dependents as mirror images', () => {
    const [service] = organisation
      .services()
      .filter(ref => organisation.reach(ref, 'dependencies', 1).length > 3);
    for (const target of organisation.reach(service, 'dependencies', 1)) {
      expect(organisation.reach(target, 'dependents', 1)).toContain(service);
    }
  });

  it('reaches further with each step and never what does not exist', () => {
    for (const service of organisation.services().slice(0, 50)) {
      const near = organisation.reach(service, 'dependencies', 1);
      const far = organisation.reach(service, 'dependencies', 3);
      expect(far).toEqual(expect.arrayContaining(near));
      expect(far.filter(ref => !organisation.entities.has(ref))).toEqual([]);
      expect(far).not.toContain(service);
    }
  });
});
