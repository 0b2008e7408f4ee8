import { stringify } from 'yaml';
import { toPascalCase, toTitle } from '../names';
import type { SystemPlan } from '../systems';
import type { TopicWords } from '../words';

const EVENTS = ['created', 'updated', 'closed'];

/** Writes an AsyncAPI 3.0 document in YAML: three events for each topic, over Kafka. */
export function asyncApiDefinition(
  system: SystemPlan,
  topics: TopicWords[],
): string {
  const events = topics.flatMap(topic =>
    EVENTS.map(event => ({
      topic,
      event,
      message: `${toPascalCase(topic.resource)}${toPascalCase(event)}`,
    })),
  );
  return stringify({
    asyncapi: '3.0.0',
    info: {
      title: `${toTitle(system.name)} events`,
      version: '1.0.0',
      description: `${system.topic.purpose}. Events are delivered at least once, in order by key.`,
    },
    servers: {
      production: {
        host: 'kafka.meridian.example:9093',
        protocol: 'kafka-secure',
      },
    },
    channels: Object.fromEntries(
      events.map(({ topic, event, message }) => [
        message,
        {
          address: `${system.area.name}.${system.topic.name}.${topic.resource}-${event}.v1`,
          messages: { [message]: { $ref: `#/components/messages/${message}` } },
        },
      ]),
    ),
    operations: Object.fromEntries(
      events.map(({ topic, event, message }) => [
        `on${message}`,
        {
          action: 'send',
          channel: { $ref: `#/channels/${message}` },
          summary: `Says that a ${topic.resource} was ${event}`,
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        events.map(({ topic, message }) => [
          message,
          {
            name: message,
            contentType: 'application/json',
            payload: {
              $ref: `#/components/schemas/${toPascalCase(topic.resource)}`,
            },
          },
        ]),
      ),
      schemas: Object.fromEntries(
        topics.map(topic => [
          toPascalCase(topic.resource),
          {
            type: 'object',
            required: ['id', 'occurredAt'],
            properties: {
              id: { type: 'string', format: 'uuid' },
              occurredAt: { type: 'string', format: 'date-time' },
              status: { type: 'string', enum: ['open', 'active', 'closed'] },
              actor: { type: 'string' },
              trace: { type: 'string' },
            },
          },
        ]),
      ),
    },
  });
}
