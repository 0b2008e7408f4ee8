import type { Entity } from '@backstage/catalog-model';
import { importedAnnotations } from './metadata';
import { NameBook, toTitle } from './names';
import { createPopularityChooser, Random } from './random';
import type { OrganisationSizes } from './sizes';
import { AREAS, FIRST_NAMES, LAST_NAMES } from './words';

const TEAM_FLAVOURS =
  'core,experience,foundations,growth,integrations,reliability,insights,tooling,enablement'.split(
    ',',
  );

const DIVISIONS =
  'commerce,money,logistics,customers,trust,technology,insight'.split(',');

/** The people of an organisation. */
export interface People {
  groups: Entity[];
  users: Entity[];
  /** The team that owns a system of an area; some teams own much, most own little. */
  chooseOwner(random: Random, area: string): string;
}

/** Creates the hierarchy company, divisions, departments, teams, and who is in it. */
export function createPeople(random: Random, sizes: OrganisationSizes): People {
  const divisionCount = Math.min(DIVISIONS.length, Math.ceil(sizes.teams / 50));
  const departmentCount = Math.min(32, Math.ceil(sizes.teams / 11));
  const teamCount = sizes.teams - 1 - divisionCount - departmentCount;

  const company = group('meridian', 'organisation');
  const divisions = DIVISIONS.slice(0, divisionCount).map(name =>
    group(name, 'business-unit', company),
  );
  const departments = AREAS.slice(0, departmentCount).map(({ name }, index) =>
    group(`${name}-department`, 'department', divisions[index % divisionCount]),
  );
  const names = new NameBook();
  const teams = Array.from({ length: teamCount }, (_, index) => {
    const area = AREAS[index % AREAS.length].name;
    const flavour =
      TEAM_FLAVOURS[Math.floor(index / AREAS.length) % TEAM_FLAVOURS.length];
    const department = departments[(index % AREAS.length) % departmentCount];
    return group(names.claim(`${area}-${flavour}`), 'team', department);
  });

  const teamNames = teams.map(team => team.metadata.name);
  const chooseTeam = createPopularityChooser(
    random.sample(teamNames, teamNames.length),
    { exponent: 0.7, shift: 5 },
  );
  return {
    groups: [company, ...divisions, ...departments, ...teams],
    users: createUsers(random, sizes.users, chooseTeam),
    chooseOwner: (draw, area) => {
      const own = teamNames.filter(name => name.startsWith(`${area}-`));
      // A tenth of all systems is owned elsewhere, as after a reorganisation.
      return own.length === 0 || draw.chance(0.1)
        ? chooseTeam(draw)
        : own[Math.floor(draw.next() ** 2 * own.length)];
    },
  };
}

function group(name: string, type: string, parent?: Entity): Entity {
  if (parent) {
    (parent.spec!.children as string[]).push(name);
  }
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: {
      name,
      namespace: 'default',
      description: `The ${type} ${toTitle(name)} of Meridian.`,
      annotations: importedAnnotations('directory'),
      links: [
        {
          url: `https://chat.meridian.example/channels/${name}`,
          title: 'Chat',
        },
      ],
    },
    spec: {
      type,
      profile: {
        displayName: toTitle(name),
        email: `${name}@meridian.example`,
      },
      ...(parent && { parent: parent.metadata.name }),
      children: [],
    },
  };
}

function createUsers(
  random: Random,
  count: number,
  chooseTeam: (random: Random) => string,
): Entity[] {
  const names = new NameBook();
  return Array.from({ length: count }, () => {
    const first = random.pick(FIRST_NAMES);
    const last = random.pick(LAST_NAMES);
    const name = names.claim(`${first}.${last}`.toLocaleLowerCase('en-US'), '');
    const teams = [chooseTeam(random)];
    if (random.chance(0.2)) {
      teams.push(chooseTeam(random));
    }
    return {
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'User',
      metadata: {
        name,
        namespace: 'default',
        annotations: importedAnnotations('directory'),
      },
      spec: {
        profile: {
          displayName: `${first} ${last}`,
          email: `${name}@meridian.example`,
        },
        memberOf: [...new Set(teams)],
      },
    };
  });
}
