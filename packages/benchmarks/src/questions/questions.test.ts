import { generateOrganisation } from '../organisation';
import { OrganisationModel } from './OrganisationModel';
import { QUESTIONS } from './questions';

const organisation = new OrganisationModel(generateOrganisation());

describe.each(QUESTIONS)('the question $id', question => {
  const subjects = question.subjects(organisation);

  it('has different subjects, each with facts that an answer must have', () => {
    expect(subjects.length).toBeGreaterThan(2);
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const subject of subjects) {
      expect(question.facts(organisation, subject).words).not.toEqual([]);
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
