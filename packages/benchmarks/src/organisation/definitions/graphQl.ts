import { toPascalCase } from '../names';
import type { TopicWords } from '../words';

/** Writes a GraphQL schema: a query, a mutation and the types of each topic. */
export function graphQlDefinition(topics: TopicWords[]): string {
  const named = topics.map(topic => ({
    ...topic,
    one: toPascalCase(topic.resource),
    many: toPascalCase(topic.plural),
  }));
  const queries = named.map(
    ({ one, many }) =>
      `  "Finds one by its id"\n  ${lowerFirst(one)}(id: ID!): ${one}\n` +
      `  "Lists, newest first"\n  list${many}(first: Int = 50, after: String): ${one}Page!`,
  );
  const mutations = named.flatMap(({ one, actions }) => [
    `  create${one}(input: New${one}!): ${one}!`,
    ...actions.map(action => `  ${action}${one}(id: ID!): ${one}!`),
  ]);
  const types = named.map(
    ({ one, purpose }) => `"${purpose}"
type ${one} {
  id: ID!
  status: Status!
  amount: Money
  reason: String
  createdAt: DateTime!
  updatedAt: DateTime
}

input New${one} {
  externalId: String!
  amount: MoneyInput
  reason: String
  labels: [String!]
}

type ${one}Page {
  items: [${one}!]!
  nextCursor: String
}`,
  );
  return `scalar DateTime

enum Status {
  OPEN
  ACTIVE
  CLOSED
}

type Money {
  amount: String!
  currency: String!
}

input MoneyInput {
  amount: String!
  currency: String!
}

type Query {
${queries.join('\n')}
}

type Mutation {
${mutations.join('\n')}
}

${types.join('\n\n')}
`;
}

function lowerFirst(word: string): string {
  return word[0].toLocaleLowerCase('en-US') + word.slice(1);
}
