import type { Entity } from '@backstage/catalog-model';
import {
  Contender,
  CONTENDERS,
  ContenderName,
  McpSession,
  Sessions,
} from './contenders';
import { Measurement, measureInTurns, Meter, Turn } from './measure';
import { coverage, OrganisationModel, Question, textOf } from './questions';
import type { Stack } from './stack';

/** What was measured for one question. */
export interface QuestionResult {
  id: string;
  title: string;
  measurements: Measurement[];
}

interface Connected {
  name: ContenderName;
  meter: Meter;
  session: Sessions[ContenderName];
}

/**
 * Asks every contender every question, and for the list of its tools.
 *
 * @param options.requests - for each question and contender
 * @param options.say - is told which question is being asked
 */
export async function measureCatalog(options: {
  stack: Stack;
  entities: Entity[];
  contenders: ContenderName[];
  questions: Question[];
  requests: number;
  say: (line: string) => void;
}): Promise<QuestionResult[]> {
  const { stack, questions, requests, say } = options;
  const organisation = new OrganisationModel(options.entities);
  const connected: Connected[] = [];
  for (const name of options.contenders) {
    const meter = new Meter();
    const contender: Contender = CONTENDERS[name];
    connected.push({
      name,
      meter,
      session: await contender.connect(stack, meter),
    });
  }

  const results: QuestionResult[] = [];
  for (const question of questions) {
    say(question.title);
    const subjects = question.subjects(organisation);
    if (subjects.length === 0) {
      say('  skipped: the organisation is too small to ask it');
      continue;
    }
    results.push({
      id: question.id,
      title: question.title,
      measurements: await measureInTurns({
        turns: connected.map(each =>
          askingTurn(each, question, subjects, organisation),
        ),
        subjects: subjects.length,
        rounds: requests,
      }),
    });
  }
  say('tools/list');
  results.push({
    id: 'tools-list',
    title: 'tools/list',
    measurements: await measureInTurns({
      turns: connected.flatMap(listingTurn),
      subjects: 1,
      rounds: requests,
    }),
  });
  for (const { session } of connected) {
    if (session instanceof McpSession) {
      await session.close();
    }
  }
  return results;
}

function askingTurn(
  { name, meter, session }: Connected,
  question: Question,
  subjects: string[],
  organisation: OrganisationModel,
): Turn {
  const ask = question.ask[name] as Question['ask'][typeof name];
  return {
    contender: name,
    meter,
    run: async subject => {
      const reading = await ask(session as never, subjects[subject]);
      return () => textOf(reading);
    },
    cover: (text, subject) =>
      coverage(text, question.facts(organisation, subjects[subject])),
  };
}

/** Hosts give models the name, description and input schema of a tool. */
function listingTurn({ name, meter, session }: Connected): Turn[] {
  if (!(session instanceof McpSession)) {
    return [];
  }
  return [
    {
      contender: name,
      meter,
      run: async () => {
        const tools = await session.listTools();
        return () =>
          JSON.stringify(
            tools.map(tool => ({
              name: tool.name,
              description: tool.description,
              inputSchema: tool.inputSchema,
            })),
          );
      },
      cover: () => 1,
    },
  ];
}
